import AISHarness
import AISKit

/// Which rows exit where, and how the loop handles that.
struct SpeedVariant: Sendable, Equatable {
  enum Exits: Sendable, Equatable {
    /// All rows, after the checkpoint nearest to half depth, whose router passes all.
    case uniform
    /// After a checkpoint that follows from the prompt and the position, or none.
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
    name: "idle routers", meaning: "every router scores every token, none exits",
    exits: .routers(threshold: 1.01))
  static let uniform = SpeedVariant(
    name: "all at half", meaning: "the router nearest half depth lets every token exit",
    exits: .uniform)
  static let routed = SpeedVariant(
    name: "routers", meaning: "trained routers, threshold \(Exp022.trialThreshold)",
    exits: .routers(threshold: Exp022.trialThreshold))
  /// The variants that the claim is about.
  static let judged = [overhead, uniform, routed]
  static let scheduled = [
    SpeedVariant(
      name: "staggered", meaning: "tokens exit at different depths, by turns", exits: .staggered),
    SpeedVariant(
      name: "oracle",
      meaning: "each token exits after the first checkpoint whose readout has the final token",
      exits: .oracle),
  ]
  /// Only in decode, where each layer runs many times.
  static let loops = [
    SpeedVariant(
      name: "routers, no compaction", meaning: "tokens that exited are computed and ignored",
      exits: routed.exits, compaction: 2),
    SpeedVariant(
      name: "routers, hole", meaning: "later tokens do not see tokens that exited",
      exits: routed.exits, fill: .hole),
    SpeedVariant(
      name: "routers, zero", meaning: "later tokens see zeros in the place of tokens that exited",
      exits: routed.exits, fill: .zero),
  ]
}

/// One variant of one phase at one batch size.
struct SpeedItem: Sendable, Equatable {
  /// Prompts and one more token of each, or a stretch of given tokens after prompts that ran in full.
  ///
  /// The last token runs every layer, so that filling the cache of exited tokens is inside the clock.
  let phase: PassWorkload.Phase
  let batch: Int
  let variant: SpeedVariant

  /// Every item, in the order of the work.
  static func all(_ sizes: [Int]) -> [SpeedItem] {
    PassWorkload.Phase.allCases.flatMap { phase in
      let variants =
        SpeedVariant.judged + SpeedVariant.scheduled
        + (phase == .decode ? SpeedVariant.loops : [])
      return sizes.flatMap { size in
        variants.map { SpeedItem(phase: phase, batch: size, variant: $0) }
      }
    }
  }

  /// Its comparison's name.
  var name: String { Self.name(phase.rawValue, batch, variant.name) }

  static func name(_ phase: String, _ batch: Int, _ variant: String) -> String {
    "\(phase)_\(batch)_\(variant.replacing(", ", with: "_").replacing(" ", with: "_"))"
  }

  /// Timed parts of a batch.
  var stretches: Int { phase == .prefill ? 1 : GivenText.stretches }
  /// Passes of a timed part; the last runs every layer.
  var passes: Int { phase == .prefill ? 2 : GivenText.stretchSteps }

  /// The criterion about it; `nil` if only tables show it.
  var criterion: String? { Self.criterion(phase.rawValue, batch, variant.name) }

  static func criterion(_ phase: String, _ batch: Int, _ variant: String) -> String? {
    let isDecode = phase == PassWorkload.Phase.decode.rawValue
    switch variant {
    case SpeedVariant.overhead.name: return "overhead"
    case SpeedVariant.uniform.name where isDecode:
      return batch == 1 ? "efficiency of one" : "efficiency in batches"
    case SpeedVariant.routed.name where isDecode: return "routed"
    default: return nil
    }
  }
}
