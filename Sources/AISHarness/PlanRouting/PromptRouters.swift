import AISKit

/// The two prompt routers that find a category from a probe: the map's neighbours, and a network
/// trained on the map's entries and stopped by the validation prompts.
public struct PromptRouters {
  /// The map whose neighbours vote.
  public let map: TopologicalMap
  private let k: Int
  private let training: PromptClassifierTraining.Outcome
  private let validated: Proportion

  /// The map, and a network trained on its entries.
  ///
  /// - Parameters:
  ///   - map: a map with its entries' probes.
  ///   - stopping: the categories of the prompts that stop the training.
  ///   - stoppingProbes: their probes. Shape: [prompts, hiddenSize].
  ///   - k: neighbours that vote.
  ///   - seed: where the training's draws start.
  /// - Throws: `RequestError`, and what training throws.
  public init(
    map: TopologicalMap, stoppingBy stopping: [String], _ stoppingProbes: [Float], k: Int,
    seed: UInt64
  ) throws {
    let (probes, entries) = try map.labelledProbes()
    let places = Dictionary(uniqueKeysWithValues: map.categories.enumerated().map { ($1, $0) })
    let labels = stopping.map { places[$0] ?? -1 }
    let examples = try ClassifierExamples(
      probes: stoppingProbes, labels: labels, width: map.width,
      classCount: map.categories.count)
    var settings = PromptClassifierTraining()
    settings.seed = seed
    training = try settings.train(
      on: ClassifierExamples(
        probes: probes, labels: entries.map(\.category), width: map.width,
        classCount: map.categories.count), stoppingBy: examples)
    validated = Proportion(
      of: zip(try training.classifier.classes(of: stoppingProbes), labels).map { $0 == $1 }
    )
    self.map = map
    self.k = k
  }

  /// The category that the map's neighbours vote for.
  ///
  /// Throws `RequestError` for a probe that does not fit the map.
  public func neighbors(_ probe: [Float]) throws -> (category: String, confidence: Double) {
    let found = try map.lookUp(probe, k: k)
    return (map.categories[found.category], found.confidence)
  }

  /// The category that the network finds.
  ///
  /// Throws `RequestError` for a probe that does not fit the map.
  public func classifier(_ probe: [Float]) throws -> String {
    map.categories[try training.classifier.classes(of: probe)[0]]
  }

  /// A line about the training, for the terminal.
  public var summary: String {
    "  network  of categories, trained on the map's \(map.count) entries: best of "
      + "\(training.epochs) epochs is \(training.bestEpoch), \(validated.successes) of "
      + "\(validated.trials) validation prompts right"
  }
}
