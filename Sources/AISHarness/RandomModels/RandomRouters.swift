import AISKit

/// Exit routers with random weights, to measure what routers and exits cost on a random model.
///
/// Some tokens exit after each; which ones means nothing.
public struct RandomRouters: Sendable {
  /// Mean and deviation of the output's weights.
  private static let (mean, deviation) = (-0.04, 0.22)

  private let routers: TokenRouters

  /// Routers after every checkpoint of a shape, by the usual settings.
  ///
  /// - Parameters:
  ///   - name: the shape's name, as `3b`.
  ///   - layers: how many layers the model has; `nil` for as many as the shape.
  ///   - seed: where the draws start.
  /// - Throws: `RequestError` if there is no such shape, or if it has too few layers for a checkpoint.
  public init(shape name: String, layers: Int? = nil, seed: UInt64 = 0) throws {
    let shape = try ModelShape.named(name)
    let configuration = TokenExitConfiguration()
    var random = SplitMix64(seed: seed)
    func draw() -> Double {
      Distributions.normalQuantile(min(max(random.unit(), 1e-9), 1 - 1e-9))
    }
    let (width, bottleneck) = (shape.hidden, configuration.routerBottleneckDim)
    let scale = 1 / Double(width).squareRoot()
    routers = try TokenRouters(
      configuration.checkpoints(layerCount: layers ?? shape.layers).map { layer in
        TokenRouter(
          layer: layer, width: width,
          down: (0..<bottleneck * width).map { _ in Float(scale * draw()) },
          up: (0..<bottleneck).map { _ in Float(Self.mean + Self.deviation * draw()) })
      }, configuration: configuration, notes: ["weights": "random, seed \(seed)"])
  }

  /// Writes a router file.
  ///
  /// - Throws: `CheckpointError` if it cannot be written.
  public func write(to path: String) throws { try routers.write(to: path) }
}
