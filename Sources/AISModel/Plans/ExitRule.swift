/// Decides after a step which rows exit.
///
/// No later step computes them.
public protocol ExitRule: Sendable {
  /// Whether a row may exit after a layer, as far as that is known before the pass. The loop does
  /// not ask about the last step, because nothing could be saved after it.
  func mayExit(after layer: Int) -> Bool

  /// Whether `exits` reads `Pass.inputStates`. Only then the loop keeps them.
  var readsInputStates: Bool { get }

  /// Which of the computed rows exit after a step, with the scores that it used.
  ///
  /// Decisions about rows that have exited already are ignored.
  ///
  /// - Throws: an error of the device, or of the rule's own.
  func exits(after step: Step, _ pass: Pass) throws -> ExitDecision

  /// - Throws: `RequestError` if the rule does not fit a model of this shape.
  func validate(for config: ModelConfig) throws
}

extension ExitRule {
  /// By default rows may exit after every layer.
  public func mayExit(after layer: Int) -> Bool { true }

  /// By default no input states are read.
  public var readsInputStates: Bool { false }

  /// By default a rule fits every model.
  public func validate(for config: ModelConfig) throws {}
}

/// What an exit rule decided about the computed rows.
public struct ExitDecision: Sendable {
  /// True for rows that exit.
  ///
  /// Shape: [rows].
  public let exits: [Bool]
  /// The score of each row, for observers; empty if the rule has no scores.
  ///
  /// Shape: [rows], or [].
  public let scores: [Float]

  /// A decision, with scores if the rule has any.
  public init(_ exits: [Bool], scores: [Float] = []) {
    self.exits = exits
    self.scores = scores
  }

  /// Rows exit if their score is above the threshold.
  public init(scores: [Float], above threshold: Float) {
    exits = scores.map { $0 > threshold }
    self.scores = scores
  }
}

/// How rows exit: the rule, what later layers hold for exited rows in the KV cache, and when exited
/// rows are removed from the batch.
public struct RowExit: Sendable {
  /// Decides which rows exit.
  public let rule: any ExitRule
  /// What the layers that a row did not run hold for it in the KV cache.
  public var fill: KVFill
  /// A row may exit after layer ℓ only if ℓ + 1 is at least this.
  public var minLayers: Int
  /// Exited rows are removed from the batch once they are at least this share of the computed rows.
  public var compactionThreshold: Double
  /// Maps from the hidden state after a layer to the final hidden state, by the layer after which
  /// the row exited.
  ///
  /// Each is applied before the readout. Without a map the state is read out unchanged.
  public var exitMaps: [Int: any ResidualMap]

  /// Rows exit by a rule.
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

  /// - Throws: `RequestError` if the rule is another model's, or an exit map would run a block.
  func validate(for config: ModelConfig) throws {
    try rule.validate(for: config)
    if let wrong = exitMaps.filter({ !$0.value.parts.isEmpty }).keys.min() {
      throw RequestError(
        "exit map after layer \(wrong)", expected: "a map that runs no block",
        found: "one that does")
    }
  }
}
