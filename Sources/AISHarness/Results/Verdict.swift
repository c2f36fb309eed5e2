/// What an experiment's rows say about its claim.
///
/// A refuted claim is a finding, not a failure: the run still exits with 0.
public enum Verdict: Sendable, Equatable {
  /// Every criterion holds.
  case supported
  /// A criterion fails, and the interval leaves no doubt of it.
  case refuted
  /// The rows do not decide; the text says why, and what would.
  case inconclusive(String)
}

extension Verdict: LosslessStringConvertible, Codable {
  private static let inconclusivePrefix = "inconclusive: "

  /// `supported`, `refuted`, or `inconclusive: ` and the reason.
  public var description: String {
    switch self {
    case .supported: "supported"
    case .refuted: "refuted"
    case .inconclusive(let why): Self.inconclusivePrefix + why
    }
  }

  /// The verdict without a reason.
  public var word: String {
    switch self {
    case .supported: "supported"
    case .refuted: "refuted"
    case .inconclusive: "inconclusive"
    }
  }

  /// The verdict that `description` came from, or `nil`.
  public init?(_ description: String) {
    switch description {
    case "supported": self = .supported
    case "refuted": self = .refuted
    default:
      guard description.hasPrefix(Self.inconclusivePrefix) else { return nil }
      self = .inconclusive(String(description.dropFirst(Self.inconclusivePrefix.count)))
    }
  }

  /// Decodes the description.
  ///
  /// Throws `DecodingError` if the text is not a verdict.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let verdict = Verdict(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no verdict: \(text)")
    }
    self = verdict
  }

  /// Encodes the description.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
