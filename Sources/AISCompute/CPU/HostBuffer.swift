import Foundation

/// The host's memory as a device's, aligned to a cache line.
package final class HostBuffer: DeviceBuffer, @unchecked Sendable {
  package let pointer: UnsafeMutableRawPointer
  package let byteCount: Int

  package init(byteCount: Int) {
    self.byteCount = byteCount
    pointer = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 64), alignment: 64)
  }

  deinit { pointer.deallocate() }

  package convenience init(_ values: [Float]) {
    self.init(byteCount: values.count * 4)
    values.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { pointer.copyMemory(from: base, byteCount: bytes.count) }
    }
  }

  /// Has the system lay memory under some of the bytes, whose contents stay as they were.
  ///
  /// A page that is merely written to interrupts the writer. A new process spends more time on that than on
  /// packing its weights. Nothing happens if the system cannot do it.
  package func claim(_ bytes: Range<Int>) {
    let page = UInt(getpagesize())
    let start = UInt(bitPattern: pointer + bytes.lowerBound) / page * page
    let length = UInt(bitPattern: pointer + bytes.upperBound) - start
    madvise(UnsafeMutableRawPointer(bitPattern: start), Int(length), MADV_POPULATE_WRITE)
  }

  /// The contents as float32 numbers.
  package var floats: UnsafeMutablePointer<Float> {
    pointer.assumingMemoryBound(to: Float.self)
  }

  /// The contents as whole numbers.
  var integers: UnsafeMutablePointer<Int32> {
    pointer.assumingMemoryBound(to: Int32.self)
  }
}

extension DeviceBuffer {
  /// The same buffer as the CPU device knows it.
  var host: HostBuffer {
    guard let own = self as? HostBuffer else { preconditionFailure("a buffer of this device") }
    return own
  }
}

extension WeightMatrix {
  /// The bias as the CPU device knows it.
  var hostBias: HostBuffer? { deviceBias?.host }
}

/// Host memory that grows to the largest size asked for and is then reused.
struct ReusableBuffer {
  private var buffer: HostBuffer?

  mutating func holding(byteCount: Int) -> HostBuffer {
    if let buffer, buffer.byteCount >= byteCount { return buffer }
    // A little more than asked, so that inputs of slowly rising length don't allocate each time.
    let grown = HostBuffer(byteCount: byteCount + byteCount / 8)
    buffer = grown
    return grown
  }
}
