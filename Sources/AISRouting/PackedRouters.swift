/// Routers packed for the backend that scores with them, in the middle of a pass.
final class PackedRouters: Sendable {
  private struct Packed: Sendable {
    let down: WeightMatrix
    let up: WeightMatrix
  }

  private let routers: [Int: Packed]
  private let unpacked: TokenRouters

  /// - Throws: `EngineError`.
  init(_ routers: TokenRouters, backend: any Backend) throws {
    unpacked = routers
    func pack(_ values: [Float], outputs: Int, inputs: Int) throws -> WeightMatrix {
      try backend.pack(WeightSource(values, outputs: outputs, inputs: inputs))
    }
    self.routers = try Dictionary(
      uniqueKeysWithValues: routers.routers.map { router in
        (
          router.layer,
          Packed(
            down: try pack(router.down, outputs: router.bottleneck, inputs: router.width),
            up: try pack(router.up, outputs: 1, inputs: router.bottleneck))
        )
      })
  }

  /// Throws where the routers are another model's.
  func validate(for config: ModelConfig) throws { try unpacked.validate(for: config) }

  /// The scores of the workspace's rows behind a layer, or `nil` where no router stands there.
  ///
  /// Shape: [rows]; valid until the workspace scores again.
  func scores(
    behind layer: Int, _ workspace: Workspace, _ exit: Exit
  ) throws -> UnsafeBufferPointer<Float>? {
    guard let router = routers[layer] else { return nil }
    let (rows, stream) = (workspace.rows, workspace.stream)
    let bottleneck = router.down.outputs
    let buffers = workspace.scores(rows: rows, bottleneck: bottleneck)
    exit.normalize(workspace.hidden, rows: rows, workspace)
    try stream.multiply(
      workspace.normed, rows: rows, by: router.down, into: buffers.wide, accumulate: false)
    stream.activate(
      buffers.wide, rows: rows, width: bottleneck, .silu, isGated: false, into: buffers.inner)
    try stream.multiply(
      buffers.inner, rows: rows, by: router.up, into: buffers.scores, accumulate: false)
    stream.synchronize()
    let scores = UnsafeMutableBufferPointer(start: buffers.scores.floats, count: rows)
    for row in scores.indices { scores[row] = TokenRouter.sigmoid(scores[row]) }
    return UnsafeBufferPointer(scores)
  }
}
