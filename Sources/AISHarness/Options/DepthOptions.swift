import ArgumentParser

/// How the layers of a plan are left out.
public struct DepthOptions: ParsableArguments {
  /// The α that a soft skip uses if the user names none.
  public static let defaultAlpha: Double = 0.7

  /// What replaces a layer that is left out.
  @Option(
    help: "How layers are left out: hard (not run), soft (run and blended), bridge (a linear map)."
  )
  public var mode: SkipMode = .hard

  /// The block's share of a soft skip: h ← α·block(h) + (1−α)·h.
  @Option(help: "Soft skip's share of the block: 1 runs it, 0 skips it. (default: 0.7)")
  public var alpha: Double?

  /// Options at their defaults.
  public init() {}

  /// Checks options against each other.
  public func validate() throws {
    guard let alpha else { return }
    if mode != .soft {
      throw ValidationError("--alpha means something with --mode soft only, not \(mode.rawValue)")
    }
    if !(0...1).contains(alpha) {
      throw ValidationError("--alpha \(alpha) is out of range, expected 0 to 1")
    }
  }

  /// The maps that have to be fitted first.
  public var needs: [Need] { mode == .bridge ? [.bridges] : [] }

  /// The α in force for a soft skip.
  public var softAlpha: Double { alpha ?? Self.defaultAlpha }
}

/// What replaces a layer that is left out.
public enum SkipMode: String, Sendable, CaseIterable, ExpressibleByArgument {
  /// Nothing: the residual stream passes by.
  case hard
  /// The layer runs and its output is blended with its input.
  case soft
  /// A linear map replaces each run of layers.
  case bridge

  /// What a run did with its layers: `left out`, `blended`, `bridged`.
  public static func participle(_ parameters: [String: String]) -> String {
    switch parameters["mode"].flatMap(SkipMode.init) ?? .hard {
    case .hard: "left out"
    case .soft: "blended"
    case .bridge: "bridged"
    }
  }
}
