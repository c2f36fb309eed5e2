/// Times a baseline and a variant in turns, so that disturbances of the machine hit both.
///
/// After warm-up of each, pairs are run in the order A B, B A, A B, … (A B B A …). So drifts in
/// clock speed, and the caches' state after the other side, cancel out instead of favouring one
/// side.
public struct InterleavedTiming: Sendable, Equatable {
  /// How many pairs are timed.
  public let pairs: Int
  /// How often each side runs untimed first.
  public let warmUps: Int
  /// How the intervals are made.
  public let bootstrap: Bootstrap

  /// A timing with its settings.
  public init(pairs: Int = 20, warmUps: Int = 2, bootstrap: Bootstrap = Bootstrap()) {
    precondition(pairs > 0 && warmUps >= 0, "at least one pair")
    self.pairs = pairs
    self.warmUps = warmUps
    self.bootstrap = bootstrap
  }

  /// One of the two things compared.
  public struct Side {
    /// Its name in results.
    public let name: String
    /// The work of one run, if known; its rate is checked against the machine's ceilings.
    public let work: Work?
    /// One run; everything it does is timed.
    public let run: () throws -> Void

    /// A side from its name, its work and its body.
    public init(_ name: String, work: Work? = nil, run: @escaping () throws -> Void) {
      self.name = name
      self.work = work
      self.run = run
    }
  }

  /// Runs both sides and returns every time taken.
  ///
  /// - Parameters:
  ///   - baseline: A, what the other is compared with.
  ///   - variant: B.
  ///   - pairDone: called after each pair, outside the clock.
  /// - Returns: the times, in pairs.
  /// - Throws: what a side or `pairDone` throws.
  public func measure(
    baseline: Side, variant: Side, pairDone: () throws -> Void = {}
  ) throws -> TimingComparison {
    for _ in 0..<warmUps {
      try baseline.run()
      try variant.run()
    }
    var baselineTimes: [Double] = []
    var variantTimes: [Double] = []
    for pair in 0..<pairs {
      if pair.isMultiple(of: 2) {
        baselineTimes.append(try timed(baseline))
        variantTimes.append(try timed(variant))
      } else {
        variantTimes.append(try timed(variant))
        baselineTimes.append(try timed(baseline))
      }
      try pairDone()
    }
    return TimingComparison(
      baseline: SideTimes(name: baseline.name, work: baseline.work, milliseconds: baselineTimes),
      variant: SideTimes(name: variant.name, work: variant.work, milliseconds: variantTimes),
      bootstrap: bootstrap)
  }

  private func timed(_ side: Side) throws -> Double {
    try Self.milliseconds(of: side.run) * BrokenClock.scale
  }

  /// How long a body takes on the monotonic clock.
  public static func milliseconds(of body: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(body) / .milliseconds(1)
  }
}

/// Every time that one side took.
public struct SideTimes: Sendable, Equatable {
  /// Its name in results.
  public let name: String
  /// The work of one run, if known.
  public let work: Work?
  /// The times, in milliseconds, in the order they were taken.
  public let milliseconds: [Double]

  /// A side's times from their parts.
  public init(name: String, work: Work?, milliseconds: [Double]) {
    self.name = name
    self.work = work
    self.milliseconds = milliseconds
  }

  /// The median time, in milliseconds.
  public var medianMilliseconds: Double { Bootstrap.median(milliseconds) }
}

/// Two sides' times, and what follows from them.
public struct TimingComparison: Sendable, Equatable {
  /// A: what the other is compared with.
  public let baseline: SideTimes
  /// B.
  public let variant: SideTimes
  /// Median of the baseline over median of the variant, with its interval: above 1 is faster.
  public let speedup: Estimate

  /// A comparison of paired times.
  public init(baseline: SideTimes, variant: SideTimes, bootstrap: Bootstrap = Bootstrap()) {
    self.baseline = baseline
    self.variant = variant
    speedup = bootstrap.ratioOfMedians(
      baseline.milliseconds, over: variant.milliseconds)
  }

  /// The share of time that the variant saves: 0.3 if it takes 70 % of the baseline's time.
  public var saving: Double { 1 - 1 / speedup.value }

  /// The measured saving over the ideal one, which follows from the work left out.
  ///
  /// - Parameter idealSpeedup: the full work over the remaining work, above 1.
  /// - Returns: 1 if the time saved is proportional to the work left out; the interval is the
  ///   speedup's.
  public func efficiency(idealSpeedup: Double) -> Estimate {
    func efficiency(_ speedup: Double) -> Double { (1 - 1 / speedup) / (1 - 1 / idealSpeedup) }
    return Estimate(
      value: efficiency(speedup.value),
      interval: Interval(
        lower: efficiency(speedup.interval.lower), upper: efficiency(speedup.interval.upper)),
      count: speedup.count)
  }
}
