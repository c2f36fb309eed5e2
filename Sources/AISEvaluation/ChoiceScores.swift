/// What a model thinks of a question's answers.
public struct ChoiceScores: Sendable, Equatable {
  /// For each answer its logit, where answers are letters, else the log-probability of its tokens,
  /// summed, in nats.
  public let values: [Double]
  /// The answer chosen: the highest logit, or the highest log-probability divided by the choice's
  /// characters; the first among equals.
  public let best: Int
  /// The token that the model itself would say next.
  public let topToken: Int32

  /// Scores from letters' logits.
  init(logits: [Double], topToken: Int32) {
    self.init(values: logits, ranking: logits, topToken: topToken)
  }

  /// Scores from summed log-probabilities.
  init(logProbabilities: [Double], characterCounts: [Int], topToken: Int32) {
    let ranking = zip(logProbabilities, characterCounts).map { $0 / Double(max($1, 1)) }
    self.init(values: logProbabilities, ranking: ranking, topToken: topToken)
  }

  private init(values: [Double], ranking: [Double], topToken: Int32) {
    self.values = values
    self.topToken = topToken
    best = ranking.firstLargest
  }
}

/// One question's scores under the full model and under the plan that routing chose.
public struct ChoicePair: Sendable, Equatable {
  /// Under the full plan.
  public let baseline: ChoiceScores
  /// Under `plan`.
  public let variant: ChoiceScores
  /// What the variant left out.
  public let plan: DepthPlan
}
