import AISKit

/// One way of deciding which tokens leave, of several that an experiment tries.
public struct ExitSetting: Sendable, Equatable {
  /// What tells it from the others, such as `0.85`.
  public let label: String
  /// The score above which a token leaves; `nil` where something else decides.
  public let threshold: Double?

  /// Routers with a threshold; the label says where calibration vouches for it.
  public init(_ threshold: Double, isGuaranteed: Bool = false) {
    label = isGuaranteed ? "\(threshold) (guaranteed)" : "\(threshold)"
    self.threshold = threshold
  }

  /// Something else than routers.
  public init(label: String) {
    self.label = label
    threshold = nil
  }
}

extension TokenRouters {
  /// How states were read out when the routers were trained and their threshold was chosen.
  public var readout: ExitReadout {
    notes["readout"].flatMap(ExitReadout.init) ?? .head
  }

  /// The threshold that calibration vouches for, where the router file notes one; of tokens read out as
  /// `readout` says.
  public var guaranteedThreshold: Double? {
    notes["guarantee_threshold"].flatMap(Double.init).flatMap { $0 >= 0 && $0.isFinite ? $0 : nil }
  }
}
