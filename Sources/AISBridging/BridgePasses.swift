/// Runs texts through a model and hands out the states that bridges are fitted to.
///
/// Inputs come from passes under a plan, which may have earlier bridges; targets always come from the full
/// model. A pass ends after the last layer that is asked about.
final class BridgePasses {
  /// Where rows are read.
  struct Span: Hashable {
    /// The layer after which inputs are read (−1: the embeddings), and whose activations are read.
    let input: Int
    /// The layer after which the full model's states are read.
    let target: Int
  }

  /// One pass's rows at one span: states where it begins and ends, activations before it.
  struct Rows {
    /// Shape: [rows, width].
    let before: [Float]
    /// Shape: [rows, width].
    let after: [Float]
    /// Shape: [rows, intermediate]; empty if they were not asked for.
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

  /// Reads texts, as many at a time as a pass takes.
  ///
  /// - Parameters:
  ///   - texts: their tokens.
  ///   - body: gets each pass's positions, a row each, and for a span its rows.
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

/// Keeps all rows of some layers' outputs, and of what some layers' down-projections read; layer −1's
/// output are the embeddings.
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
