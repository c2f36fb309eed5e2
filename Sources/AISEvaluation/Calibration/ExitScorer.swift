/// Scores every row of a pass with routers, but lets no row exit.
///
/// A router after the last layer is not used, because nothing could be saved there.
public final class ExitScorer: ForwardObserver {
  private let routers: TokenRouters
  private let reader: StateReader
  private var found: [[Float]] = []

  /// The scores of the last pass.
  public var scores: ExitScores { ExitScores(layers: routers.layers, values: found) }

  /// A scorer for passes of a model.
  ///
  /// - Throws: `RequestError` if the routers don't fit the model.
  public init(model: DecoderModel, routers: TokenRouters) throws {
    try routers.validate(for: model.config)
    self.routers = try TokenRouters(
      routers.routers.filter { $0.layer < model.config.layerCount - 1 },
      configuration: routers.configuration)
    reader = StateReader(model)
    found = self.routers.layers.map { _ in [] }
  }

  /// Forgets the last pass.
  public func embedded(_ hidden: borrowing HiddenStates) {
    found = routers.layers.map { _ in [] }
  }

  /// Scores a layer's output if there is a router after it.
  public func finished(
    _ step: Step, _ action: StepAction, hidden: borrowing HiddenStates
  ) throws {
    guard let place = routers.layers.firstIndex(of: step.layer) else { return }
    let normed = try reader.normed(hidden.numbers())
    found[place] = routers.routers[place].scores(ofNormed: normed.span)
  }
}
