import Foundation

/// A block of memory where a backend computes, aligned to a cache line.
///
/// Not thread-safe: whoever owns the buffer decides who writes to it. Contents start undefined.
package final class DeviceBuffer: @unchecked Sendable {
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
  /// A page that is merely written to interrupts whoever writes; a new process spends more time on that than on
  /// packing its weights. Where the system cannot, nothing happens.
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
}

/// A buffer that grows to the largest size asked for and is then reused.
package struct ReusableBuffer {
  private var buffer: DeviceBuffer?

  package init() {}

  package mutating func holding(byteCount: Int) -> DeviceBuffer {
    if let buffer, buffer.byteCount >= byteCount { return buffer }
    // A little more than asked, so that inputs of slowly rising length don't allocate each time.
    let grown = DeviceBuffer(byteCount: byteCount + byteCount / 8)
    buffer = grown
    return grown
  }
}
