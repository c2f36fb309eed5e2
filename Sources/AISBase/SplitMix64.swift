/// A small random generator whose sequence is part of this project, so that runs repeat bit for bit.
///
/// Not for secrets. Results depend on the draws, and the standard library's helpers
/// (`Int.random(in:using:)`, `shuffle`) may change how they draw. So the draws are here, too.
///
/// Source: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators".
public struct SplitMix64: RandomNumberGenerator, Sendable, Equatable {
  private var state: UInt64

  /// A generator whose sequence is fixed by the seed.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mixed(state)
  }

  /// An index below `bound`, by the high half of a product: the bias is below bound / 2^64.
  public mutating func index(below bound: Int) -> Int {
    precondition(bound > 0, "there is something to choose from")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A number in [0, 1), with 53 random bits.
  public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// The same elements in an order drawn from this generator (Fisher and Yates).
  public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var result = elements
    for last in stride(from: result.count - 1, to: 0, by: -1) {
      result.swapAt(last, index(below: last + 1))
    }
    return result
  }

  /// The generator's output function alone: every input bit affects every output bit.
  public static func mixed(_ value: UInt64) -> UInt64 {
    var bits = value
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
