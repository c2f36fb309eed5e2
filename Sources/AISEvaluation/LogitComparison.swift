/// The distance of logits from a baseline's logits.
///
/// Logits that are not a distribution (one is NaN or +∞, or all are −∞) agree with no logits, not
/// even themselves.
public struct LogitComparison: Sendable, Equatable {
  /// KL(base‖other) of the two next-token distributions, in nats.
  public let klBaseSkip: Double
  /// Whether both have the same most probable token.
  public let topOneAgrees: Bool
  /// The number of tokens that are among the five most probable of both, 0 to 5.
  public let topFiveOverlap: Int
  /// The largest absolute difference of a logit.
  public let largestDifference: Double
  /// Whether all bits are equal.
  public let isIdentical: Bool

  /// Compares logits over one vocabulary.
  ///
  /// Shape: [vocabularySize] each.
  public init(base: [Float], other: [Float]) {
    precondition(!base.isEmpty, "logits over a vocabulary")
    let found = base.withUnsafeBufferPointer { base in
      other.withUnsafeBufferPointer { HostMath.compare(base: base, other: $0, width: base.count) }
    }
    self.init(found[0])
  }

  /// Compares many rows of logits with their baselines, on all threads.
  ///
  /// Shape: base and other [rows, width]; the result has an element for each row.
  public static func rows(
    base: UnsafeBufferPointer<Float>, other: UnsafeBufferPointer<Float>, width: Int
  ) -> [LogitComparison] {
    HostMath.compare(base: base, other: other, width: width).map(LogitComparison.init)
  }

  private init(_ found: HostMath.Comparison) {
    klBaseSkip = found.kl
    // Logits that are not a distribution have the top token −1, which never agrees.
    topOneAgrees = found.base_top >= 0 && found.base_top == found.other_top
    topFiveOverlap = Int(found.shared_top_five)
    largestDifference = found.largest_difference
    isIdentical = found.identical
  }
}
