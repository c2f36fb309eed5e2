import CAISKernels

/// How far one prompt's logits are from a baseline's.
///
/// Logits that are no distribution (one is NaN or +∞, or all are −∞) agree with nothing, themselves
/// included.
public struct LogitComparison: Sendable, Equatable {
  /// KL(base‖other) of the two next-token distributions, nats.
  public let klBaseSkip: Double
  /// Both put the same token first.
  public let topOneAgrees: Bool
  /// Tokens in both top fives, of 5.
  public let topFiveOverlap: Int
  /// The largest difference of a logit.
  public let largestDifference: Double
  /// Not a bit differs.
  public let isIdentical: Bool

  /// Compares logits over one vocabulary.
  ///
  /// Shape: [vocabularySize] each.
  public init(base: [Float], other: [Float]) {
    precondition(base.count == other.count && !base.isEmpty, "logits over one vocabulary")
    var found = ais_comparison()
    ais_compare_f32(base, other, &found, 1, base.count)
    self.init(found)
  }

  /// Compares many rows of logits with their baselines, on all threads.
  ///
  /// Shape: base and other [rows, width]; the result has an element for each row.
  public static func rows(
    base: UnsafeBufferPointer<Float>, other: UnsafeBufferPointer<Float>, width: Int
  ) -> [LogitComparison] {
    precondition(base.count == other.count, "rows over one vocabulary")
    precondition(width > 0 && base.count.isMultiple(of: width), "whole rows")
    let rows = base.count / width
    let found = [ais_comparison](unsafeUninitializedCapacity: rows) { buffer, count in
      ais_compare_f32(base.baseAddress, other.baseAddress, buffer.baseAddress, rows, width)
      count = rows
    }
    return found.map(LogitComparison.init)
  }

  /// Natural logarithms of the softmax, in float64.
  public static func logProbabilities(_ logits: [Float]) -> [Double] {
    LogProbabilities.of(logits)
  }

  private init(_ found: ais_comparison) {
    klBaseSkip = found.kl
    // Tops that are no token's agree with nothing.
    topOneAgrees = found.base_top >= 0 && found.base_top == found.other_top
    topFiveOverlap = Int(found.shared_top_five)
    largestDifference = found.largest_difference
    isIdentical = found.identical
  }
}
