/// Downloaded bytes that the host can read.
///
/// Valid until the stream's next operation, because a device that shares the host's memory does not
/// copy them.
package struct HostBytes {
  private let bytes: UnsafeRawBufferPointer
  private let owner: AnyObject?

  /// Bytes that stay valid while `owner` exists.
  package init(_ bytes: UnsafeRawBufferPointer, owner: AnyObject?) {
    self.bytes = bytes
    self.owner = owner
  }

  /// No bytes.
  package static var empty: HostBytes {
    HostBytes(UnsafeRawBufferPointer(start: nil, count: 0), owner: nil)
  }

  /// Gives `body` the bytes as float32 numbers.
  package func withFloats<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(owner) { try body(bytes.bindMemory(to: Float.self)) }
  }

  /// A copy of the bytes as float32 numbers.
  package var floats: [Float] { withFloats { Array($0) } }

  /// A copy of the bytes as Int32.
  package var integers: [Int32] {
    withExtendedLifetime(owner) { Array(bytes.bindMemory(to: Int32.self)) }
  }
}
