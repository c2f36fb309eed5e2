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
  private(set) var count = 0
  /// No row has a higher position.
  var lastPosition = 0
  /// Whether no two rows belong to the same sequence.
  private(set) var isOneOfEach = false
  private var sequences = 0
  /// Whether rows of a sequence lie at positions that follow each other.
  private var isContiguous = true
  private var tileList: CUDABuffer?
  /// Lists that became too small, but that recorded programs still use.
  private var outgrown: [CUDABuffer] = []
  private var hasTiles = false

  init(_ device: CUDADevice, capacity: Int) {
    precondition(
      MemoryLayout<RowState>.stride == MemoryLayout<ais_cuda_row>.stride, "one layout of rows")
    self.capacity = capacity
    memory = CUDABuffer(device, byteCount: capacity * MemoryLayout<ais_cuda_row>.stride)
  }

  /// Notes what is known of rows that are uploaded.
  func describe(_ rows: [RowState]) {
    count = rows.count
    lastPosition = rows.reduce(0) { max($0, Int($1.position)) }
    sequences = Set(rows.map(\.sequence)).count
    isOneOfEach = sequences == rows.count
    isContiguous = zip(rows, rows.dropFirst()).allSatisfy {
      $0.sequence != $1.sequence || $0.position + 1 == $1.position
    }
    hasTiles = false
  }

  /// Notes what is known of some rows of another table.
  func take(_ count: Int, of table: CUDARows) {
    self.count = count
    lastPosition = table.lastPosition
    sequences = table.sequences
    isOneOfEach = table.isOneOfEach
    isContiguous = false
    hasTiles = false
  }

  /// The most tiles of rows that attention of many rows can have.
  var tileBound: Int {
    let rows = Int(ais_flash_rows)
    let most = isContiguous ? count / rows + 2 * sequences : sequences * (lastPosition / rows + 1)
    return min(count, most)
  }

  /// Where tiles of rows begin, found once for these rows.
  func tiles(_ device: CUDADevice) -> CUDABuffer {
    let bytes = (tileBound + 2) * 4
    let list: CUDABuffer
    if let known = tileList, known.byteCount >= bytes {
      if hasTiles { return known }
      list = known
    } else {
      list = CUDABuffer(device, byteCount: bytes + bytes / 2)
      if let small = tileList { outgrown.append(small) }
      tileList = list
    }
    var arguments = ais_flash_tiles_arguments()
    arguments.rows = memory.address
    arguments.tiles = list.address
    arguments.count = Int32(count)
    device.launch("ais_flash_tiles", columns: 1, threads: 1_024, arguments)
    hasTiles = true
    return list
  }
}

/// Keys and values in a GPU's memory, in the type of activations.
///
/// Shape of each: [slots, sequences, kvHeads, capacity, headDim].
final class CUDACache: DeviceCache {
  let shape: CacheShape
  let keys: CUDABuffer
  let values: CUDABuffer
  /// Bytes of a number.
  let numberBytes: Int

  init(
    _ device: CUDADevice, _ shape: CacheShape, numberBytes: Int, reusing spare: CUDACache?
  ) {
    self.shape = shape
    self.numberBytes = numberBytes
    let bytes =
      shape.slots * shape.sequences * shape.capacity * shape.kvHeads * shape.headDim * numberBytes
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
