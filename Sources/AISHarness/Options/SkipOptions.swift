import AISKit
import ArgumentParser

/// Which layers a routed plan leaves out, and how sure the map must be.
///
/// Without any of `--budget`, `--threshold` and `--layers`, whole groups are left out: the cheapest
/// `--k-skip` of `--groups`.
public struct SkipOptions: ParsableArguments {
  /// Groups that are left out.
  @Option(help: "Groups left out: the cheapest ones behind the pivot. (default: 1)")
  public var kSkip: Int?

  /// Groups that the depth is cut into.
  @Option(help: "Groups that the depth is cut into. (default: 4)")
  public var groups: Int?

  /// A number of single layers to leave out instead.
  @Option(help: "Leave out this many single layers instead, those that cost least alone.")
  public var budget: Int?

  /// A cost in nats below which single layers are left out instead.
  @Option(help: "Leave out every layer that costs at most this many nats alone instead.")
  public var threshold: Double?

  /// Layers to leave out whatever they cost.
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

  /// The rule that the options make.
  ///
  /// - Throws: `DepthError` for a list of layers that does not parse, or that leaves out halves.
  public var rule: SkipRule {
    get throws {
      if let budget { return .budget(budget) }
      if let threshold { return .threshold(threshold) }
      if let layers {
        let plan = try DepthPlan(hard: layers)
        guard try DepthPlan.skipping(plan.skippedLayers) == plan else {
          throw DepthError("--layers", expected: "whole layers", found: "'\(layers)'")
        }
        return .layers(plan.skippedLayers)
      }
      return .groups(kSkip ?? 1, of: groups ?? 4)
    }
  }

  /// The rule as a part of a file's name; empty for the default one.
  public var label: String {
    var parts: [String] = []
    if let budget { parts.append("budget\(budget)") }
    if let threshold { parts.append("threshold\(threshold)") }
    if let layers { parts.append("layers\(layers.replacing(",", with: "+"))") }
    if let groups { parts.append("groups\(groups)") }
    if let kSkip { parts.append("kskip\(kSkip)") }
    if confidence > 0 { parts.append("confidence\(confidence)") }
    return parts.joined(separator: "-")
  }
}

extension DepthOptions {
  /// How a chosen layer is left out.
  public var style: SkipStyle {
    switch mode {
    case .hard: .hard
    case .soft: .soft(alpha: Float(softAlpha))
    }
  }

  /// The mode as a part of a file's name: `hard`, `soft0.7`.
  public var label: String { mode == .soft ? "soft\(softAlpha)" : "hard" }
}
