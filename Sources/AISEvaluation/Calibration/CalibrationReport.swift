/// The results of a calibration, for each checkpoint and in total.
public struct CalibrationReport: Sendable, Equatable {
  /// The results for one layer after which rows may exit.
  public struct Checkpoint: Sendable, Equatable {
    /// The layer.
    public let layer: Int
    /// Rows of each role.
    public let rows: [CalibrationText.Role: Int]
    /// Rows of each role whose label is positive.
    public let positives: [CalibrationText.Role: Int]
    /// The share of all rows whose readout at this layer has the full model's top token.
    public let agreement: Double
    /// Epochs trained; 0 without a router.
    public let epochs: Int
    /// The epoch whose weights were kept, counted from 1; 0 without a router.
    public let bestEpoch: Int
    /// Mean loss of the kept epoch on the training rows, in nats; NaN without a router.
    public let trainingLoss: Double
    /// Mean loss of the kept epoch on the stopping rows, in nats; NaN without a router.
    public let stoppingLoss: Double
    /// How well scores rank settled rows above others, on the guarantee's texts.
    public let ranking: RankingQuality?
    /// How near scores are to probabilities, on the guarantee's texts.
    public let reliability: Reliability?
    /// Why there is no router; `nil` if there is one.
    public let missing: String?
  }

  /// Every checkpoint, ordered by layer.
  public let checkpoints: [Checkpoint]
  /// The outcome of exits above each threshold, on the guarantee's texts.
  public let outcomes: ExitOutcomes
  /// The threshold, and the evidence for it.
  public let choice: RiskControl.Choice
  /// Used texts of each role.
  public let texts: [CalibrationText.Role: Int]
  /// Tokens read.
  public let tokens: Int
  /// Texts that were not used: repeated, or without a measured position.
  public let droppedTexts: Int
  /// The stages in order, with their seconds.
  public let seconds: [Stage]

  /// A part of the work and how long it took.
  public struct Stage: Sendable, Equatable {
    /// The name of the part.
    public let name: String
    /// How long it took.
    public let seconds: Double
  }
}
