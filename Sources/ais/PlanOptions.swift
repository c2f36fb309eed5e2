import AISKit
import ArgumentParser

/// A depth plan as lists of layers.
struct PlanOptions: ParsableArguments {
  @Option(help: "Layers to leave out, as 8-15,22.")
  var hard: String = ""
  @Option(help: "Layers to blend with their input, as 5=0.3,6=0.3.")
  var soft: String = ""

  /// The plan that both lists make.
  func plan() throws -> DepthPlan { try DepthPlan(hard: hard, soft: soft) }
}
