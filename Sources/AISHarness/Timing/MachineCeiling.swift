import AISKit

/// The highest rates of a device of this machine, measured in the same run as the times compared with
/// them.
public struct MachineCeiling: Sendable, Equatable {
  /// The rate of reading the device's memory, none of it in a cache: 10^9 bytes a second.
  public let readGigabytesPerSecond: Double
  /// The rate of large matrix products, by number format: 10^9 operations a second.
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

  /// Measures a device, as `CeilingProbe` does.
  ///
  /// - Returns: the ceilings; for products, only the formats asked for.
  /// - Throws: `MachineCeilingError` or `EngineError` if there is no memory for the buffer.
  public static func measure(
    of device: ComputeDevice = .processor,
    threads: Int,
    computeTypes: [ComputeType] = [],
    bufferBytes: Int? = nil,
    gigaflops: @escaping (ComputeType) throws -> Double = { _ in 0 }
  ) throws -> MachineCeiling {
    let probe = try CeilingProbe(
      of: device, threads: threads, computeTypes: computeTypes, bufferBytes: bufferBytes,
      gigaflops: gigaflops)
    try probe.look(times: CeilingProbe.firstLooks)
    return probe.ceiling
  }

  /// The higher of two measurements of one machine, ceiling by ceiling.
  public func raised(to other: MachineCeiling) -> MachineCeiling {
    MachineCeiling(
      readGigabytesPerSecond: max(readGigabytesPerSecond, other.readGigabytesPerSecond),
      gemmGigaflops: gemmGigaflops.merging(other.gemmGigaflops) { max($0, $1) })
  }

  /// The rate, implied by a time, that the machine cannot reach; `nil` if it can.
  public func violation(name: String, work: Work?, milliseconds: Double) -> ImpossibleTiming? {
    guard let work else { return nil }
    let seconds = milliseconds / 1_000
    let rates = [
      (work.bytesRead / seconds / 1e9, readGigabytesPerSecond, "GB/s"),
      (
        work.floatingPointOperations / seconds / 1e9, gemmGigaflops[work.computeType] ?? 0,
        "GFLOP/s"
      ),
    ]
    for (rate, ceiling, unit) in rates where ceiling > 0 && rate > ceiling * Self.tolerance {
      return ImpossibleTiming(name: name, rate: rate, ceiling: ceiling, unit: unit)
    }
    return nil
  }
}
