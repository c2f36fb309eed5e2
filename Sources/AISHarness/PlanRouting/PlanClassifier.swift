import AISKit

/// A network that finds a prompt's plan directly from its probe.
///
/// It is trained on the plans' outcomes on some prompts, and stopped by other prompts.
public struct PlanClassifier {
  private let training: PromptClassifierTraining.Outcome
  /// The plans, by class.
  private let plans: [String]

  /// Trains a network.
  ///
  /// - Parameters:
  ///   - plans: the plans' names, in the order of the tables.
  ///   - training: the outcomes to learn from, and the prompts' probes.
  ///   - stopping: those that stop the training.
  ///   - seed: where the training's draws start.
  /// - Throws: what training throws.
  public init(
    _ plans: [String], training: (probes: [Float], table: PlanTable),
    stopping: (probes: [Float], table: PlanTable), seed: UInt64
  ) throws {
    var settings = PromptClassifierTraining()
    settings.seed = seed
    self.training = try settings.train(
      on: Self.examples(training.probes, training.table),
      stoppingBy: Self.examples(stopping.probes, stopping.table))
    self.plans = plans
  }

  /// The name of the plan for a probe.
  ///
  /// Throws `RequestError` for a probe of another width.
  public func plan(of probe: [Float]) throws -> String {
    plans[try training.classifier.classes(of: probe)[0]]
  }

  /// A prompt's label is its best plan, or equal shares of the best plans.
  ///
  /// Its weight is how much better that is than a random plan.
  private static func examples(_ probes: [Float], _ table: PlanTable) throws -> ClassifierExamples {
    let agreements = table.outcomes.map { $0.map(\.agreement) }
    let targets = agreements.flatMap { row -> [Float] in
      let best = row.max() ?? 0
      let share = 1 / Float(row.count { $0 == best })
      return row.map { $0 == best ? share : 0 }
    }
    // If all plans are equal on a prompt, its weight is small but not 0: all prompts may be so.
    let weights = agreements.map { Float(max(($0.max() ?? 0) - Bootstrap.mean($0), 1e-4)) }
    return try ClassifierExamples(
      probes: probes, targets: targets, weights: weights,
      width: probes.count / table.outcomes.count)
  }

  /// A line about the training, for the terminal.
  public var summary: String {
    "  network  of plans, trained on the calibration prompts: best of \(training.epochs) epochs is "
      + "\(training.bestEpoch)"
  }
}
