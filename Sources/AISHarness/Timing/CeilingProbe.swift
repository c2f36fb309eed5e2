import AISKit

/// Measures a device again and again, and keeps the best of each ceiling.
///
/// Other programs may slow a measurement down, but nothing makes a device faster than it is. So
/// a ceiling is measured in turns with the times compared with it, not once at the start.
public final class CeilingProbe {
  /// How much memory one measurement of the processor reads: several times the last-level cache.
  public static let bufferBytes = 256 << 20
  /// How many measurements are made at first.
  public static let firstLooks = 20

  /// The best so far.
  public private(set) var ceiling = MachineCeiling(readGigabytesPerSecond: 0, gemmGigaflops: [:])
  /// The number formats that products are measured in.
  public let computeTypes: [ComputeType]
  private let threads: Int
  private let reader: any DeviceReader
  private let gigaflops: (ComputeType) throws -> Double

  /// A probe without measurements.
  ///
  /// - Parameters:
  ///   - device: what is measured.
  ///   - threads: how many threads may work.
  ///   - computeTypes: the number formats to measure products in.
  ///   - bufferBytes: how much memory is read; by default enough for the device.
  ///   - gigaflops: the rate of large products in a format, measured anew at each call. It comes from
  ///     the backend under test, so that a faster one cannot look impossible.
  /// - Throws: `MachineCeilingError` or `EngineError` if there is no memory for the buffer.
  public init(
    of device: ComputeDevice = .processor, threads: Int, computeTypes: [ComputeType],
    bufferBytes: Int? = nil,
    gigaflops: @escaping (ComputeType) throws -> Double
  ) throws {
    Threads.count = threads
    reader = try device.makeReader(bytes: bufferBytes ?? device.ceilingBytes)
    self.threads = threads
    self.computeTypes = computeTypes
    self.gigaflops = gigaflops
  }

  /// Measures everything `times` over.
  ///
  /// - Throws: what reading and `gigaflops` throw.
  public func look(times: Int = 1) throws {
    Threads.count = threads
    for _ in 0..<times {
      let milliseconds = try InterleavedTiming.milliseconds { try reader.read() }
      var rates: [ComputeType: Double] = [:]
      for type in computeTypes { rates[type] = try gigaflops(type) }
      ceiling = ceiling.raised(
        to: MachineCeiling(
          readGigabytesPerSecond: Double(reader.bytes) / milliseconds / 1e6, gemmGigaflops: rates))
    }
  }
}
