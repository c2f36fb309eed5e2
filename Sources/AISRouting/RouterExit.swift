import Foundation

/// A row exits after a layer if the layer's router scores it above the threshold.
///
/// The routers are packed for the device and score rows during a pass.
public final class RouterExit: ExitRule {
  private struct Packed: Sendable {
    let down: WeightMatrix
    let up: WeightMatrix
  }

  private let packed: [Int: Packed]
  private let routers: TokenRouters
  /// The threshold before the sigmoid: a row exits if its router's output is above this.
  private let bound: Float

  /// Routers trained for a model.
  ///
  /// - Throws: `RequestError` if they don't fit the model; `EngineError`.
  public init(_ routers: TokenRouters, above threshold: Double, model: DecoderModel) throws {
    try routers.validate(for: model.config)
    self.routers = routers
    bound = threshold >= 1 ? .infinity : Float(log(threshold / (1 - threshold)))
    func pack(_ values: [Float], outputs: Int, inputs: Int) throws -> WeightMatrix {
      try model.backend.pack(WeightSource(values, outputs: outputs, inputs: inputs))
    }
    packed = try Dictionary(
      uniqueKeysWithValues: routers.routers.map { router in
        (
          router.layer,
          Packed(
            down: try pack(router.down, outputs: router.bottleneck, inputs: router.width),
            up: try pack(router.up, outputs: 1, inputs: router.bottleneck))
        )
      })
  }

  /// - Throws: `RequestError` if the routers don't fit the model.
  public func validate(for config: ModelConfig) throws { try routers.validate(for: config) }

  /// True after layers that have a router.
  public func mayExit(after layer: Int) -> Bool { packed[layer] != nil }

  /// Rows whose score is above the threshold exit.
  public func exits(after step: Step, _ pass: Pass) throws -> ExitDecision {
    let rows = pass.rowCount
    guard let router = packed[step.layer] else {
      return ExitDecision(Array(repeating: false, count: rows))
    }
    let output = pass.arena.buffer(.mapOutput, rowBytes: 4)
    try pass.stream.multiply(
      hidden(router, pass), rows: rows, by: router.up, into: output, accumulate: false)
    let outputs = try pass.stream.download(output, byteCount: rows * 4).floats
    return ExitDecision(
      outputs.map { $0 > bound }, scores: outputs.map { TokenRouter.sigmoid($0) })
  }

  /// SiLU(down · norm(h)) of every computed row; its product with up is the score before the sigmoid.
  ///
  /// Shape: [rows, bottleneck] compute type.
  private func hidden(_ router: Packed, _ pass: Pass) throws -> any DeviceBuffer {
    let bottleneck = router.down.outputs
    let wide = pass.arena.buffer(.mapWide, rowBytes: bottleneck * 4)
    let inner = pass.arena.buffer(.mapInner, rowBytes: bottleneck * pass.activationBytes)
    try pass.stream.multiply(
      .states(pass.hidden, pass.model.readout.weights.norm, scratch: pass.normed, isKept: false),
      rows: pass.rowCount, by: router.down,
      .activate(.silu, isGated: false, scratch: wide, into: inner))
    return inner
  }
}

/// Routers can decide on the device.
extension RouterExit: RecordableExitRule {
  /// The routers with their threshold.
  package var recordingKey: AnyHashable { Identity(of: self) }

  /// Equal for the same object, which it keeps.
  private struct Identity: Hashable {
    let object: RouterExit
    init(of object: RouterExit) { self.object = object }
    static func == (left: Identity, right: Identity) -> Bool { left.object === right.object }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(object)) }
  }

  /// By the score before the sigmoid.
  package var recording: ExitRecording {
    .network(above: bound) { step, pass in
      guard let router = self.packed[step.layer] else {
        preconditionFailure("rows exit only after layers with a router")
      }
      return (try self.hidden(router, pass), router.up)
    }
  }
}
