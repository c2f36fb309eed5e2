/// A text that calibration reads.
public struct CalibrationText: Sendable, Equatable {
  /// The use of a text; the rows of one role are never used for another.
  public enum Role: String, Sendable, CaseIterable {
    /// Routers are trained on it.
    case train
    /// The loss on it decides when training stops.
    case stop
    /// The threshold is chosen on it; nothing is fitted to it.
    case guarantee

    /// The share of texts that get this role by `of`.
    public var share: Double {
      switch self {
      case .train: 0.5
      case .stop: 0.1
      case .guarantee: 0.4
      }
    }

    /// The role of a text by a hash of its tokens, so that the same text never has two roles.
    public static func of(_ tokens: [Int32]) -> Role {
      var place = tokens.withUnsafeBytes { StableHash.place(of: $0) }
      for role in allCases {
        if place < role.share { return role }
        place -= role.share
      }
      return .guarantee
    }
  }

  /// Its tokens.
  public let tokens: [Int32]
  /// What it is used for.
  public let role: Role
  /// The first position that counts.
  public let firstPosition: Int

  /// A text with a role, by default the one that a hash of its tokens decides.
  public init(_ tokens: [Int32], role: Role? = nil, firstPosition: Int = 0) {
    self.tokens = tokens
    self.role = role ?? .of(tokens)
    self.firstPosition = firstPosition
  }
}
