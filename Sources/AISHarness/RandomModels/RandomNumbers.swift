import AISKit

/// Draws bfloat16 numbers of a normal distribution, a few billion in seconds.
///
/// A table has the quantiles of 65,536 equally likely parts, so that a number costs 16 random bits
/// and a look-up. The largest are 4.2 deviations from 0.
struct RandomNumbers: Sendable {
  /// The deviation of the weights, as published models are initialised.
  static let deviation = 0.02

  private let quantiles: [UInt16]
  private let seed: UInt64

  /// Draws that the seed determines.
  init(seed: UInt64) {
    self.seed = seed
    let parts = 1 << 16
    let upper = (parts / 2..<parts).map {
      Self.rounded(
        Float(
          Self.deviation
            * Distributions.normalQuantile((Double($0) + 0.5) / Double(parts))))
    }
    quantiles = upper.map { $0 | 0x8000 } + upper
  }

  /// Fills a piece of a tensor; the numbers depend on the seed, the tensor's name and the piece.
  func fill(_ piece: UnsafeMutableBufferPointer<UInt16>, number: Int, of tensor: String) {
    var random = SplitMix64(
      seed: SplitMix64.mixed(StableHash.of(tensor.utf8) ^ seed) &+ SplitMix64.mixed(UInt64(number)))
    quantiles.withUnsafeBufferPointer { quantiles in
      var bits: UInt64 = 0
      for place in piece.indices {
        bits = place & 3 == 0 ? random.next() : bits >> 16
        piece[place] = quantiles[Int(bits & 0xFFFF)].littleEndian
      }
    }
  }

  /// The bits of the nearest bfloat16 number, of two equally near ones the even one.
  static func rounded(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    return UInt16((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
  }
}
