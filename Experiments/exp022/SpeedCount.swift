import AISHarness
import AISKit

/// What the loop of a variant does on all texts: the exits of each prompt's tokens, and the work.
struct SpeedCount {
  let trace = DepthTrace()
  /// A row for each prompt.
  private(set) var rows: [Exp022.Row] = []
  private var full: [ModelWork] = []
  private var left: [ModelWork] = []
  /// How many passes' worth of rows ran how deep.
  private var depths: [Depth: Double] = [:]
  private let item: SpeedItem
  private let config: ModelConfig
  private let weights: WeightSizes
  /// The mean length of prompts, at which attention is counted.
  private let length: Int

  init(_ item: SpeedItem, _ trial: SpeedTrial) {
    self.item = item
    (config, weights) = (trial.model.config, trial.model.weightSizes)
    length = trial.meanLength
  }

  mutating func begin(_ texts: ArraySlice<GivenText>) {
    rows += texts.map {
      Exp022.Row(
        phase: item.phase.rawValue, batch: item.batch, variant: item.variant.name,
        prompt: $0.prompt, category: $0.category)
    }
  }

  /// Adds the pass that the trace saw.
  mutating func add(_ tokens: PackedTokens, isRouted: Bool) {
    let layers = 0..<config.layerCount
    var active = [Int](repeating: 0, count: layers.count)
    for layer in trace.rowsOfLayers { active[layer.layer] = layer.active }
    let isPrompt = tokens.rows > item.batch
    full.append(work(isPrompt, layers.map { _ in tokens.rows }))
    left.append(work(isPrompt, active))
    for exit in trace.exitLayers {
      depths[Depth(isPrompt: isPrompt, exit: exit), default: 0] += 1 / Double(tokens.rows)
    }
    for place in rows.indices.suffix(item.batch) {
      let sequence = place - rows.count + item.batch
      let own = tokens.starts[sequence]..<tokens.starts[sequence + 1]
      if isRouted {
        rows[place].add(
          exits: trace.exitLayers[own],
          layers: own.reduce(0) { $0 + trace.executedLayers(ofRow: $1) })
        rows[place].passes += 1
        rows[place].passLayers += trace.executedLayers
      }
      rows[place].computedRowLayers += trace.computedRowLayers
      rows[place].filledRowLayers += trace.filledRowLayers
    }
  }

  /// The work of the blocks and the head, without routers and fills; attention as halfway through.
  private func work(_ isPrompt: Bool, _ active: [Int]) -> ModelWork {
    ModelWork(
      config: config, sequences: item.batch, rows: isPrompt ? length : 1,
      position: isPrompt ? 0 : length + (item.phase == .prefill ? 0 : GivenText.steps / 2),
      activeRows: active, weights: weights)
  }

  /// The work of all passes, as rows; then the work if each row had a share of a full batch that
  /// runs as deep as it does.
  var work: [SideWork] {
    let shared = depths.sorted { ($0.key.exit, $0.value) < ($1.key.exit, $1.value) }.flatMap {
      depth, passes -> [SideWork] in
      let rows = depth.isPrompt ? length * item.batch : item.batch
      let layers = 0..<config.layerCount
      let parts = SideWork.rows(
        Speed.sharedWork(item.name),
        baseline: [work(depth.isPrompt, layers.map { _ in rows })],
        variant: [
          work(depth.isPrompt, layers.map { depth.exit < 0 || $0 <= depth.exit ? rows : 0 })
        ])
      return parts.map { part in
        var part = part
        part.count *= Int((passes * Self.sharesOfPass).rounded())
        return part
      }
    }
    return SideWork.rows(item.name, baseline: full, variant: left) + shared
  }

  /// Counts are whole numbers, so shares of passes are counted in parts of this size.
  private static let sharesOfPass = 10_000.0

  private struct Depth: Hashable {
    let isPrompt: Bool
    /// The layer after which a row exited; −1 if it ran all.
    let exit: Int
  }
}
