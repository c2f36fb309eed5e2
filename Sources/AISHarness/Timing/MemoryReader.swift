import CAISKernels

/// Reads a buffer of the host's with all threads, every word once, as fast as this machine can.
public final class MemoryReader: DeviceReader {
  /// The buffer's size.
  public let bytes: Int
  private let buffer: UnsafeMutableRawPointer

  /// Reserves the buffer and fills it, with as many threads as will read.
  ///
  /// - Throws: `MachineCeilingError` if there is no memory for it.
  public init(bytes: Int) throws {
    guard let buffer = ais_bandwidth_buffer(bytes) else { throw MachineCeilingError(bytes: bytes) }
    self.bytes = bytes
    self.buffer = buffer
  }

  deinit { ais_bandwidth_free(buffer) }

  /// Reads the whole buffer once.
  public func read() {
    let sum = ais_bandwidth_read(buffer, bytes)
    precondition(sum == ais_bandwidth_sum(bytes), "the whole buffer was read")
  }
}

/// There was no memory to measure the read bandwidth with.
public struct MachineCeilingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// How much was asked for.
  public let bytes: Int

  /// What is missing, in one line.
  public var description: String {
    "no \(bytes >> 20) MiB of memory to measure the read bandwidth with"
  }
}
