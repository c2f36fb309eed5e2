import CAISCUDA

/// A block of a GPU's memory.
///
/// Address 0 if it could not be allocated: the device keeps the error, and nothing runs after it.
final class CUDABuffer: DeviceBuffer {
  let address: ais_cuda_address
  let byteCount: Int
  private let device: CUDADevice

  init(_ device: CUDADevice, byteCount: Int) {
    self.device = device
    self.byteCount = byteCount
    address = device.allocate(byteCount)
  }

  // The driver waits for the operations that use the memory.
  deinit { device.release(address) }
}

/// A row table in a GPU's memory; the host knows how many rows it has.
final class CUDARows: RowTable, @unchecked Sendable {
  let capacity: Int
  let memory: CUDABuffer
  var count = 0

  init(_ device: CUDADevice, capacity: Int) {
    precondition(
      MemoryLayout<RowState>.stride == MemoryLayout<ais_cuda_row>.stride, "one layout of rows")
    self.capacity = capacity
    memory = CUDABuffer(device, byteCount: capacity * MemoryLayout<ais_cuda_row>.stride)
  }
}

/// Keys and values in a GPU's memory, float32.
///
/// Shape of each: [slots, sequences, kvHeads, capacity, headDim].
final class CUDACache: DeviceCache {
  let shape: CacheShape
  let keys: CUDABuffer
  let values: CUDABuffer

  init(_ device: CUDADevice, _ shape: CacheShape, reusing spare: CUDACache?) {
    self.shape = shape
    let bytes = shape.slots * shape.sequences * shape.capacity * shape.kvHeads * shape.headDim * 4
    if let spare, spare.keys.byteCount >= bytes {
      (keys, values) = (spare.keys, spare.values)
    } else {
      // A little more, so that shapes that grow slowly don't allocate each time.
      let wanted = spare == nil ? bytes : bytes + bytes / 8
      keys = CUDABuffer(device, byteCount: wanted)
      values = CUDABuffer(device, byteCount: wanted)
    }
  }

  /// Numbers of a slot's keys.
  var slotNumbers: Int { shape.sequences * sequenceNumbers }

  /// Numbers of a slot's keys of one sequence.
  var sequenceNumbers: Int { shape.capacity * shape.kvHeads * shape.headDim }
}

/// Vectors in a GPU's memory, as 16- or 32-bit floating-point numbers.
final class CUDAEmbedding: EmbeddingTable {
  let width: Int
  let memory: CUDABuffer
  /// The end of its kernels' names.
  let type: String

  init(_ device: CUDADevice, _ table: TensorView) {
    width = table.rowElements
    let isStored = [.f32, .f16, .bf16].contains(table.elementType)
    let rowBytes = isStored ? table.rowBytes : width * 4
    type = isStored ? table.elementType.rawValue.lowercased() : "f32"
    memory = CUDABuffer(device, byteCount: table.rowCount * rowBytes)
    if isStored {
      table.withUnsafeBytes { device.upload($0, to: memory.address) }
    } else {
      // Blocks become float32 here, a part of the table at a time.
      let rows = max(1, (1 << 24) / max(rowBytes, 1))
      let part = HostBuffer(byteCount: rows * rowBytes)
      for first in stride(from: 0, to: table.rowCount, by: rows) {
        let end = min(first + rows, table.rowCount)
        table.dequantizeRows(first..<end, into: part.floats)
        device.upload(
          UnsafeRawBufferPointer(start: part.pointer, count: (end - first) * rowBytes),
          to: memory.address + UInt64(first * rowBytes))
      }
    }
  }
}

extension DeviceBuffer {
  /// The buffer as the CUDA device's own type.
  var gpu: CUDABuffer { own(self, "a buffer") }
}

extension RowTable {
  /// The table as the CUDA device's own type.
  var gpu: CUDARows { own(self, "a row table") }
}

extension DeviceCache {
  /// The cache as the CUDA device's own type.
  var gpu: CUDACache { own(self, "a cache") }
}

extension EmbeddingTable {
  /// The table as the CUDA device's own type.
  var gpu: CUDAEmbedding { own(self, "a table") }
}
