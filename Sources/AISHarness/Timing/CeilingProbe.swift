import AISKit

/// Measures the machine again and again, and keeps the best of each ceiling.
///
/// Another program may have had the machine at one look, but nothing makes it faster than it is.
/// So a ceiling is looked at in turns with what is compared with it, not once at the start.
public final class CeilingProbe {
  /// How much memory is read at a look: several times the last cache's size.
  public static let bufferBytes = 256 << 20
  /// How many looks a first measurement takes.
  public static let firstLooks = 20

  /// The best so far.
  public private(set) var ceiling = MachineCeiling(readGigabytesPerSecond: 0, gemmGigaflops: [:])
  /// The number formats that products are measured in.
  public let computeTypes: [ComputeType]
  private let threads: Int
  private let reader: MemoryReader
  private let gigaflops: (ComputeType) throws -> Double

  /// A probe that has not looked yet.
  ///
  /// - Parameters:
  ///   - threads: how many threads may work.
  ///   - computeTypes: the number formats to measure products in.
  ///   - bufferBytes: how much memory is read.
  ///   - gigaflops: the rate of large products in a format, measured anew at each call. It comes from
  ///     the backend under test, so that a faster one cannot look impossible.
  /// - Throws: `MachineCeilingError` where there is no memory for the buffer.
  public init(
    threads: Int, computeTypes: [ComputeType], bufferBytes: Int = CeilingProbe.bufferBytes,
    gigaflops: @escaping (ComputeType) throws -> Double
  ) throws {
    Threads.count = threads
    reader = try MemoryReader(bytes: bufferBytes)
    self.threads = threads
    self.computeTypes = computeTypes
    self.gigaflops = gigaflops
  }

  /// Measures everything `times` over.
  ///
  /// - Throws: what `gigaflops` throws.
  public func look(times: Int = 1) throws {
    Threads.count = threads
    for _ in 0..<times {
      let milliseconds = InterleavedTiming.milliseconds { reader.read() }
      var rates: [ComputeType: Double] = [:]
      for type in computeTypes { rates[type] = try gigaflops(type) }
      ceiling = ceiling.raised(
        to: MachineCeiling(
          readGigabytesPerSecond: Double(reader.bytes) / milliseconds / 1e6, gemmGigaflops: rates))
    }
  }
}
