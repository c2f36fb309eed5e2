import Foundation

/// A device buffer in host memory, aligned to a cache line.
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

  /// Makes the system map memory for some of the bytes.
  ///
  /// Contents don't change.
  ///
  /// Otherwise the first write to each page interrupts the writer, which takes a new process longer
  /// than packing its weights. Does nothing if the system does not support it.
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

  /// The contents as Int32.
  var integers: UnsafeMutablePointer<Int32> {
    pointer.assumingMemoryBound(to: Int32.self)
  }
}

extension DeviceBuffer {
  /// The buffer as the CPU backend's own type.
  var host: HostBuffer { own(self, "a buffer") }
}

extension WeightMatrix {
  /// The bias as the CPU backend's own type.
  var hostBias: HostBuffer? { deviceBias?.host }
}

/// Host memory that grows to the largest size asked for and is then reused.
struct ReusableBuffer {
  private var buffer: HostBuffer?

  mutating func holding(byteCount: Int) -> HostBuffer {
    if let buffer, buffer.byteCount >= byteCount { return buffer }
    // An eighth more, so that inputs of slowly growing length don't allocate each time.
    let grown = HostBuffer(byteCount: byteCount + byteCount / 8)
    buffer = grown
    return grown
  }
}
