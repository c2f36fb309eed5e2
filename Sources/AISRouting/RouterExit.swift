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
  private let threshold: Float

  /// Routers trained for a model.
  ///
  /// - Throws: `RequestError` if they don't fit the model; `EngineError`.
  public init(_ routers: TokenRouters, above threshold: Double, model: DecoderModel) throws {
    try routers.validate(for: model.config)
    self.routers = routers
    self.threshold = Float(threshold)
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
    guard let router = packed[step.layer] else {
      return ExitDecision(Array(repeating: false, count: pass.rowCount))
    }
    return ExitDecision(scores: try scores(router, pass), above: threshold)
  }

  /// sigmoid(up · SiLU(down · norm(h))) of every computed row.
  ///
  /// Shape: [rows].
  private func scores(_ router: Packed, _ pass: Pass) throws -> [Float] {
    let (rows, stream, bottleneck) = (pass.rowCount, pass.stream, router.down.outputs)
    let wide = pass.arena.buffer(.mapWide, rowBytes: bottleneck * 4)
    let inner = pass.arena.buffer(.mapInner, rowBytes: bottleneck * pass.activationBytes)
    let output = pass.arena.buffer(.mapOutput, rowBytes: 4)
    pass.model.readout.normalize(
      pass.hidden, rows: rows, into: pass.normed, as: .compute, stream)
    try stream.multiply(pass.normed, rows: rows, by: router.down, into: wide, accumulate: false)
    stream.activate(wide, rows: rows, width: bottleneck, .silu, isGated: false, into: inner)
    try stream.multiply(inner, rows: rows, by: router.up, into: output, accumulate: false)
    return try stream.download(output, byteCount: rows * 4).withFloats {
      $0.map { TokenRouter.sigmoid($0) }
    }
  }
}
