import AISKit

/// The phases that are timed.
enum SpeedPhase: String, CaseIterable {
  /// The prompts, and one more token of each, which runs every layer: so filling the cache of
  /// exited tokens is inside the clock.
  case prefill
  /// Given tokens of each sequence, one after another, after prompts that ran in full. The last
  /// token runs every layer, so filling the cache of exited tokens is inside the clock.
  case decode
}

/// Which rows exit where, and how the loop handles that.
struct SpeedVariant: Sendable, Equatable {
  enum Exits: Sendable, Equatable {
    /// All rows, after the checkpoint nearest to half depth, whose router passes all.
    case uniform
    /// After a checkpoint that follows from the sequence and the position, or none.
    case staggered
    /// After the first checkpoint whose own readout already has the final token.
    case oracle
    /// After the first checkpoint whose router scores above a threshold.
    case routers(threshold: Double)
  }

  let name: String
  /// Which rows exit where, in words for the page.
  let meaning: String
  let exits: Exits
  var fill = KVFill.project
  var compaction = 0.25

  static let overhead = SpeedVariant(
    name: "idle routers", meaning: "every router scores every row, nobody leaves",
    exits: .routers(threshold: 1.01))
  static let uniform = SpeedVariant(
    name: "all at half", meaning: "the router nearest half depth lets every row leave",
    exits: .uniform)
  static let staggered = SpeedVariant(
    name: "staggered", meaning: "rows leave at different depths, by turns", exits: .staggered)
  static let routed = SpeedVariant(
    name: "routers", meaning: "trained routers, threshold \(Exp022.trialThreshold)",
    exits: .routers(threshold: Exp022.trialThreshold))
  static let oracle = SpeedVariant(
    name: "oracle",
    meaning: "each row leaves behind the first checkpoint whose readout has the final token",
    exits: .oracle)

  /// Every variant of a phase; fills and compaction vary only in decode, where each layer runs many
  /// times.
  static func all(of phase: SpeedPhase) -> [SpeedVariant] {
    var all = [overhead, uniform, staggered, routed, oracle]
    if phase == .decode {
      all += [
        SpeedVariant(
          name: "routers, no compaction", meaning: "rows that left are computed and ignored",
          exits: routed.exits, compaction: 2),
        SpeedVariant(
          name: "routers, hole", meaning: "later tokens do not see rows that left",
          exits: routed.exits, fill: .hole),
        SpeedVariant(
          name: "routers, zero", meaning: "later tokens see zeros in the place of rows that left",
          exits: routed.exits, fill: .zero),
      ]
    }
    return all
  }

  /// The policy for a model.
  func policy(
    _ model: DecoderModel, _ routers: TokenRouters, _ oracle: SpeedOracle
  ) throws -> TokenExit {
    var configuration = routers.configuration
    configuration.kvCacheStrategy = fill
    configuration.compactionThreshold = compaction
    let checkpoints = configuration.exits(layerCount: model.config.layerCount)
    switch exits {
    case .routers(let threshold):
      configuration.exitThreshold = threshold
      return try TokenExit(routers: routers, model: model, configuration: configuration)
    case .uniform:
      // Every score is above 0, so all rows exit at the first checkpoint.
      configuration.exitThreshold = 0
      configuration.minLayers = Self.nearest(model.config.layerCount / 2, checkpoints) + 1
      return try TokenExit(routers: routers, model: model, configuration: configuration)
    case .staggered:
      // One more place than checkpoints: rows assigned to it run all layers.
      return try TokenExit(
        schedule: { layer, sequence, position in
          let place = (sequence + position) % (checkpoints.count + 1)
          return place < checkpoints.count && checkpoints[place] == layer
        }, configuration: configuration)
    case .oracle:
      return try TokenExit(
        schedule: { oracle.leaves(layer: $0, sequence: $1, position: $2) },
        configuration: configuration)
    }
  }

  private static func nearest(_ depth: Int, _ checkpoints: [Int]) -> Int {
    checkpoints.min { abs($0 + 1 - depth) < abs($1 + 1 - depth) } ?? depth - 1
  }
}

/// One thing to time.
struct SpeedItem {
  let phase: SpeedPhase
  let batch: Int
  let variant: SpeedVariant

  var key: String { "\(phase.rawValue) \(batch) \(variant.name)" }

  /// The criterion about it; `nil` if only the tables show it.
  var criterion: SpeedCriterion? {
    SpeedCriterion(variant: variant.name, phase: phase.rawValue)
  }
}
