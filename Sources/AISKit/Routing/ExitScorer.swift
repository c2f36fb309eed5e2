/// Asks routers about every row of a pass without letting any leave: post hoc, on the full model's
/// states.
///
/// A router behind the last layer, where nothing is left to save, is not asked.
public final class ExitScorer: ForwardObserver {
  private let model: DecoderModel
  private let routers: TokenRouters
  private let stream: any ComputeStream
  private var storage = ReusableBuffer()
  private var found: [[Float]] = []

  /// The scores of the last pass.
  public var scores: ExitScores { ExitScores(layers: routers.layers, values: found) }

  /// A scorer for passes of a model.
  ///
  /// - Throws: `DepthError` where the routers are another model's.
  public init(model: DecoderModel, routers: TokenRouters) throws {
    try routers.validate(for: model.config)
    self.model = model
    self.routers = try TokenRouters(
      routers.routers.filter { $0.layer < model.config.layerCount - 1 },
      configuration: routers.configuration)
    stream = model.backend.makeStream()
    found = self.routers.layers.map { _ in [] }
  }

  /// A pass begins.
  public func embedded(_ hidden: borrowing HiddenStates) {
    found = routers.layers.map { _ in [] }
  }

  /// Scores a layer's output where a router stands.
  public func finished(layer: Int, action: LayerAction, hidden: borrowing HiddenStates) {
    guard let place = routers.layers.firstIndex(of: layer) else { return }
    let normed = storage.holding(byteCount: hidden.rows * hidden.width * 4)
    model.finalNorm(hidden.buffer, rows: hidden.rows, into: normed, stream)
    stream.synchronize()
    let states = UnsafeBufferPointer(start: normed.floats, count: hidden.rows * hidden.width)
    found[place] = routers.routers[place].scores(ofNormed: states.span)
  }
}
