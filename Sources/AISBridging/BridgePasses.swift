/// Runs texts through a model and gives the states for the fit of bridges.
///
/// Inputs come from passes under a plan, which may have earlier bridges; targets always come from
/// the full model. A pass ends after the last layer that is needed.
final class BridgePasses {
  /// The layers at which states are read.
  struct Span: Hashable {
    /// Inputs are the states after this layer (−1: the embeddings).
    ///
    /// Activations are read in this layer.
    let input: Int
    /// Targets are the full model's states after this layer.
    let target: Int
  }

  /// One pass's rows for one span: states before and after it, and activations before it.
  struct Rows {
    /// Shape: [rows, width].
    let before: [Float]
    /// Shape: [rows, width].
    let after: [Float]
    /// Shape: [rows, intermediate]; empty unless requested.
    let activations: [Float]
  }

  private let model: DecoderModel
  private let spans: [Span]
  private let plan: DepthPlan
  private let states: StateObserver
  private let targets: StateObserver
  private var context: DecoderContext

  init(
    _ model: DecoderModel, spans: [Span], readsActivations: Bool, plan: DepthPlan
  ) throws {
    self.model = model
    self.spans = spans
    self.plan = plan
    states = StateObserver(
      layers: Set(spans.map(\.input) + (plan == .full ? spans.map(\.target) : [])),
      activations: readsActivations ? Set(spans.map(\.input)) : [])
    targets = StateObserver(layers: Set(spans.map(\.target)), activations: [])
    context = try model.makeContext(capacity: 1)
  }

  /// Runs the texts, in batches of one pass.
  ///
  /// - Parameters:
  ///   - texts: their tokens.
  ///   - body: gets the position of each row of a pass, and a function that gives a span's rows.
  /// - Throws: what a forward pass throws.
  func read(
    _ texts: [[Int32]],
    _ body: (_ positions: [Int], _ rows: (Span) -> Rows) throws -> Void
  ) throws {
    let texts = texts.filter { !$0.isEmpty }
    for batch in PackedTokens.batches(of: texts) {
      let sequences = Array(texts[batch])
      try pass(sequences)
      try body(sequences.flatMap { Array($0.indices) }) { span in
        Rows(
          before: states.states[span.input] ?? [],
          after: (plan == .full ? states : targets).states[span.target] ?? [],
          activations: states.activations[span.input] ?? [])
      }
    }
  }

  private func pass(_ sequences: [[Int32]]) throws {
    let batch = PackedTokens(sequences)
    try context.reshape(for: sequences)
    let last = spans.map(\.target).max() ?? 0
    if plan != .full {
      try model.begin(batch, in: &context, through: last, observer: targets)
      context.abandonPass()
    }
    let end = plan == .full ? last : max(0, spans.map(\.input).max() ?? 0)
    try model.begin(batch, in: &context, through: end, policy: plan, observer: states)
    context.abandonPass()
  }
}

/// Keeps all rows of some layers' outputs and of some down-projections' inputs.
///
/// Layer −1's output is the embeddings.
private final class StateObserver: ForwardObserver {
  private let layers: Set<Int>
  private let activationLayers: Set<Int>
  private(set) var states: [Int: [Float]] = [:]
  private(set) var activations: [Int: [Float]] = [:]

  init(layers: Set<Int>, activations: Set<Int>) {
    self.layers = layers
    activationLayers = activations
  }

  func embedded(_ hidden: borrowing HiddenStates) throws {
    states.removeAll(keepingCapacity: true)
    activations.removeAll(keepingCapacity: true)
    if layers.contains(-1) { states[-1] = try hidden.numbers() }
  }

  func finished(
    _ step: Step, _ action: StepAction, hidden: borrowing HiddenStates
  ) throws {
    if layers.contains(step.layer) { states[step.layer] = try hidden.numbers() }
  }

  func readsActivations(of layer: Int) -> Bool { activationLayers.contains(layer) }

  func activated(layer: Int, inner: borrowing HiddenStates) throws {
    activations[layer] = try inner.numbers()
  }
}
