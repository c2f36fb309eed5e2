import CAISCUDA

/// Products, attention and the cache.
extension CUDAStream {
  /// The most rows for which the narrow kernel is used.
  static let narrowRows = 32
  /// The widest head that the attention kernel holds.
  private static let widestHead = 512

  func multiply(
    _ x: any DeviceBuffer, rows: Int, by weights: WeightMatrix, into out: any DeviceBuffer,
    accumulate: Bool
  ) throws {
    guard let packed = weights.layout as? CUDAWeights else { throw EngineError.foreignWeights }
    var arguments = ais_product_arguments()
    arguments.x = x.gpu.address
    arguments.weights = packed.memory.address
    arguments.bias = packed.bias?.address ?? 0
    arguments.out = out.gpu.address
    arguments.rows = Int32(rows)
    arguments.inputs = Int32(weights.inputs)
    arguments.outputs = Int32(weights.outputs)
    arguments.stride = Int32(packed.stride)
    arguments.accumulates = accumulate ? 1 : 0
    // Rows of activations lie close together, so they are aligned if their length is.
    let suffix = packed.stride == weights.inputs ? "" : "_unaligned"
    if rows <= Self.narrowRows {
      device.launch(
        "ais_product_narrow" + suffix, columns: blocks(weights.outputs, of: 8), arguments)
    } else {
      device.launch(
        "ais_product_wide" + suffix,
        columns: blocks(weights.outputs, of: type == .bf16 ? 128 : 64), rows: blocks(rows, of: 64),
        arguments)
    }
  }

  private func arguments(
    _ rows: any RowTable, _ cache: any DeviceCache, slot: Int
  ) -> ais_attention_arguments {
    let cache = cache.gpu
    let offset = UInt64(slot * cache.slotNumbers * 4)
    var arguments = ais_attention_arguments()
    arguments.rows = rows.gpu.memory.address
    arguments.keys = cache.keys.address + offset
    arguments.values = cache.values.address + offset
    arguments.kv_heads = Int32(cache.shape.kvHeads)
    arguments.head_dim = Int32(cache.shape.headDim)
    arguments.capacity = Int32(cache.shape.capacity)
    return arguments
  }

  private func arguments(
    _ qkv: any DeviceBuffer, _ shape: AttentionShape, _ rows: any RowTable,
    _ cache: any DeviceCache, slot: Int
  ) -> ais_attention_arguments {
    var arguments = arguments(rows, cache, slot: slot)
    arguments.qkv = qkv.gpu.address
    arguments.query_heads = Int32(shape.queryHeads)
    arguments.query_norm = shape.queryNorm?.weight.gpu.address ?? 0
    arguments.query_norm_bias = shape.queryNorm?.bias?.gpu.address ?? 0
    arguments.key_norm = shape.keyNorm?.weight.gpu.address ?? 0
    arguments.key_norm_bias = shape.keyNorm?.bias?.gpu.address ?? 0
    arguments.centers = shape.queryNorm?.kind == .layer ? 1 : 0
    arguments.norm_epsilon = shape.queryNorm?.epsilon ?? 0
    arguments.slopes = shape.slopes?.gpu.address ?? 0
    arguments.window = Int32(shape.window)
    arguments.scale = shape.scale
    arguments.soft_cap = shape.softCap
    return arguments
  }

  func rotateAndStore(
    _ qkv: any DeviceBuffer, _ shape: AttentionShape, rows: any RowTable, angles: RotaryAngles?,
    into cache: any DeviceCache, slot: Int
  ) {
    var arguments = arguments(qkv, shape, rows, cache, slot: slot)
    if let angles {
      arguments.cosines = angles.cosines.gpu.address
      arguments.sines = angles.sines.gpu.address
      arguments.angle_positions = Int32(angles.positions)
      arguments.original_context = Int32(angles.originalContext ?? 0)
      arguments.rotary_dim = Int32(shape.rotary?.dimension ?? 0)
      arguments.interleaved = shape.rotary?.isInterleaved == true ? 1 : 0
    }
    device.launch(
      "ais_rotate_store", columns: shape.queryHeads + 2 * shape.kvHeads, rows: rows.gpu.count,
      threads: 128, arguments)
  }

  func clear(rows: any RowTable, of cache: any DeviceCache, slot: Int) {
    device.launch(
      "ais_clear_positions", columns: cache.shape.kvHeads, rows: rows.gpu.count, threads: 128,
      arguments(rows, cache, slot: slot))
  }

  func attend(
    _ qkv: any DeviceBuffer, _ shape: AttentionShape, rows: any RowTable,
    over cache: any DeviceCache, slot: Int, holes: CacheHoles?, into out: any DeviceBuffer
  ) {
    guard shape.headDim <= Self.widestHead else {
      return device.fail(
        "attention", "heads of \(shape.headDim), at most \(Self.widestHead) can be computed")
    }
    var arguments = arguments(qkv, shape, rows, cache, slot: slot)
    arguments.out = out.gpu.address
    arguments.exit_steps = holes?.exitSteps.gpu.address ?? 0
    arguments.step = Int32(holes?.step ?? 0)
    device.launch(
      "ais_attend", columns: shape.queryHeads, rows: rows.gpu.count, threads: 128, arguments)
  }

  func copyPositions(
    of source: any DeviceCache, sequence: Int, slots: Range<Int>, counts: [Int],
    into cache: any DeviceCache
  ) {
    let (from, to) = (source.gpu, cache.gpu)
    let counts = counts.map { Int32($0) }
    let positions = CUDABuffer(device, byteCount: counts.count * 4)
    counts.withUnsafeBytes { device.upload($0, to: positions.address) }
    let first = UInt64((slots.lowerBound * from.slotNumbers + sequence * from.sequenceNumbers) * 4)
    let target = UInt64(slots.lowerBound * to.slotNumbers * 4)
    var arguments = ais_copy_positions_arguments()
    arguments.keys = from.keys.address + first
    arguments.values = from.values.address + first
    arguments.out_keys = to.keys.address + target
    arguments.out_values = to.values.address + target
    arguments.counts = positions.address
    arguments.slot_numbers = Int64(from.slotNumbers)
    arguments.out_slot_numbers = Int64(to.slotNumbers)
    arguments.kv_heads = Int32(to.shape.kvHeads)
    arguments.head_dim = Int32(to.shape.headDim)
    arguments.capacity = Int32(from.shape.capacity)
    arguments.out_capacity = Int32(to.shape.capacity)
    device.launch(
      "ais_copy_positions", columns: to.shape.sequences * to.shape.kvHeads, rows: slots.count,
      arguments)
  }
}
