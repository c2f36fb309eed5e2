/// What a model makes of an item.
public struct SuiteScores: Sendable, Equatable {
  /// The log-probability of each answer's text, in nats, summed over its tokens.
  public let values: [Double]
  /// Whether a greedy model gives the answer; empty unless that was asked.
  public let areGreedy: [Bool]

  /// Scores from their parts.
  public init(values: [Double], areGreedy: [Bool] = []) {
    (self.values, self.areGreedy) = (values, areGreedy)
  }

  /// The place of the answer with the highest log-probability; of equals the first.
  public var best: Int { values.firstLargest }

  /// The same, by log-probability for each character.
  public func normalizedBest(lengths: [Int]) -> Int {
    zip(values, lengths).map { $0 / Double(max($1, 1)) }.firstLargest
  }
}

extension ChoiceScorer {
  /// Scores an item's prompts under the full plan and under the variant.
  ///
  /// - Throws: as `score`.
  public func score(
    _ prompts: [ChoicePrompt]
  ) throws -> (baseline: SuiteScores, variant: SuiteScores) {
    let pairs = try prompts.map { try score($0) }
    return (SuiteScores(pairs.map(\.baseline)), SuiteScores(pairs.map(\.variant)))
  }
}

extension SuiteScores {
  /// One request's answers, or one answer of each request.
  fileprivate init(_ scores: [ChoiceScores]) {
    self.init(values: scores.flatMap(\.values), areGreedy: scores.flatMap(\.areGreedy))
  }
}
