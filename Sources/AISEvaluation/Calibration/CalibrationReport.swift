/// What calibration found, checkpoint by checkpoint and as a whole.
public struct CalibrationReport: Sendable, Equatable {
  /// One layer behind which a router may stand.
  public struct Checkpoint: Sendable, Equatable {
    /// The layer.
    public let layer: Int
    /// Rows of each role.
    public let rows: [CalibrationText.Role: Int]
    /// Rows of each role whose label is positive.
    public let positives: [CalibrationText.Role: Int]
    /// Of all rows, the share whose own readout has the full model's top token.
    public let agreement: Double
    /// Epochs trained, and which was kept; 0 without a router.
    public let epochs: Int
    /// See `epochs`.
    public let bestEpoch: Int
    /// Mean losses of the epoch that was kept, nats; not a number without a router.
    public let trainingLoss: Double
    /// See `trainingLoss`.
    public let stoppingLoss: Double
    /// How well scores put rows that have settled above others, on the guarantee's texts.
    public let ranking: RankingQuality?
    /// How far scores are probabilities, on the guarantee's texts.
    public let reliability: Reliability?
    /// Why there is no router; `nil` where there is one.
    public let missing: String?
  }

  /// Every checkpoint, by rising layer.
  public let checkpoints: [Checkpoint]
  /// What leaving above each threshold would do in the guarantee's texts.
  public let outcomes: ExitOutcomes
  /// The threshold, and what it rests on.
  public let choice: RiskControl.Choice
  /// Texts of each role, once those that came twice or were empty were left out.
  public let texts: [CalibrationText.Role: Int]
  /// Tokens read.
  public let tokens: Int
  /// Texts that came again, or had no position that counts.
  public let droppedTexts: Int
  /// Seconds of each stage, in order.
  public let seconds: [Stage]

  /// A part of the work and how long it took.
  public struct Stage: Sendable, Equatable {
    /// What was done.
    public let name: String
    /// How long it took.
    public let seconds: Double
  }
}
