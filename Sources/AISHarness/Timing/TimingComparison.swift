import AISKit
import Foundation

/// Two sides' times from several processes, and what follows from them.
///
/// One estimator is used everywhere: the median of the pairs' log-ratios, shown as a ratio. Two
/// times of a pair are taken at about the same moment, so a slow-down hits both and cancels. Between
/// processes the same code differs by more than within one (memory is laid out differently, the
/// machine's neighbours change), so processes are the units that are counted.
public struct TimingComparison: Sendable, Equatable {
  /// The pairs, in any order.
  public let pairs: [TimedPair]
  /// How much faster the variant is: the baseline's time over the variant's, above 1 is faster.
  ///
  /// The count is of processes. The fixed interval is Student's, with the standard error of a
  /// two-level bootstrap that resamples processes, then pairs in each. One process gives an interval
  /// of its own pairs, which says nothing about others.
  public let speedup: Estimate

  /// A comparison of paired times; `nil` without pairs.
  public init?(_ pairs: [TimedPair], bootstrap: Bootstrap = Self.bootstrap) {
    guard !pairs.isEmpty else { return nil }
    self.pairs = pairs
    let processes = Dictionary(grouping: pairs, by: \.process).sorted { $0.key < $1.key }.map {
      $0.value.map { log($0.baselineMilliseconds / $0.variantMilliseconds) }
    }
    let logarithm = Bootstrap.median(processes.flatMap { $0 })
    let error = bootstrap.standardError(ofGroups: processes.map { [$0] }) { drawn in
      Bootstrap.median(drawn.flatMap { $0[0] })
    }
    speedup = Self.estimate(logarithm, error: error, processes: processes.count)
      .mapped { exp($0) }
  }

  /// A figure of several processes, with its standard error from the two-level bootstrap.
  private static func estimate(_ value: Double, error: Double, processes: Int) -> Estimate {
    let width = fixedWidth(processes)
    return Estimate(
      value: value,
      interval: Interval(lower: value - width * error, upper: value + width * error),
      count: processes
    ) {
      let width = StudentMixture.processes.width(count: processes, error: $0)
      // A spread of 0 is an artefact of equal times, and leaves nothing to widen.
      let half = error > 0 ? width * error : width.isFinite ? 0 : .infinity
      return Interval(lower: value - half, upper: value + half)
    }
  }

  /// Half the width of a fixed interval in standard errors, from this many processes.
  private static func fixedWidth(_ count: Int) -> Double {
    count > 1
      ? Distributions.studentQuantile(0.975, freedom: Double(count - 1))
      : Distributions.normalQuantile(0.975)
  }

  /// Enough resamples for a standard error; more would cost seconds a page.
  public static let bootstrap = Bootstrap(resamples: 1_000)

  /// How many processes timed it.
  public var processCount: Int { speedup.count }

  /// The baseline's median time, in milliseconds.
  public var baselineMilliseconds: Double { Bootstrap.median(pairs.map(\.baselineMilliseconds)) }

  /// The variant's median time, in milliseconds.
  public var variantMilliseconds: Double { Bootstrap.median(pairs.map(\.variantMilliseconds)) }

  /// The time that the variant adds, as a share of the baseline's: 0.03 if it takes 3 % longer.
  public var overhead: Estimate { speedup.mapped { 1 / $0 - 1 } }

  /// The measured saving over the ideal one, which follows from the work left out.
  ///
  /// - Parameter idealSpeedup: the full work over the remaining work, above 1.
  /// - Returns: 1 if the time saved is proportional to the work left out.
  public func efficiency(idealSpeedup: Double) -> Estimate {
    speedup.mapped { (1 - 1 / $0) / (1 - 1 / idealSpeedup) }
  }

  /// The measured speed-up over the ideal one.
  ///
  /// - Parameter ideal: the full work's time over the remaining work's, from `ModelWork.seconds`.
  /// - Returns: 1 if the measured speed-up is the ideal one.
  public func efficiency(ofIdeal ideal: Double) -> Estimate { speedup.mapped { $0 / ideal } }
}

extension TimingComparison {
  /// A figure of several comparisons that the same processes timed, such as one saving over
  /// another.
  ///
  /// Processes are resampled for all comparisons together, then pairs in each.
  ///
  /// - Parameters:
  ///   - comparisons: at least one.
  ///   - bootstrap: its resamples and seed.
  ///   - figure: computed from the speed-up of each comparison, in their order.
  /// - Returns: the figure, counted in processes; `nil` if no process timed all of them.
  public static func figure(
    of comparisons: [TimingComparison], bootstrap: Bootstrap = Self.bootstrap,
    _ figure: ([Double]) -> Double
  ) -> Estimate? {
    let times = comparisons.map { Dictionary(grouping: $0.pairs, by: \.process) }
    let shared = times.dropFirst().reduce(Set(times.first?.keys.map { $0 } ?? [])) {
      $0.intersection($1.keys)
    }
    // Shape: [processes][comparisons][pairs].
    let processes = shared.sorted().map { process in
      times.map {
        ($0[process] ?? []).map { log($0.baselineMilliseconds / $0.variantMilliseconds) }
      }
    }
    guard !processes.isEmpty else { return nil }
    func value(_ drawn: [[[Double]]]) -> Double {
      figure(times.indices.map { place in exp(Bootstrap.median(drawn.flatMap { $0[place] })) })
    }
    return estimate(
      value(processes), error: bootstrap.standardError(ofGroups: processes, value),
      processes: processes.count)
  }
}

extension Bootstrap {
  /// The standard error of a figure of groups that differ, each with several samples.
  ///
  /// Groups are resampled, then the values of each sample drawn. Resampled groups vary less than
  /// independent ones by the factor (n − 1)/n, which is made good; a single group has no such term.
  ///
  /// Shape: [groups][samples][values].
  ///
  /// Source: Davison and Hinkley 1997, "Bootstrap Methods and their Application", section 3.8.
  func standardError(
    ofGroups groups: [[[Double]]], _ figure: ([[[Double]]]) -> Double
  ) -> Double {
    var generator = SplitMix64(seed: seed)
    let values = (0..<resamples).map { _ in
      figure(
        groups.map { _ in
          groups[generator.index(below: groups.count)].map { sample in
            sample.map { _ in sample[generator.index(below: sample.count)] }
          }
        })
    }
    let mean = Self.mean(values)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    let count = Double(groups.count)
    return (variance * (count > 1 ? count / (count - 1) : 1)).squareRoot()
  }
}
