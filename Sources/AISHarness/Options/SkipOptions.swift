import AISKit
import ArgumentParser

/// Which layers a routed plan leaves out, and how sure the map must be.
///
/// By default a quarter of the layers: those after the pivot that each cost least alone.
public struct SkipOptions: ParsableArguments {
  /// The number of groups to leave out.
  @Option(help: "Leave out this many whole groups instead, the cheapest ones behind the pivot.")
  public var kSkip: Int?

  /// The number of groups that the layers are divided into.
  @Option(help: "Groups that the depth is cut into, for --k-skip. (default: 4)")
  public var groups: Int?

  /// A number of single layers to leave out instead.
  @Option(
    help: "Leave out this many single layers, those that cost least alone. (default: a quarter)")
  public var budget: Int?

  /// A cost in nats below which single layers are left out instead.
  @Option(help: "Leave out every layer that costs at most this many nats alone instead.")
  public var threshold: Double?

  /// Layers to leave out, whatever they cost.
  @Option(help: "Leave out these layers instead, as 14-16,20, whatever the category.")
  public var layers: String?

  /// The share of the vote below which the full model answers.
  @Option(help: "Below this share of the neighbours' vote, 0 to 1, the full model answers.")
  public var confidence: Double = 0

  /// Neighbours that vote.
  @Option(help: "Neighbours that vote on a prompt's category.")
  public var neighbors: Int = 10

  /// Options at their defaults.
  public init() {}

  /// Checks what one option alone cannot.
  public func validate() throws {
    let rules = [
      ("--budget", budget != nil), ("--threshold", threshold != nil), ("--layers", layers != nil),
    ].filter(\.1).map(\.0)
    if rules.count > 1 {
      throw ValidationError("\(rules.joined(separator: " and ")): expected one of them")
    }
    if let rule = rules.first, kSkip != nil || groups != nil {
      throw ValidationError(
        "\(rule) leaves out single layers; --k-skip and --groups do not go with it")
    }
    if let kSkip, kSkip < 0 { throw ValidationError("--k-skip \(kSkip): expected at least 0") }
    if let groups, groups < 1 { throw ValidationError("--groups \(groups): expected at least 1") }
    if let budget, budget < 0 { throw ValidationError("--budget \(budget): expected at least 0") }
    if let threshold, !(threshold >= 0) {
      throw ValidationError("--threshold \(threshold): expected at least 0 nats")
    }
    if !(0...1).contains(confidence) {
      throw ValidationError("--confidence \(confidence) is out of range, expected 0 to 1")
    }
    if neighbors < 1 { throw ValidationError("--neighbors \(neighbors): expected at least 1") }
  }

  /// The rule that follows from the options, for a model with this many layers.
  ///
  /// - Throws: `RequestError` for a list of layers that does not parse, or that leaves out half
  ///   layers.
  public func rule(layerCount: Int) throws -> SkipRule {
    if let threshold { return .threshold(threshold) }
    if let layers { return .layers(try Self.wholeLayers(layers)) }
    if kSkip != nil || groups != nil {
      return .groups(kSkip ?? 1, of: groups ?? Self.defaultGroups)
    }
    return .budget(budget ?? layerCount / 4)
  }

  /// The layers that a list such as `14-16,20` names.
  ///
  /// - Throws: `RequestError` for a list that does not parse, or that has half layers.
  public static func wholeLayers(_ list: String) throws -> [Int] {
    let plan = try DepthPlan(hard: list)
    guard try DepthPlan.skipping(plan.skippedLayers) == plan else {
      throw RequestError("--layers", expected: "whole layers", found: "'\(list)'")
    }
    return plan.skippedLayers
  }

  /// The default number of groups that an ablation divides the layers into.
  public static let defaultGroups = 4

  /// The ablation that these options need, with groups if whole groups are left out.
  ///
  /// None is needed if the layers are named, since then no cost decides.
  public var needs: [Need] {
    if layers != nil { return [] }
    let leavesOutGroups = kSkip != nil || groups != nil
    return [
      .result(.ablation(groups: leavesOutGroups ? groups ?? Self.defaultGroups : nil))
    ]
  }
}

extension DepthOptions {
  /// How a chosen layer is left out; `nil` for bridges, which must be fitted first.
  public var style: SkipStyle? {
    switch mode {
    case .hard: .hard
    case .soft: .soft(alpha: Float(softAlpha))
    case .bridge: nil
    }
  }

  /// The mode as a part of a file's name: `hard`, `soft0.7`, `bridge`.
  public var label: String { mode == .soft ? "soft\(softAlpha)" : mode.rawValue }
}
