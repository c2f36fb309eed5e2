import Foundation

/// Rotary position embedding: which dimensions rotate, how fast, and how they are paired.
///
/// Pair i of a head at position p turns by the angle p · inverseFrequency[i].
/// Source: Su et al., 2021 (RoFormer); scalings as in Hugging Face transformers' rope utilities.
public struct RotaryEmbedding: Sendable, Equatable {
  /// Which two dimensions form a pair.
  public enum Pairing: Sendable, Equatable {
    /// (i, i + dimension/2): Hugging Face weights, and GGUF's `neox` families.
    case halfSplit
    /// (2i, 2i + 1): GGUF's Llama weights, whose query and key rows are permuted to match.
    case interleaved
  }

  /// How frequencies are stretched beyond the trained context.
  public enum Scaling: Sendable, Equatable {
    /// As trained.
    case none
    /// Every position divided by `factor`.
    case linear(factor: Double)
    /// Llama 3: long waves divided by `factor`, short ones kept, a ramp between.
    case llama3(factor: Double, lowFrequency: Double, highFrequency: Double, originalContext: Int)
    /// A divisor for each pair, as GGUF stores it in `rope_freqs.weight`.
    case divisors([Float])
  }

  /// Base of the geometric series of frequencies (`rope_theta`).
  public var base: Double
  /// Leading dimensions of a head that rotate; even.
  public var dimension: Int
  /// Which dimensions form pairs.
  public var pairing: Pairing
  /// How frequencies are stretched.
  public var scaling: Scaling

  /// Rotation of `dimension` dimensions with the given base.
  public init(
    base: Double, dimension: Int, pairing: Pairing = .halfSplit, scaling: Scaling = .none
  ) {
    self.base = base
    self.dimension = dimension
    self.pairing = pairing
    self.scaling = scaling
  }

  /// Radians per position for each pair.
  ///
  /// Shape: [dimension / 2].
  public var inverseFrequencies: [Float] {
    (0..<dimension / 2).map { pair in
      let frequency = 1 / pow(base, Double(2 * pair) / Double(dimension))
      switch scaling {
      case .none: return Float(frequency)
      case .linear(let factor): return Float(frequency / factor)
      case .divisors(let divisors): return Float(frequency / Double(divisors[pair]))
      case .llama3(let factor, let low, let high, let context):
        let wavelength = 2 * Double.pi / frequency
        let turns = Double(context) / wavelength
        if turns < low { return Float(frequency / factor) }
        if turns > high { return Float(frequency) }
        let kept = (turns - low) / (high - low)
        return Float((1 - kept) * frequency / factor + kept * frequency)
      }
    }
  }
}
