import Foundation

/// How the next token is chosen from logits.
public struct Sampling: Sendable, Equatable {
  /// Divides the logits; 0 always takes the most probable token.
  public var temperature: Double
  /// Only the `topK` most probable tokens can be chosen; `nil`: all tokens.
  public var topK: Int?
  /// Only the most probable tokens that together reach this probability can be chosen; `nil`: all
  /// tokens.
  public var topP: Double?
  /// The seed of the random choices.
  public var seed: UInt64

  /// Always the most probable token.
  public static let greedy = Sampling()

  /// Sampling with the given settings.
  public init(temperature: Double = 0, topK: Int? = nil, topP: Double? = nil, seed: UInt64 = 0) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.seed = seed
  }

  /// Whether the most probable token is always taken.
  public var isGreedy: Bool { temperature == 0 || topK == 1 }

  /// - Throws: `RequestError` naming the setting that is out of range.
  public func validate() throws {
    guard temperature >= 0, temperature.isFinite else {
      throw RequestError("temperature", expected: "a number of at least 0", found: "\(temperature)")
    }
    if let topK, topK < 1 {
      throw RequestError("top-k", expected: "at least 1", found: "\(topK)")
    }
    if let topP, !(topP > 0 && topP <= 1) {
      throw RequestError("top-p", expected: "above 0 and at most 1", found: "\(topP)")
    }
  }
}

/// Chooses tokens.
///
/// Keeps its random state and its buffers between choices.
///
/// Order of the filters, as in Hugging Face's generation: temperature, top-k, top-p.
public struct Sampler: Sendable {
  private let sampling: Sampling
  private var random: SplitMix64
  private var candidates: [Candidate] = []

  private struct Candidate {
    let token: Int32
    var weight: Double
  }

  /// A sampler at the start of its random sequence.
  public init(_ sampling: Sampling) {
    self.sampling = sampling
    random = SplitMix64(seed: sampling.seed)
  }

  /// The chosen token's id.
  ///
  /// Shape: logits [vocabularySize], at least one.
  public mutating func sample(_ logits: UnsafeBufferPointer<Float>) -> Int32 {
    precondition(!logits.isEmpty)
    let best = Int32(logits.firstLargest)
    guard !sampling.isGreedy else { return best }
    let top = Double(logits[Int(best)])
    candidates.removeAll(keepingCapacity: true)
    for (token, logit) in logits.enumerated() where logit.isFinite {
      candidates.append(
        Candidate(
          token: Int32(token), weight: exp((Double(logit) - top) / sampling.temperature)))
    }
    if sampling.topK != nil || sampling.topP != nil {
      // Equal weights keep the vocabulary's order, so that a seed always gives the same text.
      candidates.sort { ($0.weight, $1.token) > ($1.weight, $0.token) }
    }
    if let topK = sampling.topK, topK < candidates.count {
      candidates.removeLast(candidates.count - topK)
    }
    if let topP = sampling.topP { keepNucleus(topP) }
    return draw() ?? best
  }

  /// Keeps the fewest of the sorted candidates whose weights together reach the probability.
  private mutating func keepNucleus(_ probability: Double) {
    let target = candidates.reduce(0) { $0 + $1.weight } * probability
    var sum = 0.0
    for index in candidates.indices {
      sum += candidates[index].weight
      if sum >= target {
        candidates.removeLast(candidates.count - index - 1)
        return
      }
    }
  }

  private mutating func draw() -> Int32? {
    var rest = random.unit() * candidates.reduce(0) { $0 + $1.weight }
    for candidate in candidates {
      rest -= candidate.weight
      if rest < 0 { return candidate.token }
    }
    return candidates.last?.token
  }
}
