import AISHarness
import AISKit

/// What the loop of a variant does on all texts: the exits of each prompt's tokens, and the work.
struct SpeedCount {
  let trace = DepthTrace()
  /// A row for each prompt.
  private(set) var rows: [Exp022.Row] = []
  private var full: [ModelWork] = []
  private var left: [ModelWork] = []
  /// For each row of each pass, a full batch that runs as deep as that row, and one that runs every
  /// layer.
  private var shared: (full: [ModelWork], left: [ModelWork]) = ([], [])
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
    let whole = work(tokens, layers.map { _ in tokens.rows })
    full.append(whole)
    left.append(work(tokens, active))
    for exit in trace.exitLayers {
      shared.full.append(whole)
      shared.left.append(
        exit < 0 ? whole : work(tokens, layers.map { $0 <= exit ? tokens.rows : 0 }))
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
  private func work(_ tokens: PackedTokens, _ active: [Int]) -> ModelWork {
    let isPrompt = tokens.rows > item.batch
    return ModelWork(
      config: config, sequences: item.batch, rows: isPrompt ? length : 1,
      position: isPrompt ? 0 : length + (item.phase == .prefill ? 0 : GivenText.steps / 2),
      activeRows: active, weights: weights)
  }

  /// The work of all passes, as rows.
  var work: [SideWork] {
    SideWork.rows(item.name, baseline: full, variant: left)
      + SideWork.rows(
        SpeedRow.sharedWork(item.name), baseline: shared.full, variant: shared.left)
  }
}
