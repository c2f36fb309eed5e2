import AISKit

/// Reads a device's memory as fast as it can be read.
public protocol DeviceReader: AnyObject {
  /// The bytes that one reading takes from memory, or from caches large enough.
  var bytes: Int { get }

  /// Reads all of them once, and waits for that.
  ///
  /// - Throws: `EngineError`.
  func read() throws
}

extension ComputeDevice {
  /// A reader of about so many bytes of the device's memory.
  ///
  /// - Throws: `MachineCeilingError` or `EngineError` if there is no memory for them.
  public func makeReader(bytes: Int) throws -> any DeviceReader {
    switch self {
    case .processor: try MemoryReader(bytes: bytes)
    case .gpu: try MatrixReader(makeBackend(.f32), bytes: bytes)
    }
  }

  /// How much memory one measurement of the device's ceiling reads: several times its caches, and on
  /// a GPU so much that starting to read takes no time beside it.
  var ceilingBytes: Int {
    switch self {
    case .processor: CeilingProbe.bufferBytes
    case .gpu(let gpu, _): min(1 << 30, gpu.memoryBytes / 16)
    }
  }
}

extension Backend {
  /// Bytes of weights that the device may keep in its caches from one pass to the next.
  var cacheBytes: Double {
    // No GPU has larger caches so far.
    self is CUDABackend ? 256e6 : 2 * MachineFacts.lastLevelCacheBytes
  }
}
