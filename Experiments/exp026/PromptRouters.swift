import AISHarness
import AISKit

/// The two prompt routers that find a category from a probe: the map's neighbours, and a network
/// trained on the map's entries and stopped by the validation prompts.
struct PromptRouters {
  let map: TopologicalMap
  private let k: Int
  private let training: PromptClassifierTraining.Outcome
  private let validated: Proportion

  /// - Throws: `RequestError`, and what training throws.
  init(map: TopologicalMap, _ sample: RoutingSample, k: Int, seed: UInt64) throws {
    let (probes, entries) = try map.labelledProbes()
    let places = Dictionary(uniqueKeysWithValues: map.categories.enumerated().map { ($1, $0) })
    let labels = sample.validation.prompts.map { places[$0.category] ?? -1 }
    let stopping = try ClassifierExamples(
      probes: sample.validationProbes, labels: labels, width: map.width,
      classCount: map.categories.count)
    var settings = PromptClassifierTraining()
    settings.seed = seed
    training = try settings.train(
      on: ClassifierExamples(
        probes: probes, labels: entries.map(\.category), width: map.width,
        classCount: map.categories.count), stoppingBy: stopping)
    validated = Proportion(
      of: zip(try training.classifier.classes(of: sample.validationProbes), labels).map { $0 == $1 }
    )
    self.map = map
    self.k = k
  }

  /// The category that the map's neighbours vote for.
  func neighbors(_ probe: [Float]) throws -> (category: String, confidence: Double) {
    let found = try map.lookUp(probe, k: k)
    return (map.categories[found.category], found.confidence)
  }

  /// The category that the network finds.
  func classifier(_ probe: [Float]) throws -> String {
    map.categories[try training.classifier.classes(of: probe)[0]]
  }

  /// A line about the training, for the terminal.
  var summary: String {
    "  network  of categories, trained on the map's \(map.count) entries: best of "
      + "\(training.epochs) epochs is \(training.bestEpoch), \(validated.successes) of "
      + "\(validated.trials) validation prompts right"
  }
}

/// A network that finds a prompt's plan directly from its probe.
///
/// It is trained on the plans' outcomes on the calibration prompts, and stopped by the validation
/// prompts.
struct PlanClassifier {
  private let training: PromptClassifierTraining.Outcome
  /// The plans, by class.
  private let plans: [String]

  /// - Throws: what training throws.
  init(rows: [Exp026.Row], _ sample: RoutingSample, seed: UInt64) throws {
    let report = RoutingReport(Evidence(rows: rows))
    var settings = PromptClassifierTraining()
    settings.seed = seed
    training = try settings.train(
      on: Self.examples(sample.calibrationProbes, report.table(.calibration)),
      stoppingBy: Self.examples(sample.validationProbes, report.table(.validation)))
    plans = report.plans
  }

  /// The plan for a probe: the layers that it leaves out.
  func plan(of probe: [Float]) throws -> String {
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
  var summary: String {
    "  network  of plans, trained on the calibration prompts: best of \(training.epochs) epochs is "
      + "\(training.bestEpoch)"
  }
}
