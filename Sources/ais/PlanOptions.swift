import AISHarness
import AISKit
import ArgumentParser

/// Options of a depth plan: lists of layers, bridges, and the order of layers.
struct PlanOptions: ParsableArguments {
  @Option(help: "Layers to leave out, as 8-15,22.")
  var hard: String = ""
  @Option(help: "Layers to blend with their input, as 5=0.3,6=0.3.")
  var soft: String = ""
  @Option(
    help: ArgumentHelp(
      "Bridges to use: the layers that they replace are left out.", valueName: "file"))
  var bridge: String?
  @Option(
    help: ArgumentHelp(
      "The layers in the order in which they run, as 0-15,12-15,16-29: 12 to 15 run twice.",
      valueName: "layers"))
  var path: String = ""

  /// Whether none of the options was given.
  var isEmpty: Bool { hard.isEmpty && soft.isEmpty && bridge == nil && path.isEmpty }

  /// The plan from all options, and the digest of the model that its bridges were made for, if that
  /// is another model and the user insists.
  ///
  /// - Throws: `RequestError` if the parts contradict each other or do not fit the model,
  ///   `CheckpointError` for a file of bridges that is missing or damaged, `ForeignArtefactError`,
  ///   `EngineError`.
  func plan(
    for loaded: LoadedModel, _ foreign: ForeignOptions
  ) throws -> (plan: DepthPlan, foreignSHA256: String?) {
    var plan = try DepthPlan(hard: hard, soft: soft, path: path)
    var foreignSHA256: String?
    if let bridge {
      foreignSHA256 = try loaded.check(ModelArtefact(kind: "bridges", path: bridge), foreign)
      plan = try plan.adding(
        Bridges(path: bridge, layerCount: loaded.decoder.config.layerCount), loaded.decoder)
    }
    try plan.validate(for: loaded.decoder.config)
    return (plan, foreignSHA256)
  }
}
