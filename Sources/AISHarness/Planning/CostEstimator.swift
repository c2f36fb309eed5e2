import AISKit

/// Estimates beforehand how long work will take.
package struct CostEstimator {
  /// The basis of an estimate, the best first.
  package enum Basis: String, Codable, Sendable {
    /// The time that the same part took here before.
    case samePart
    /// The time that other work with this model took here.
    case otherParts
    /// The model's size and the rate of a matrix product.
    case arithmetic
  }

  /// A time and its basis.
  package struct Estimate: Equatable, Sendable {
    package let seconds: Double
    package let basis: Basis

    package init(seconds: Double, basis: Basis) {
      self.seconds = seconds
      self.basis = basis
    }
  }

  /// The share of a matrix product's rate that whole passes over prompts reach.
  private static let efficiency = 0.7

  private let records: [String: RateBook.Record]
  private let operationsPerToken: Double
  private let gigaflops: () -> Double

  /// An estimator for one model on this machine.
  ///
  /// - Parameters:
  ///   - records: how long parts took before, by name.
  ///   - config: the model's shape.
  ///   - gigaflops: the rate of a matrix product, in 10^9 operations a second; asked for only if
  ///     nothing better is known.
  package init(
    records: [String: RateBook.Record], config: ModelConfig, gigaflops: @escaping () -> Double
  ) {
    self.records = records
    operationsPerToken =
      2
      * (config.activeBlockParameters * Double(config.layerCount) + Double(config.headParameters))
    self.gigaflops = gigaflops
  }

  /// The time of a part's work; `nil` if it cannot be known.
  package func estimate(_ part: String, _ work: Workload) -> Estimate? {
    guard let tokens = work.tokens else { return nil }
    if let known = records[part], known.tokens > 0 {
      return Estimate(
        seconds: tokens * known.seconds / known.tokens + work.extraSeconds, basis: .samePart)
    }
    // Each part's rate, not their sum: one long run would drown all others.
    let rates = records.values.filter { $0.tokens > 0 }.map { $0.seconds / $0.tokens }
    if !rates.isEmpty {
      return Estimate(
        seconds: tokens * Bootstrap.median(rates) + work.extraSeconds, basis: .otherParts)
    }
    let rate = gigaflops() * 1e9 * Self.efficiency
    guard rate > 0 else { return nil }
    return Estimate(
      seconds: tokens * operationsPerToken / rate + work.extraSeconds, basis: .arithmetic)
  }
}
