import AISKit

/// Prompts drawn from one split, evenly over the categories, the same for the same seed.
///
/// A category's prompts are put in an order drawn from the seed, and a sample takes them from the
/// front. A sample goes through the categories in turns, in an order drawn anew for each turn, so
/// its beginning is as balanced as the whole, and a run that is cut off has some of everything.
public enum PromptSample {
  /// A sample of `count` prompts of `split`.
  ///
  /// Every category gives equally many; where one has too few, the others make up for it evenly.
  /// Fewer than `count` come back only where the split has no more. A smaller sample need not be
  /// the beginning of a larger one.
  public static func stratified(
    _ prompts: [InstructionPrompt], split: Split, count: Int, seed: UInt64
  ) -> [InstructionPrompt] {
    draw(prompts, split, seed) { EvenShares.of(count, capacities: $0) }
  }

  /// A sample of `count` prompts of `split` in each category, or of all where it has fewer.
  public static func perCategory(
    _ prompts: [InstructionPrompt], split: Split, count: Int, seed: UInt64
  ) -> [InstructionPrompt] {
    draw(prompts, split, seed) { $0.map { min($0, max(count, 0)) } }
  }

  private static func draw(
    _ prompts: [InstructionPrompt], _ split: Split, _ seed: UInt64, shares: ([Int]) -> [Int]
  ) -> [InstructionPrompt] {
    let groups = Dictionary(grouping: prompts.filter { $0.split == split }, by: \.category)
    var generator = SplitMix64(seed: seed)
    // Names in order first, as a dictionary has none; then which of them is favoured is drawn.
    var pools = groups.sorted { $0.key < $1.key }.map { generator.shuffled($0.value) }
    pools = generator.shuffled(pools)
    let drawn = zip(pools, shares(pools.map(\.count))).map { Array($0.prefix($1)) }
    return (0..<(drawn.map(\.count).max() ?? 0)).flatMap { turn in
      generator.shuffled(drawn.filter { turn < $0.count }.map { $0[turn] })
    }
  }
}
