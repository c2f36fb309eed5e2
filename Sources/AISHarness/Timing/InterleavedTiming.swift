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

  /// A timing with its settings.
  public init(pairs: Int = 20, warmUps: Int = 2) {
    precondition(pairs > 0 && warmUps >= 0, "at least one pair")
    self.pairs = pairs
    self.warmUps = warmUps
  }

  /// One of the two things compared.
  public struct Side {
    /// Its name in results.
    public let name: String
    /// The work of one run, if known; its rate is checked against the machine's ceilings.
    public let work: Work?
    /// One run; everything it does is timed.
    public let run: () throws -> Void
    /// What precedes each run, outside the clock, such as reading the next prompt; it gets the
    /// pair's place, which is negative for warm-ups.
    public var prepare: (_ pair: Int) throws -> Void = { _ in }

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
  /// - Returns: each pair's times, in milliseconds.
  /// - Throws: what a side or `pairDone` throws.
  public func measure(
    baseline: Side, variant: Side, pairDone: () throws -> Void = {}
  ) throws -> [(baseline: Double, variant: Double)] {
    for pair in -warmUps..<0 {
      for side in [baseline, variant] {
        try side.prepare(pair)
        try side.run()
      }
    }
    var times: [(baseline: Double, variant: Double)] = []
    for pair in 0..<pairs {
      if pair.isMultiple(of: 2) {
        let first = try timed(baseline, pair)
        times.append((first, try timed(variant, pair)))
      } else {
        let first = try timed(variant, pair)
        times.append((try timed(baseline, pair), first))
      }
      try pairDone()
    }
    return times
  }

  private func timed(_ side: Side, _ pair: Int) throws -> Double {
    try side.prepare(pair)
    return try Self.milliseconds(of: side.run) * BrokenClock.scale
  }

  /// How long a body takes on the monotonic clock.
  public static func milliseconds(of body: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(body) / .milliseconds(1)
  }
}
