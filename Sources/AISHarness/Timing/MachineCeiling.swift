import AISKit

/// What this machine reaches at best, measured in the same run as what is compared with it.
public struct MachineCeiling: Sendable, Equatable {
  /// Reading memory that no cache holds, with all threads: 10^9 bytes a second.
  public let readGigabytesPerSecond: Double
  /// Large matrix products, by number format: 10^9 operations a second.
  public let gemmGigaflops: [ComputeType: Double]

  /// How far above a ceiling a rate must be to be called impossible.
  ///
  /// Ceilings are measured too, on a machine whose clock speed wanders by a few percent.
  public static let tolerance = 1.1

  /// Ceilings from their values.
  public init(readGigabytesPerSecond: Double, gemmGigaflops: [ComputeType: Double]) {
    self.readGigabytesPerSecond = readGigabytesPerSecond
    self.gemmGigaflops = gemmGigaflops
  }

  /// Measures the machine.
  ///
  /// - Parameters:
  ///   - threads: how many threads may work.
  ///   - computeTypes: the number formats to measure products in.
  ///   - bufferBytes: how much memory is read; several times the last cache's size.
  ///   - gigaflops: the rate of one large product in a format. It comes from the backend under
  ///     test, so that a faster one cannot look impossible.
  /// - Returns: the ceilings, without a product's where its format was not asked for.
  /// - Throws: `MachineCeilingError` where there is no memory for the buffer.
  public static func measure(
    threads: Int,
    computeTypes: [ComputeType] = [],
    bufferBytes: Int = 256 << 20,
    gigaflops: (ComputeType) throws -> Double = { _ in 0 }
  ) throws -> MachineCeiling {
    var rates: [ComputeType: Double] = [:]
    for type in computeTypes { rates[type] = try gigaflops(type) }
    return MachineCeiling(
      readGigabytesPerSecond: try readBandwidth(threads: threads, bytes: bufferBytes),
      gemmGigaflops: rates)
  }

  /// The better of two measurements of one machine, ceiling by ceiling.
  public func raised(to other: MachineCeiling) -> MachineCeiling {
    MachineCeiling(
      readGigabytesPerSecond: max(readGigabytesPerSecond, other.readGigabytesPerSecond),
      gemmGigaflops: gemmGigaflops.merging(other.gemmGigaflops) { max($0, $1) })
  }

  /// The rates that a time would mean and the machine cannot reach; empty where all is well.
  public func violations(by side: SideTimes) -> [ImpossibleTiming] {
    guard let work = side.work else { return [] }
    let seconds = side.medianMilliseconds / 1_000
    let rates = [
      (work.bytesRead / seconds / 1e9, readGigabytesPerSecond, "GB/s"),
      (
        work.floatingPointOperations / seconds / 1e9, gemmGigaflops[work.computeType] ?? 0,
        "GFLOP/s"
      ),
    ]
    return rates.compactMap { rate, ceiling, unit in
      guard ceiling > 0, rate > ceiling * Self.tolerance else { return nil }
      return ImpossibleTiming(name: side.name, rate: rate, ceiling: ceiling, unit: unit)
    }
  }

  /// Reads a buffer several times over and keeps the best rate, in 10^9 bytes a second.
  static func readBandwidth(threads: Int, bytes: Int, repeats: Int = 5) throws -> Double {
    Threads.count = threads
    let memory = try MemoryReader(bytes: bytes)
    var best = Double.infinity
    for _ in 0..<repeats {
      best = min(best, InterleavedTiming.milliseconds { memory.read() })
    }
    return Double(bytes) / best / 1e6
  }
}
