import AISKit

/// One of the ways of choosing exits that an experiment tries.
public struct ExitSetting: Sendable, Equatable {
  /// Its label, such as `0.85`.
  public let label: String
  /// The score above which a token exits; `nil` if something else decides.
  public let threshold: Double?

  /// Exit routers with a threshold; the label says whether calibration guarantees it.
  public init(_ threshold: Double, isGuaranteed: Bool = false) {
    label = isGuaranteed ? "\(threshold) (guaranteed)" : "\(threshold)"
    self.threshold = threshold
  }

  /// A way without exit routers.
  public init(label: String) {
    self.label = label
    threshold = nil
  }
}

extension TokenRouters {
  /// The readout with which the routers were trained and their threshold was chosen.
  public var readout: ExitReadout {
    notes["readout"].flatMap(ExitReadout.init) ?? .head
  }

  /// The threshold that calibration guarantees, if the router file has one; it holds for tokens
  /// read out as `readout` says.
  public var guaranteedThreshold: Double? {
    notes["guarantee_threshold"].flatMap(Double.init).flatMap { $0 >= 0 && $0.isFinite ? $0 : nil }
  }
}
