/// Bridges over all that is left of the depth: from the state behind a layer to the final one, before
/// the final norm and the head.
///
/// Source: linear short cuts between layers, Din et al., 2023 ("Jump to conclusions").
public final class ExitBridges: Sendable {
  private let byLayer: [Int: PackedBridge]

  /// The bridges of a file that end behind the last layer, without grafts.
  ///
  /// - Throws: `DepthError` where there is none, or one is another model's; `EngineError`.
  public init(_ bridges: Bridges, _ model: DecoderModel) throws {
    let last = model.config.layerCount - 1
    let exits = bridges.bridges.filter {
      $0.run.last == last && $0.graft == nil && $0.run.first > 0
    }
    guard !exits.isEmpty else {
      throw DepthError(
        "exit bridges", expected: "some that end behind layer \(last), without a graft",
        found: bridges.bridges.map(\.run.text).joined(separator: ", "))
    }
    byLayer = try Dictionary(
      uniqueKeysWithValues: exits.map { ($0.run.first - 1, try PackedBridge($0, model)) })
  }

  /// The layers behind which there is one, rising.
  public var layers: [Int] { byLayer.keys.sorted() }

  /// Throws where a layer behind which tokens may leave has none, naming it: two kinds of readout side by
  /// side are seldom meant.
  ///
  /// - Throws: `DepthError`.
  public func validate(behind layers: [Int]) throws {
    let missing = layers.filter { byLayer[$0] == nil }
    guard missing.isEmpty else {
      throw DepthError(
        "exit bridges",
        expected: "one behind each layer where tokens may leave, also behind "
          + missing.map(String.init).joined(separator: ", "),
        found: "bridges behind " + self.layers.map(String.init).joined(separator: ", "))
    }
  }

  /// The bridge behind a layer, if there is one.
  public subscript(layer: Int) -> PackedBridge? { byLayer[layer] }

  /// Takes rows that left behind a layer to their final states; without a bridge there they stay.
  ///
  /// Shape: states [rows, width].
  func cross(
    _ states: DeviceBuffer, rows: Int, firstRows: [Int], from layer: Int, _ workspace: Workspace
  ) throws {
    try byLayer[layer]?.cross(workspace, states, rows: rows, firstRows: firstRows)
  }
}
