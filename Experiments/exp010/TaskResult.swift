import AISHarness
import AISKit

/// A task's items, answered by the full model and by the variant.
struct TaskResult {
  /// An item's values, and what follows from them.
  private struct Answer {
    let group: String
    let full: Bool
    let variant: Bool
    let fullNormalized: Bool
    let variantNormalized: Bool
    let isSame: Bool
    let chance: Double
  }

  let task: SuiteTask
  private let answers: [Answer]
  private let pairs: ClusteredPairs
  /// The variant's accuracy less the full model's.
  let difference: Estimate

  init(_ task: SuiteTask, _ rows: [Exp010.Row]) {
    self.task = task
    answers = rows.map { Self.answer($0, task) }
    let usesNormalized = task.metric == .normalizedAccuracy
    pairs = ClusteredPairs(
      answers, by: \.group, baseline: { usesNormalized ? $0.fullNormalized : $0.full },
      variant: { usesNormalized ? $0.variantNormalized : $0.variant })
    difference = pairs.differenceEstimate
  }

  private static func answer(_ row: Exp010.Row, _ task: SuiteTask) -> Answer {
    func numbers(_ text: String) -> [Double] {
      text.split(separator: " ").compactMap { Double($0) }
    }
    let lengths = numbers(row.lengths).map { Int($0) }
    let (full, variant) = (numbers(row.baselineValues), numbers(row.variantValues))
    guard full.count > 1 else {
      return Answer(
        group: row.group, full: row.baselineIsGreedy, variant: row.variantIsGreedy,
        fullNormalized: row.baselineIsGreedy, variantNormalized: row.variantIsGreedy,
        isSame: row.baselineIsGreedy == row.variantIsGreedy, chance: 0)
    }
    func best(_ values: [Double]) -> (plain: Int, normalized: Int) {
      let scores = SuiteScores(values: values)
      return (scores.best, scores.normalizedBest(lengths: lengths))
    }
    let (own, other) = (best(full), best(variant))
    return Answer(
      group: row.group, full: own.plain == row.gold, variant: other.plain == row.gold,
      fullNormalized: own.normalized == row.gold, variantNormalized: other.normalized == row.gold,
      isSame: task.metric == .normalizedAccuracy
        ? own.normalized == other.normalized : own.plain == other.plain,
      chance: 1 / Double(full.count))
  }

  /// The full model's accuracy.
  var fullRate: Double { pairs.questions.baseline.rate }

  /// What each item gains (1) or loses (−1), by cluster.
  var differences: [[Double]] {
    pairs.clusters.map { cluster in
      [Double](repeating: 1, count: cluster.gained) + [Double](repeating: -1, count: cluster.lost)
        + [Double](repeating: 0, count: cluster.count - cluster.gained - cluster.lost)
    }
  }

  /// The full model's right answers less guessing, by cluster.
  var aboveChance: [[Double]] {
    let usesNormalized = task.metric == .normalizedAccuracy
    return Dictionary(grouping: answers, by: \.group).sorted { $0.key < $1.key }.map {
      $0.value.map { ((usesNormalized ? $0.fullNormalized : $0.full) ? 1 : 0) - $0.chance }
    }
  }

  private func share(_ holds: (Answer) -> Bool) -> Estimate {
    ClusteredShare(answers, by: \.group, where: holds).estimate
  }

  private func rate(_ holds: (Answer) -> Bool) -> Double { Proportion(of: answers.map(holds)).rate }

  static var cells: [Cells<TaskResult>] {
    [
      .cell("task", "the task", \.task.title),
      .cell(
        "metric", "acc: the answer of highest log-probability; acc_norm: for each character",
        \.task.metric.rawValue),
      .cell("items", "items asked", \.answers.count),
      .cell("chance", "accuracy of guessing", .share) { Bootstrap.mean($0.answers.map(\.chance)) },
      .estimate("full", "the full model's accuracy; items or their groups are resampled", .share) {
        task in
        let usesNormalized = task.task.metric == .normalizedAccuracy
        return task.share { usesNormalized ? $0.fullNormalized : $0.full }
      },
      .cell("variant", "the variant's", .share) { $0.pairs.questions.variant.rate },
      .estimate(
        "difference", "the variant's less the full model's, paired",
        .share(within: 0.02, digits: 2), \.difference),
      .cell("agree", "the same answer", .share) { $0.rate(\.isSame) },
      .cell(
        "flips",
        "right only with the variant, and only with the full model; exact McNemar of these",
        .unchecked
      ) {
        let all = $0.pairs.questions
        return "+\(all.gained) −\(all.lost), p = \(all.pValue.shown(.decimals(4)))"
      },
    ]
  }

  static var metricCells: [Cells<TaskResult>] {
    [
      .cell("task", "the task", \.task.title),
      .cell("full_acc", "full model, by log-probability", .share) { $0.rate(\.full) },
      .cell("variant_acc", "variant, by log-probability", .share) { $0.rate(\.variant) },
      .cell("full_acc_norm", "full model, by log-probability for each character", .share) {
        $0.rate(\.fullNormalized)
      },
      .cell("variant_acc_norm", "variant, by log-probability for each character", .share) {
        $0.rate(\.variantNormalized)
      },
    ]
  }
}
