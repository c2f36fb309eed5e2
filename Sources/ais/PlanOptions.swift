import AISKit
import ArgumentParser

/// A depth plan: lists of layers, and bridges.
struct PlanOptions: ParsableArguments {
  @Option(help: "Layers to leave out, as 8-15,22.")
  var hard: String = ""
  @Option(help: "Layers to blend with their input, as 5=0.3,6=0.3.")
  var soft: String = ""
  @Option(
    help: ArgumentHelp(
      "Bridges to cross: leave out the layers that they stand for.", valueName: "file"))
  var bridge: String?

  /// Whether the user named nothing.
  var isEmpty: Bool { hard.isEmpty && soft.isEmpty && bridge == nil }

  /// The plan that all of it makes.
  ///
  /// - Throws: `DepthError` where the parts contradict each other or do not fit the model,
  ///   `CheckpointError` for a file of bridges that is missing or damaged, `EngineError`.
  func plan(for model: DecoderModel) throws -> DepthPlan {
    let listed = try DepthPlan(hard: hard, soft: soft)
    let plan = try bridge.map { try listed.adding(Bridges(path: $0), model) } ?? listed
    try plan.validate(for: model.config)
    return plan
  }
}
