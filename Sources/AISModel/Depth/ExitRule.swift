/// Decides after a step which rows exit: no later step computes them.
public protocol ExitRule: Sendable {
  /// Whether a row may exit after a layer, as far as that is known beforehand. The loop does not ask about
  /// the last step, after which nothing is left to save.
  func mayExit(after layer: Int) -> Bool

  /// Whether `exits` reads `Pass.inputStates`, which the loop then keeps.
  var readsInputStates: Bool { get }

  /// Which of the computed rows exit after a step, and why.
  ///
  /// Decisions about rows that have exited already are ignored.
  ///
  /// - Throws: an error of the device, or of the rule's own.
  func exits(after step: Step, _ pass: Pass) throws -> ExitDecision

  /// - Throws: `RequestError` if the rule is another model's.
  func validate(for config: ModelConfig) throws
}

extension ExitRule {
  /// After every layer unless the rule says otherwise.
  public func mayExit(after layer: Int) -> Bool { true }

  /// It does not unless the rule says otherwise.
  public var readsInputStates: Bool { false }

  /// Fits every model unless the rule says otherwise.
  public func validate(for config: ModelConfig) throws {}
}

/// What an exit rule decided about the computed rows.
public struct ExitDecision: Sendable {
  /// True of rows that exit.
  ///
  /// Shape: [rows].
  public let exits: [Bool]
  /// What it was decided by, for observers; empty if there are no scores.
  ///
  /// Shape: [rows], or [].
  public let scores: [Float]

  /// A decision without scores.
  public init(_ exits: [Bool]) {
    self.exits = exits
    scores = []
  }

  /// Rows exit if their score is above the threshold.
  public init(scores: [Float], above threshold: Float) {
    exits = scores.map { $0 > threshold }
    self.scores = scores
  }
}

/// How rows exit: by which rule, what later layers hold for them, and when they are taken out of the batch.
public struct RowExit: Sendable {
  /// Decides which rows exit.
  public let rule: any ExitRule
  /// What the layers that a row did not run hold for it in the KV cache.
  public var fill: KVFill
  /// A row may exit after layer ℓ only if ℓ + 1 is at least this.
  public var minLayers: Int
  /// The share of the computed rows that must have exited before they are taken out of the batch.
  public var compactionThreshold: Double
  /// What takes a state to the final state before it is read out, by the layer after which its row exited.
  /// Without a map a state is read out as it is.
  public var exitMaps: [Int: any ResidualMap]

  /// Exit by a rule.
  public init(
    rule: any ExitRule, fill: KVFill = .project, minLayers: Int = 0,
    compactionThreshold: Double = 0.25, exitMaps: [Int: any ResidualMap] = [:]
  ) {
    self.rule = rule
    self.fill = fill
    self.minLayers = minLayers
    self.compactionThreshold = compactionThreshold
    self.exitMaps = exitMaps
  }

  /// Whether rows may exit after a layer.
  func mayExit(after layer: Int) -> Bool { layer + 1 >= minLayers && rule.mayExit(after: layer) }
}
