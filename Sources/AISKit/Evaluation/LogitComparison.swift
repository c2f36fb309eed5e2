import Foundation

/// How far one prompt's logits are from a baseline's.
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
    var largest = 0.0
    for (a, b) in zip(base, other) {
      let difference = abs(Double(a) - Double(b))
      // What is not a number is as far away as can be, never near.
      largest = difference.isNaN ? .infinity : max(largest, difference)
    }
    largestDifference = largest
    isIdentical = zip(base, other).allSatisfy { $0.bitPattern == $1.bitPattern && !$0.isNaN }
    let (p, q) = (Self.logProbabilities(base), Self.logProbabilities(other))
    klBaseSkip = zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
    let (baseTop, otherTop) = (Self.top(5, of: base), Self.top(5, of: other))
    topOneAgrees = baseTop[0] == otherTop[0]
    topFiveOverlap = Set(baseTop).intersection(otherTop).count
  }

  /// Natural logarithms of the softmax, in float64.
  public static func logProbabilities(_ logits: [Float]) -> [Double] {
    let top = Double(logits.max() ?? 0)
    let logSum = log(logits.reduce(0) { $0 + exp(Double($1) - top) })
    return logits.map { Double($0) - top - logSum }
  }

  /// The indices of the largest logits, the largest first, lower indices first among equals.
  static func top(_ count: Int, of logits: [Float]) -> [Int] {
    var best: [Int] = []
    for index in logits.indices {
      guard best.count < count || logits[index] > logits[best[best.count - 1]] else { continue }
      let place = best.firstIndex { logits[index] > logits[$0] } ?? best.count
      best.insert(index, at: place)
      if best.count > count { best.removeLast() }
    }
    return best
  }
}
