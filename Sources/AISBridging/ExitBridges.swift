/// Bridges over the rest of the depth: from the state after a layer to the final one, before the final norm
/// and the head.
///
/// Source: linear short cuts between layers, Din et al., 2023 ("Jump to conclusions").
public final class ExitBridges: Sendable {
  private let byLayer: [Int: PackedBridge]

  /// The bridges of a file that end after the last layer, without grafts.
  ///
  /// - Throws: `RequestError` if there is none, or one is another model's; `EngineError`.
  public init(_ bridges: Bridges, _ model: DecoderModel) throws {
    let last = model.config.layerCount - 1
    let exits = bridges.bridges.filter {
      $0.run.last == last && $0.graft == nil && $0.run.first > 0
    }
    guard !exits.isEmpty else {
      throw RequestError(
        "exit bridges", expected: "some that end behind layer \(last), without a graft",
        found: bridges.bridges.map(\.run.text).joined(separator: ", "))
    }
    byLayer = try Dictionary(
      uniqueKeysWithValues: exits.map { ($0.run.first - 1, try PackedBridge($0, model)) })
  }

  /// The layers after which there is one, rising.
  public var layers: [Int] { byLayer.keys.sorted() }

  /// Throws if a layer after which tokens may exit has none, naming it: two kinds of readout in one run are
  /// seldom meant.
  ///
  /// - Throws: `RequestError`.
  public func validate(after layers: [Int]) throws {
    let missing = layers.filter { byLayer[$0] == nil }
    guard missing.isEmpty else {
      throw RequestError(
        "exit bridges",
        expected: "one behind each layer where tokens may leave, also behind "
          + missing.map(String.init).joined(separator: ", "),
        found: "bridges behind " + self.layers.map(String.init).joined(separator: ", "))
    }
  }

  /// The bridge after a layer, if there is one.
  public subscript(layer: Int) -> PackedBridge? { byLayer[layer] }

  /// The bridges as the loop takes them: a map for each layer after which there is one.
  public var maps: [Int: any ResidualMap] { byLayer }
}
