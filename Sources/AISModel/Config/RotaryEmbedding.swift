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
    /// YaRN: waves that turn more than `fast` times in the original context kept, those that turn
    /// less than `slow` times divided by `factor`, a ramp between (Peng et al., 2023).
    case yarn(YaRN)
    /// A divisor for each pair, one set for contexts of up to `originalContext` positions and one
    /// for longer ones (Ding et al., 2024).
    case longRope(short: [Float], long: [Float], originalContext: Int)
  }

  /// The parameters of YaRN.
  public struct YaRN: Sendable, Equatable {
    /// Long waves are divided by this.
    public var factor: Double
    /// The context length before it was extended, in positions.
    public var originalContext: Int
    /// Waves with more turns than this in the original context are kept.
    public var fast = 32.0
    /// Waves with fewer turns than this in the original context are divided in full.
    public var slow = 1.0
    /// Whether the ramp's ends are rounded to whole pairs.
    public var truncates = true

    /// YaRN with the paper's ramp.
    public init(factor: Double, originalContext: Int) {
      self.factor = factor
      self.originalContext = originalContext
    }
  }

  /// Base of the geometric series of frequencies (`rope_theta`).
  public var base: Double
  /// Leading dimensions of a head that rotate; even.
  public var dimension: Int
  /// Which dimensions form pairs.
  public var pairing: Pairing
  /// How frequencies are stretched.
  public var scaling: Scaling
  /// Multiplies the rotated queries and keys (YaRN's and LongRoPE's attention factor).
  public var magnitude: Float = 1

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
  ///
  /// LongRoPE depends on `positions`, the text's final length. With the final length, a text's
  /// first tokens do not change when more tokens follow.
  public func inverseFrequencies(positions: Int = 0) -> [Float] {
    let frequencies = (0..<dimension / 2).map { 1 / pow(base, Double(2 * $0) / Double(dimension)) }
    switch scaling {
    case .none: return frequencies.map { Float($0) }
    case .linear(let factor): return frequencies.map { Float($0 / factor) }
    case .divisors(let divisors): return Self.divide(frequencies, by: divisors)
    case .longRope(let short, let long, _):
      return Self.divide(frequencies, by: isBeyondOriginal(positions) ? long : short)
    case .yarn(let yarn): return stretch(frequencies, yarn)
    case .llama3(let factor, let low, let high, let context):
      return frequencies.map { frequency in
        let turns = Double(context) * frequency / (2 * Double.pi)
        if turns < low { return Float(frequency / factor) }
        if turns > high { return Float(frequency) }
        let kept = (turns - low) / (high - low)
        return Float((1 - kept) * frequency / factor + kept * frequency)
      }
    }
  }

  /// LongRoPE: longer texts than this use other frequencies; `nil`: all texts use the same.
  var originalContext: Int? {
    if case .longRope(_, _, let original) = scaling { return original }
    return nil
  }

  private func isBeyondOriginal(_ length: Int) -> Bool {
    originalContext.map { length > $0 } ?? false
  }

  private static func divide(_ frequencies: [Double], by divisors: [Float]) -> [Float] {
    zip(frequencies, divisors).map { Float($0 / Double($1)) }
  }

  private func stretch(_ frequencies: [Double], _ yarn: YaRN) -> [Float] {
    /// The pair, as a fractional index, whose wave makes this many turns in the original context.
    func pair(turning turns: Double) -> Double {
      Double(dimension) * log(Double(yarn.originalContext) / (turns * 2 * Double.pi))
        / (2 * log(base))
    }
    var (first, last) = (pair(turning: yarn.fast), pair(turning: yarn.slow))
    if yarn.truncates { (first, last) = (first.rounded(.down), last.rounded(.up)) }
    (first, last) = (max(first, 0), min(last, Double(dimension - 1)))
    if first == last { last += 0.001 }
    return frequencies.enumerated().map { index, frequency in
      let divided = min(max((Double(index) - first) / (last - first), 0), 1)
      return Float(divided * frequency / yarn.factor + (1 - divided) * frequency)
    }
  }
}
