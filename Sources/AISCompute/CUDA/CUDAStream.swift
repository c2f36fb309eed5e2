import CAISCUDA

/// Adds operations to a GPU's queue, which runs them in order.
///
/// All streams of a device share one queue.
final class CUDAStream: ComputeStream {
  let device: CUDADevice
  let type: ComputeType
  private var staging: HostStaging?
  /// Scratch memory of single operations, each as large as was needed.
  private var scratch: [Scratch: CUDABuffer] = [:]
  private var zeroedCounters: CUDABuffer?
  /// Scratch memory that became too small, but that recorded programs still use.
  private var outgrown: [CUDABuffer] = []
  /// Sums of squares of states, for products of few rows.
  private(set) lazy var squares = CUDABuffer(device, byteCount: 1 << 20)
  /// Weights that a product of many rows has unpacked.
  ///
  /// It never moves, so that programs may use it.
  private(set) lazy var unpacked = CUDABuffer(device, byteCount: Self.unpackedBytes)
  /// What decides about the segments of the pass that is being recorded.
  var segmentConditions: [UInt64] = []
  /// Room for the matrices of most layers; larger ones are multiplied in pieces.
  static let unpackedBytes = 128 << 20

  enum Scratch { case partialAttention, partialLargest, scores }

  init(_ device: CUDADevice, _ type: ComputeType) {
    self.device = device
    self.type = type
  }

  var activationBytes: Int { type.activationBytes }

  /// Memory for one operation.
  func scratch(_ use: Scratch, byteCount: Int) -> CUDABuffer {
    if let known = scratch[use], known.byteCount >= byteCount { return known }
    let made = CUDABuffer(device, byteCount: byteCount + byteCount / 2)
    if let small = scratch[use] { outgrown.append(small) }
    scratch[use] = made
    return made
  }

  /// Counters that are 0 before and after every operation.
  func counters(_ count: Int) -> CUDABuffer {
    if let known = zeroedCounters, known.byteCount >= count * 4 { return known }
    let made = CUDABuffer(device, byteCount: max(count * 8, 4_096))
    device.clear(made.byteCount, at: made.address)
    if let small = zeroedCounters { outgrown.append(small) }
    zeroedCounters = made
    return made
  }

  // MARK: Bytes

  func makeScratch(byteCount: Int) -> any DeviceBuffer { CUDABuffer(device, byteCount: byteCount) }

  func upload(_ bytes: UnsafeRawBufferPointer, into buffer: any DeviceBuffer) {
    precondition(bytes.count <= buffer.byteCount, "room for what is uploaded")
    device.upload(bytes, to: buffer.gpu.address)
  }

  func download(_ buffer: any DeviceBuffer, byteCount: Int) throws -> HostBytes {
    precondition(byteCount <= buffer.byteCount, "as many bytes as there are")
    if (staging?.byteCount ?? 0) < byteCount || staging == nil {
      staging = HostStaging(device, byteCount: byteCount + byteCount / 8)
    }
    guard let staging, let pointer = staging.pointer else {
      try device.wait()
      return .empty
    }
    try device.download(byteCount, from: buffer.gpu.address, to: pointer)
    return HostBytes(UnsafeRawBufferPointer(start: pointer, count: byteCount), owner: staging)
  }

  func upload(_ rows: [RowState], into table: any RowTable) {
    precondition(rows.count <= table.capacity, "no more rows than the table holds")
    table.gpu.describe(rows)
    rows.withUnsafeBytes { device.upload($0, to: table.gpu.memory.address) }
  }

  // MARK: Rows

  func move(_ x: any DeviceBuffer, by map: RowMap, rowBytes: Int, into out: any DeviceBuffer) {
    guard let pairs = map.pairs else {
      return device.copy(map.count * rowBytes, from: x.gpu.address, to: out.gpu.address)
    }
    let unit = rowBytes % 16 == 0 ? 16 : rowBytes % 4 == 0 ? 4 : 1
    var arguments = ais_move_arguments()
    arguments.x = x.gpu.address
    arguments.out = out.gpu.address
    arguments.pairs = pairs.gpu.address
    arguments.units = Int64(rowBytes / unit)
    device.launch(
      "ais_move_\(unit)", columns: min(blocks(rowBytes / unit, of: 256), 64), rows: map.count,
      arguments)
  }

  private func launch(_ name: String, _ map: RowMap, _ set: (inout ais_rows_arguments) -> Void) {
    var arguments = ais_rows_arguments()
    arguments.pairs = map.pairs?.gpu.address ?? 0
    arguments.count = Int32(map.count)
    set(&arguments)
    device.launch(name, columns: blocks(map.count, of: 256), arguments)
  }

  func move(_ table: any RowTable, by map: RowMap, into out: any RowTable) {
    precondition(map.count <= out.capacity, "no more rows than the table holds")
    device.noteRowsChange()
    out.gpu.take(map.count, of: table.gpu)
    launch("ais_move_rows", map) {
      $0.table = table.gpu.memory.address
      $0.out = out.gpu.memory.address
    }
  }

  func exit(_ table: any RowTable, rows map: RowMap, at step: Int) {
    device.noteRowsChange()
    launch("ais_exit_rows", map) {
      $0.table = table.gpu.memory.address
      $0.value = Int32(step)
    }
  }

  func fill(_ out: any DeviceBuffer, by map: RowMap, with value: Int32) {
    launch("ais_fill_numbers", map) {
      $0.numbers = out.gpu.address
      $0.value = value
    }
  }

  func add(
    _ x: any DeviceBuffer, by map: RowMap, scales: any DeviceBuffer, width: Int,
    to out: any DeviceBuffer
  ) {
    var arguments = ais_add_rows_arguments()
    arguments.x = x.gpu.address
    arguments.out = out.gpu.address
    arguments.scales = scales.gpu.address
    arguments.pairs = map.pairs?.gpu.address ?? 0
    arguments.width = Int32(width)
    device.launch("ais_add_rows", columns: blocks(width, of: 256), rows: map.count, arguments)
  }

  func embed(
    _ vectors: any EmbeddingTable, rows: any RowTable, scale: Float, into out: any DeviceBuffer
  ) {
    launch("ais_embed", vectors, rows, out) { $0.scale = scale }
    device.beginPass()
  }

  func addPositions(
    _ vectors: any EmbeddingTable, rows: any RowTable, offset: Int, to out: any DeviceBuffer
  ) {
    launch("ais_add_positions", vectors, rows, out) { $0.offset = Int32(offset) }
  }

  private func launch(
    _ name: String, _ vectors: any EmbeddingTable, _ rows: any RowTable, _ out: any DeviceBuffer,
    _ set: (inout ais_embed_arguments) -> Void
  ) {
    let table = vectors.gpu
    var arguments = ais_embed_arguments()
    arguments.vectors = table.memory.address
    arguments.rows = rows.gpu.memory.address
    arguments.out = out.gpu.address
    arguments.width = Int32(table.width)
    set(&arguments)
    device.launch(
      "\(name)_\(table.type)", columns: blocks(table.width, of: 256), rows: rows.gpu.count,
      arguments)
  }
}

/// Memory of the host that the GPU copies to directly.
private final class HostStaging {
  let pointer: UnsafeMutableRawPointer?
  let byteCount: Int
  private let device: CUDADevice

  init(_ device: CUDADevice, byteCount: Int) {
    self.device = device
    self.byteCount = byteCount
    pointer = device.allocateHost(byteCount)
  }

  deinit { pointer.map { device.releaseHost($0) } }
}
