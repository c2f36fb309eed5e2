/// A model's scores of a question's answers.
public struct ChoiceScores: Sendable, Equatable {
  /// For each answer: the logit of its letter, or the sum of its tokens' log-probabilities in nats.
  public let values: [Double]
  /// The chosen answer: the highest logit, or the highest log-probability divided by the answer's
  /// characters; of equals the first.
  public let best: Int
  /// The model's most probable next token.
  public let topToken: Int32
  /// For each answer, whether all of its tokens are the model's most probable ones; empty unless the prompt asks.
  public let areGreedy: [Bool]

  /// Scores from letters' logits.
  init(logits: [Double], topToken: Int32) {
    self.init(values: logits, ranking: logits, topToken: topToken, areGreedy: [])
  }

  /// Scores from summed log-probabilities.
  init(
    logProbabilities: [Double], characterCounts: [Int], topToken: Int32, areGreedy: [Bool]
  ) {
    let ranking = zip(logProbabilities, characterCounts).map { $0 / Double(max($1, 1)) }
    self.init(
      values: logProbabilities, ranking: ranking, topToken: topToken, areGreedy: areGreedy)
  }

  private init(values: [Double], ranking: [Double], topToken: Int32, areGreedy: [Bool]) {
    self.values = values
    self.areGreedy = areGreedy
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
  /// The variant's plan.
  public let plan: DepthPlan
}
