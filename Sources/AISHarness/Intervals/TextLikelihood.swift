import Foundation

/// The probabilities that a model gives to texts, by prompt.
public struct TextLikelihood: Sendable {
  private let texts: [Int: (nats: Double, tokens: Int)]

  /// Texts by prompt: −log of a text's probability in nats, and its number of tokens.
  public init(_ texts: [Int: (nats: Double, tokens: Int)]) { self.texts = texts }

  /// The perplexity: e to the mean −log probability of a token; prompts are resampled.
  public func perplexity(bootstrap: Bootstrap = Bootstrap()) -> Estimate {
    exponential(of: estimate(over: nil, bootstrap))
  }

  /// The perplexity over that of other texts for the same prompts; pairs are resampled.
  ///
  /// Prompts that only one of the two has do not count.
  public func perplexityRatio(
    over other: TextLikelihood, bootstrap: Bootstrap = Bootstrap()
  ) -> Estimate {
    exponential(of: estimate(over: other, bootstrap))
  }

  /// The mean −log probability of a token, less the other's.
  private func estimate(over other: TextLikelihood?, _ bootstrap: Bootstrap) -> Estimate {
    let prompts = texts.keys.filter { other == nil || other?.texts[$0] != nil }.sorted()
    func mean(_ texts: [Int: (nats: Double, tokens: Int)], _ chosen: [Int]) -> Double {
      let sum = chosen.reduce(into: (nats: 0.0, tokens: 0)) { sum, prompt in
        sum.nats += texts[prompt]?.nats ?? 0
        sum.tokens += texts[prompt]?.tokens ?? 0
      }
      return sum.nats / Double(sum.tokens)
    }
    func statistic(_ chosen: [Int]) -> Double {
      mean(texts, chosen) - (other.map { mean($0.texts, chosen) } ?? 0)
    }
    return bootstrap.estimate(count: prompts.count, whole: statistic(prompts)) { indices in
      statistic(indices.map { prompts[$0] })
    }
  }

  private func exponential(of estimate: Estimate) -> Estimate {
    Estimate(
      value: exp(estimate.value),
      interval: Interval(
        lower: exp(estimate.interval.lower), upper: exp(estimate.interval.upper)),
      count: estimate.count)
  }
}
