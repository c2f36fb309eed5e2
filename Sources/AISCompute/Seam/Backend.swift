/// A device that stores weights and computes passes.
///
/// A backend allocates memory, packs weights, and makes a stream for each thread of computation.
/// The caller owns what it makes. A backend is immutable and shared.
package protocol Backend: Sendable {
  /// Engine, number type and kernels as text for display.
  var summary: String { get }

  /// The type in which matrix products read weights and activations.
  var computeType: ComputeType { get }

  /// Bytes of one activation that products read.
  var activationBytes: Int { get }

  /// Numbers of rows of a product within which a row's result has the same bits beside any other rows.
  ///
  /// Between two ranges the order of sums differs. Numbers outside them promise nothing.
  var productRanges: [ClosedRange<Int>] { get }

  /// The device's memory in bytes.
  var memoryBytes: Int { get }

  /// Memory with undefined contents.
  func makeBuffer(byteCount: Int) -> any DeviceBuffer

  /// An empty row table.
  func makeRowTable(capacity: Int) -> any RowTable

  /// Memory for keys and values, with undefined contents. Its capacity may be rounded up. It may reuse
  /// the memory of `spare`, which nothing uses any more, pending work included.
  func makeCache(_ shape: CacheShape, reusing spare: (any DeviceCache)?) -> any DeviceCache

  /// A table whose rows are vectors of `table`'s width.
  func makeEmbedding(_ table: TensorView) -> any EmbeddingTable

  /// Packs a weight matrix into the layout that products read.
  ///
  /// - Throws: `EngineError`.
  func pack(_ source: WeightSource) throws -> WeightMatrix

  /// A queue of operations.
  ///
  /// An operation runs after all earlier operations of other streams on the same memory. The device
  /// keeps memory and pending work until the work is done, even if the host lets go of them.
  func makeStream() -> any ComputeStream
}

extension Backend {
  /// A buffer with these numbers.
  package func makeBuffer(_ values: [Float]) -> any DeviceBuffer {
    let buffer = makeBuffer(byteCount: values.count * 4)
    makeStream().upload(values, into: buffer)
    return buffer
  }
}
