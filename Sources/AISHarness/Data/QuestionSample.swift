import AISKit

/// Questions drawn evenly over the subjects, the same for the same seed.
public enum QuestionSample {
  /// A sample of `count` questions, each with its row: its index in `questions`.
  ///
  /// Every subject gives equally many; if one has too few, the others give more, evenly. The seed
  /// draws which subjects give a remainder's questions. Rows ascend, so a subject's questions stay
  /// together and neighbours share the beginning of their prompts. A `count` of all or more gives
  /// every question. A larger sample holds every question of a smaller one.
  public static func spread(
    _ questions: [MultipleChoiceQuestion], count: Int, seed: UInt64
  ) -> [(row: Int, question: MultipleChoiceQuestion)] {
    let groups = Dictionary(grouping: questions.indices) { questions[$0].subject }
    var generator = SplitMix64(seed: seed)
    var pools = groups.sorted { $0.key < $1.key }.map { generator.shuffled($0.value) }
    pools = generator.shuffled(pools)
    let shares = EvenShares.of(count, capacities: pools.map(\.count))
    let rows = zip(pools, shares).flatMap { $0.prefix($1) }.sorted()
    return rows.map { ($0, questions[$0]) }
  }
}
