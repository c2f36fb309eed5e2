import CAISKernels

/// Computes each operation immediately, on the calling thread and the thread pool.
final class HostStream: ComputeStream {
  private let plans: any MatrixPlans
  private let kernels: HostKernels
  /// The type that products read.
  private let outputType: ais_dtype
  private var scratch = ReusableBuffer()
  private var spans: [ais_span] = []
  private var moved: [RowState] = []

  init(plans: any MatrixPlans, kernels: HostKernels, inputType: ais_dtype) {
    self.plans = plans
    self.kernels = kernels
    outputType = inputType
  }

  // MARK: Bytes

  func makeScratch(byteCount: Int) -> any DeviceBuffer { HostBuffer(byteCount: byteCount) }

  func upload(_ bytes: UnsafeRawBufferPointer, into buffer: any DeviceBuffer) {
    precondition(bytes.count <= buffer.byteCount, "room for what is uploaded")
    if let base = bytes.baseAddress {
      buffer.host.pointer.copyMemory(from: base, byteCount: bytes.count)
    }
  }

  func download(_ buffer: any DeviceBuffer, byteCount: Int) -> HostBytes {
    precondition(byteCount <= buffer.byteCount, "as many bytes as there are")
    return HostBytes(
      UnsafeRawBufferPointer(start: buffer.host.pointer, count: byteCount), owner: buffer)
  }

  func upload(_ rows: [RowState], into table: any RowTable) { table.host.set(rows) }

  // MARK: Rows

  /// Calls `body` with the source and the target of each pair.
  private func forEach(_ map: RowMap, _ body: (_ source: Int, _ target: Int) -> Void) {
    guard let pairs = map.pairs?.host.integers else {
      for row in 0..<map.count { body(row, row) }
      return
    }
    for pair in 0..<map.count { body(Int(pairs[2 * pair]), Int(pairs[2 * pair + 1])) }
  }

  func move(_ x: any DeviceBuffer, by map: RowMap, rowBytes: Int, into out: any DeviceBuffer) {
    let (from, to) = (x.host.pointer, out.host.pointer)
    guard map.pairs != nil else {
      return to.copyMemory(from: from, byteCount: map.count * rowBytes)
    }
    forEach(map) { source, target in
      (to + target * rowBytes).copyMemory(from: from + source * rowBytes, byteCount: rowBytes)
    }
  }

  func move(_ table: any RowTable, by map: RowMap, into out: any RowTable) {
    moved.removeAll(keepingCapacity: true)
    let rows = table.host.rows
    forEach(map) { source, _ in moved.append(rows[source]) }
    out.host.set(moved)
  }

  func exit(_ table: any RowTable, rows map: RowMap, at step: Int) {
    let table = table.host
    forEach(map) { row, _ in table.exit(CollectionOfOne(row), at: step) }
  }

  func fill(_ out: any DeviceBuffer, by map: RowMap, with value: Int32) {
    let numbers = out.host.integers
    forEach(map) { _, target in numbers[target] = value }
  }

  func add(
    _ x: any DeviceBuffer, by map: RowMap, scales: any DeviceBuffer, width: Int,
    to out: any DeviceBuffer
  ) {
    let (from, to, scales) = (x.host.floats, out.host.floats, scales.host.floats)
    var pair = 0
    forEach(map) { source, target in
      kernels.add(to + target * width, from + source * width, scales[pair], width)
      pair += 1
    }
  }

  // MARK: Elements

  func embed(
    _ vectors: any EmbeddingTable, rows: any RowTable, scale: Float, into out: any DeviceBuffer
  ) {
    let (table, width) = (vectors.host.table, vectors.width)
    var numbers = out.host.floats
    for row in rows.host.rows {
      let index = Int(row.token)
      table.dequantizeRows(index..<index + 1, into: numbers)
      if scale != 1 { for i in 0..<width { numbers[i] *= scale } }
      numbers += width
    }
  }

  func addPositions(
    _ vectors: any EmbeddingTable, rows: any RowTable, offset: Int, to out: any DeviceBuffer
  ) {
    let (table, width) = (vectors.host.table, vectors.width)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { vector in
      guard let base = vector.baseAddress else { return }
      var numbers = out.host.floats
      for row in rows.host.rows {
        let index = Int(row.position) + offset
        table.dequantizeRows(index..<index + 1, into: base)
        for i in 0..<width { numbers[i] += base[i] }
        numbers += width
      }
    }
  }

  func normalize(
    _ x: any DeviceBuffer, rows: Int, by norm: NormWeights, into out: any DeviceBuffer,
    as type: OutputType
  ) {
    let type = type == .float32 ? AIS_F32 : outputType
    switch norm.kind {
    case .rms:
      kernels.rmsNorm(
        x.host.floats, norm.weight.host.floats, norm.epsilon, out.host.pointer, type, rows,
        norm.width)
    case .layer:
      kernels.layerNorm(
        x.host.floats, norm.weight.host.floats, norm.bias?.host.floats, norm.epsilon,
        out.host.pointer, type, rows, norm.width)
    }
  }

  func convert(_ x: any DeviceBuffer, count: Int, into out: any DeviceBuffer) {
    switch outputType {
    case AIS_BF16:
      ais_to_bf16_f32(
        x.host.floats, out.host.pointer.assumingMemoryBound(to: UInt16.self), count)
    case AIS_BF16_WIDE: ais_round_bf16_f32(x.host.floats, out.host.floats, count)
    default: out.host.pointer.copyMemory(from: x.host.pointer, byteCount: count * 4)
    }
  }

  func activate(
    _ x: any DeviceBuffer, rows: Int, width: Int, _ activation: Activation, isGated: Bool,
    into out: any DeviceBuffer
  ) {
    kernels.activate(
      activation.kernel, isGated ? 1 : 0, x.host.floats, out.host.pointer, outputType, rows, width)
  }

  func add(_ x: any DeviceBuffer, to out: any DeviceBuffer, count: Int) {
    kernels.add(out.host.floats, x.host.floats, 1, count)
  }

  func add(
    _ x: any DeviceBuffer, to out: any DeviceBuffer, width: Int, activeRowsOf table: any RowTable
  ) {
    for run in table.host.runs {
      let first = run.firstRow * width
      kernels.add(out.host.floats + first, x.host.floats + first, 1, run.count * width)
    }
  }

  func clear(_ x: any DeviceBuffer, count: Int) {
    x.host.floats.update(repeating: 0, count: count)
  }

  func softCap(_ x: any DeviceBuffer, cap: Float, count: Int) {
    kernels.softCap(x.host.floats, cap, count)
  }

  func blend(_ x: any DeviceBuffer, with before: any DeviceBuffer, alpha: Float, count: Int) {
    kernels.blend(x.host.floats, before.host.floats, alpha, count)
  }

  // MARK: Products and attention

  func multiply(
    _ x: any DeviceBuffer, rows: Int, by weights: WeightMatrix, into out: any DeviceBuffer,
    accumulate: Bool
  ) throws {
    try plans.multiply(
      x.host.pointer, rows: rows, by: weights, into: out.host.floats, accumulate: accumulate)
  }

  /// Fills `spans`, the kernels' description of the rows that have not exited.
  private func describe(_ table: any RowTable, _ cache: any DeviceCache, slot: Int) {
    describe(table.host.runs, cache, slot: slot)
  }

  private func describe(_ runs: [RowRun], _ cache: any DeviceCache, slot: Int) {
    spans.removeAll(keepingCapacity: true)
    let cache = cache.host
    for run in runs { spans.append(cache.span(run, slot: slot)) }
  }

  func rotateAndStore(
    _ qkv: any DeviceBuffer, _ shape: AttentionShape, rows: any RowTable, angles: RotaryAngles?,
    into cache: any DeviceCache, slot: Int, exited: ExitedEntries
  ) {
    let table = rows.host
    if exited == .zeros { clear(table.exitedRuns, of: cache, slot: slot) }
    let runs = exited == .own ? table.runs + table.exitedRuns : table.runs
    describe(runs, cache, slot: slot)
    if let angles {
      for (index, run) in runs.enumerated() {
        precondition(run.position + run.count <= angles.positions, "angles of every position")
        let length = Int(table.rows[run.firstRow].length)
        let isLong = angles.originalContext.map { length > $0 } ?? false
        let first = isLong ? angles.positions * angles.pairs : 0
        spans[index].cosines = UnsafePointer(angles.cosines.host.floats + first)
        spans[index].sines = UnsafePointer(angles.sines.host.floats + first)
      }
    }
    withUnsafePointer(to: shape.kernel) {
      ais_rotate_store_f32($0, qkv.host.floats, spans, spans.count)
    }
  }

  func clear(rows: any RowTable, of cache: any DeviceCache, slot: Int) {
    clear(rows.host.runs, of: cache, slot: slot)
  }

  private func clear(_ runs: [RowRun], of cache: any DeviceCache, slot: Int) {
    describe(runs, cache, slot: slot)
    var heads = ais_heads()
    heads.kv_heads = cache.shape.kvHeads
    heads.head_dim = cache.shape.headDim
    ais_clear_positions_f32(&heads, spans, spans.count)
  }

  func attend(
    _ qkv: any DeviceBuffer, _ shape: AttentionShape, rows: any RowTable,
    over cache: any DeviceCache, slot: Int, holes: CacheHoles?, into out: any DeviceBuffer
  ) {
    describe(rows, cache, slot: slot)
    if let holes {
      let steps = holes.exitSteps.host.integers
      for (index, run) in rows.host.runs.enumerated() {
        spans[index].exit_layers = UnsafePointer(steps + run.sequence * cache.shape.capacity)
        spans[index].layer = Int32(holes.step)
      }
    }
    withUnsafePointer(to: shape.kernel) {
      kernels.attend($0, qkv.host.floats, spans, out.host.pointer, outputType, &scratch)
    }
  }

  func copyPositions(
    of source: any DeviceCache, sequence: Int, slots: Range<Int>, counts: [Int],
    into cache: any DeviceCache
  ) {
    cache.host.copy(source.host, sequence: sequence, slots: slots, counts: counts)
  }

  func argmax(_ x: any DeviceBuffer, rows: Int, width: Int, into out: any DeviceBuffer) {
    let (numbers, target) = (UncheckedPointer(x.host.floats), UncheckedRawPointer(out.host.pointer))
    Threads.ranges(rows, grain: 1) { range in
      for row in range {
        let own = UnsafeBufferPointer(start: numbers.pointer + row * width, count: width)
        let best = own.firstLargest
        let index = own[best].isFinite ? Int32(best) : -1
        target.pointer.storeBytes(of: index, toByteOffset: row * 4, as: Int32.self)
      }
    }
  }
}
