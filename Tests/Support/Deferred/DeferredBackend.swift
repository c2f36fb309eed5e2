import AISKit

/// A device that computes nothing until something is downloaded, and then in another order.
///
/// It queues every operation. Fresh memory is poisoned with NaN, and scratch memory again before every pass. At a
/// download it runs the queue in a random order that keeps each operation after those it depends on. Code that reads
/// memory too early, relies on leftovers, or keeps a pointer gives other results here than on the processor. That
/// is how the tests prove the seam without an accelerator.
package final class DeferredBackend: Backend {
  private let base: CPUBackend
  private let queue: DeferredQueue

  /// A device whose operations another one computes in the end.
  package init(_ base: CPUBackend, seed: UInt64 = 1) {
    self.base = base
    queue = DeferredQueue(seed: seed)
  }

  package var summary: String { "deferred: \(base.summary)" }

  package var computeType: ComputeType { base.computeType }

  package var activationBytes: Int { base.activationBytes }

  package var productRanges: [ClosedRange<Int>] { base.productRanges }

  package var memoryBytes: Int { base.memoryBytes }

  package func makeBuffer(byteCount: Int) -> any DeviceBuffer {
    let buffer = DeferredBuffer(base.makeBuffer(byteCount: byteCount))
    buffer.poison(base.makeStream())
    return buffer
  }

  package func makeRowTable(capacity: Int) -> any RowTable {
    DeferredTable(base.makeRowTable(capacity: capacity))
  }

  package func makeCache(
    _ shape: CacheShape, reusing spare: (any DeviceCache)?
  ) -> any DeviceCache {
    let cache = DeferredCache(base.makeCache(shape, reusing: nil))
    poison(cache)
    return cache
  }

  /// Stores keys and values that are not numbers at every position.
  private func poison(_ cache: DeferredCache) {
    let (shape, stream) = (cache.shape, base.makeStream())
    let heads = AttentionShape(
      queryHeads: shape.kvHeads, kvHeads: shape.kvHeads, headDim: shape.headDim, rotary: nil,
      queryNorm: nil, keyNorm: nil, scale: 1, softCap: 0, slopes: nil, window: 0)
    let table = base.makeRowTable(capacity: shape.capacity)
    let numbers = base.makeBuffer(
      [Float](repeating: .nan, count: shape.capacity * 3 * shape.kvHeads * shape.headDim))
    for sequence in 0..<shape.sequences {
      stream.upload(
        (0..<shape.capacity).map {
          RowState(token: 0, sequence: sequence, position: $0, length: shape.capacity)
        }, into: table)
      for slot in 0..<shape.slots {
        stream.rotateAndStore(
          numbers, heads, rows: table, angles: nil, into: cache.base, slot: slot)
      }
    }
  }

  package func makeEmbedding(_ table: TensorView) -> any EmbeddingTable {
    base.makeEmbedding(table)
  }

  package func pack(_ source: WeightSource) throws -> WeightMatrix { try base.pack(source) }

  package func makeStream() -> any ComputeStream {
    DeferredStream(base.makeStream(), queue)
  }
}

/// A buffer whose contents come late.
package final class DeferredBuffer: DeviceBuffer {
  /// The memory of the device that computes in the end.
  package let base: any DeviceBuffer
  package var byteCount: Int { base.byteCount }

  init(_ base: any DeviceBuffer) { self.base = base }

  /// Fills it with ones: not a number in every floating-point type, −1 as a whole number.
  func poison(_ stream: any ComputeStream) {
    let ones = [UInt8](repeating: 0xff, count: byteCount)
    ones.withUnsafeBytes { stream.upload($0, into: base) }
  }
}

/// A row table whose contents come late.
final class DeferredTable: RowTable, @unchecked Sendable {
  let base: any RowTable
  var capacity: Int { base.capacity }
  /// The rows that were uploaded last.
  var states: [RowState] = []

  init(_ base: any RowTable) { self.base = base }
}

/// A cache whose contents come late.
final class DeferredCache: DeviceCache {
  let base: any DeviceCache
  var shape: CacheShape { base.shape }

  init(_ base: any DeviceCache) { self.base = base }
}
