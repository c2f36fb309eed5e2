/// A device: where weights lie and passes compute.
///
/// Whoever computes owns the memory. A backend allocates, packs weights once, and makes a stream for each
/// line of work. It is shared and immutable.
package protocol Backend: Sendable {
  /// For people: what computes, in what type, with which kernels.
  var summary: String { get }

  /// The type in which matrix products read weights and activations.
  var computeType: ComputeType { get }

  /// Bytes of an activation that products read.
  var activationBytes: Int { get }

  /// Bytes of memory that the device has.
  var memoryBytes: Int { get }

  /// Memory with undefined contents.
  func makeBuffer(byteCount: Int) -> any DeviceBuffer

  /// An empty row table.
  func makeRowTable(capacity: Int) -> any RowTable

  /// Memory for keys and values, with undefined contents. Its capacity may be rounded up. It may take over
  /// the memory of `spare`, which is not used any more, nor by pending work.
  func makeCache(_ shape: CacheShape, reusing spare: (any DeviceCache)?) -> any DeviceCache

  /// A table whose rows are vectors of `table`'s width.
  func makeEmbedding(_ table: TensorView) -> any EmbeddingTable

  /// Packs a weight matrix into the layout that products read.
  ///
  /// - Throws: `EngineError`.
  func pack(_ source: WeightSource) throws -> WeightMatrix

  /// A queue of operations. An operation comes after all that the host asked of other streams before it and
  /// that touch the same memory. The device keeps memory and pending work until the work is done, even if
  /// the host lets go of a buffer or of the stream.
  func makeStream() -> any ComputeStream
}

extension Backend {
  /// Memory that holds these numbers.
  package func makeBuffer(_ values: [Float]) -> any DeviceBuffer {
    let buffer = makeBuffer(byteCount: values.count * 4)
    makeStream().upload(values, into: buffer)
    return buffer
  }
}
