/// What one step of a pass computed, or would compute.
///
/// It is enough to count the step's work.
public struct StepWork: Sendable, Equatable {
  /// The layer.
  public let layer: Int
  /// The halves of the block.
  public let parts: BlockParts
  /// Weights that a residual map read.
  public let mapParameters: Int
  /// Computed rows of all sequences together.
  public let rows: Int
  /// Rows whose output was computed.
  ///
  /// For the other rows only keys and values were computed.
  public let outputRows: Int

  /// A step's work from its parts.
  public init(layer: Int, parts: BlockParts, mapParameters: Int, rows: Int, outputRows: Int) {
    self.layer = layer
    self.parts = parts
    self.mapParameters = mapParameters
    self.rows = rows
    self.outputRows = outputRows
  }
}

extension StepWork {
  /// The work of an action at a step.
  package init(_ step: Step, _ action: LayerAction, rows: Int, outputRows: Int) {
    let parameters = if case .replace(let map) = action { map.parameterCount } else { 0 }
    self.init(
      layer: step.layer, parts: action.parts, mapParameters: parameters, rows: rows,
      outputRows: outputRows)
  }
}
