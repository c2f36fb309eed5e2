/// Bridges over all remaining layers: from the state after a layer to the final state, before the
/// readout.
///
/// Source: linear shortcuts between layers, Din et al., 2023 ("Jump to conclusions").
public final class ExitBridges: Sendable {
  private let byLayer: [Int: PackedBridge]

  /// Takes the bridges that end after the last layer and have no graft.
  ///
  /// - Throws: `RequestError` if there is none, or one does not fit the model; `EngineError`.
  public init(_ bridges: Bridges, _ model: DecoderModel) throws {
    let last = model.config.layerCount - 1
    let exits = bridges.bridges.filter {
      $0.run.last == last && $0.graft == nil && $0.run.first > 0
    }
    guard !exits.isEmpty else {
      throw RequestError(
        "exit bridges", expected: "some that end after layer \(last), without a graft",
        found: bridges.bridges.map(\.run.text).joined(separator: ", "))
    }
    byLayer = try Dictionary(
      uniqueKeysWithValues: exits.map { ($0.run.first - 1, try PackedBridge($0, model)) })
  }

  /// The layers after which there is a bridge, ascending.
  public var layers: [Int] { byLayer.keys.sorted() }

  /// Throws if a layer after which tokens may exit has no bridge, because a mix of readouts with
  /// and without bridges is seldom intended.
  ///
  /// - Throws: `RequestError`.
  public func validate(after layers: [Int]) throws {
    let missing = layers.filter { byLayer[$0] == nil }
    guard missing.isEmpty else {
      throw RequestError(
        "exit bridges",
        expected: "one after each layer where tokens may exit, also after "
          + missing.map(String.init).joined(separator: ", "),
        found: "bridges after " + self.layers.map(String.init).joined(separator: ", "))
    }
  }

  /// The bridge after a layer, if there is one.
  public subscript(layer: Int) -> PackedBridge? { byLayer[layer] }

  /// The bridges as residual maps for `RowExit`, by layer.
  public var maps: [Int: any ResidualMap] { byLayer }
}
