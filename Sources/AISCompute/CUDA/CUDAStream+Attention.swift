import CAISCUDA

extension ExitedEntries {
  /// As kernels know it.
  fileprivate var kernel: Int32 {
    switch self {
    case .nothing: Int32(ais_exited_nothing)
    case .own: Int32(ais_exited_own)
    case .zeros: Int32(ais_exited_zeros)
    }
  }
}

/// Attention and the cache.
extension CUDAStream {
  /// The widest head that the attention kernels hold.
  private static let widestHead = 512
  /// The most rows whose keys and values the attention's kernel stores itself.
  private static let mostHeld = 32
  /// Query heads that a block of `ais_attend_<width>` computes.
  private static let headsAtOnce = 16
  /// Heads' widths for which there are kernels on tensor cores.
  private static let fewWidths = [64, 96, 128, 256]
  private static let manyWidths = [64, 80, 96, 128, 256]

  private func arguments(
    _ rows: any RowTable, _ cache: any DeviceCache, slot: Int
  ) -> ais_attention_arguments {
    let cache = cache.gpu
    let offset = UInt64(slot * cache.slotNumbers * cache.numberBytes)
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
    into cache: any DeviceCache, slot: Int, exited: ExitedEntries
  ) {
    var arguments = arguments(qkv, shape, rows, cache, slot: slot)
    arguments.exited = exited.kernel
    if let angles {
      arguments.cosines = angles.cosines.gpu.address
      arguments.sines = angles.sines.gpu.address
      arguments.angle_positions = Int32(angles.positions)
      arguments.original_context = Int32(angles.originalContext ?? 0)
      arguments.rotary_dim = Int32(shape.rotary?.dimension ?? 0)
      arguments.interleaved = shape.rotary?.isInterleaved == true ? 1 : 0
    }
    device.hold(.rotation(arguments, rows: rows.gpu.count))
  }

  func clear(rows: any RowTable, of cache: any DeviceCache, slot: Int) {
    device.noteRowsChange()
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
    let table = rows.gpu
    let isMany =
      type.hasNarrowActivations && table.count > Self.mostHeld
      && Self.manyWidths.contains(shape.headDim) && shape.scale > 0
    var arguments = arguments(qkv, shape, rows, cache, slot: slot)
    let rotation = device.takeHeld { held -> ais_attention_arguments? in
      if case .rotation(let rotation, table.count) = held, rotation.qkv == arguments.qkv,
        rotation.keys == arguments.keys, rotation.rows == arguments.rows
      {
        rotation
      } else {
        nil
      }
    }
    if let rotation {
      arguments = rotation
      if isMany {
        arguments.rotates = Self.rotatesQueries(rotation) ? 1 : 0
      } else if table.isOneOfEach, table.count <= Self.mostHeld {
        arguments.stores = 1
      }
      // Rows that follow each other in a sequence need each other's keys before any of them attends.
      if arguments.stores == 0 {
        HeldOperation.rotation(arguments, rows: table.count).launch(device)
      }
    }
    arguments.waits = device.rowsMayChange ? 1 : 0
    arguments.out = out.gpu.address
    arguments.exit_steps = holes?.exitSteps.gpu.address ?? 0
    arguments.step = Int32(holes?.step ?? 0)
    if isMany { attendMany(arguments, table) } else { attendFew(arguments, table) }
  }

  /// Whether `ais_flash_<width>` can rotate queries as it reads them.
  private static func rotatesQueries(_ attention: ais_attention_arguments) -> Bool {
    attention.rotary_dim == attention.head_dim && attention.head_dim % 32 == 0
      && attention.interleaved == 0 && attention.query_norm == 0
  }

  /// Attention by tiles of rows.
  private func attendMany(_ attention: ais_attention_arguments, _ table: CUDARows) {
    var arguments = ais_flash_arguments()
    arguments.attention = attention
    arguments.tiles = table.tiles(device).address
    device.launch(
      "ais_flash_\(attention.head_dim)", columns: Int(attention.query_heads), rows: table.tileBound,
      threads: 128, startsEarly: true, arguments)
  }

  /// Attention row by row, over splits of the positions.
  private func attendFew(_ attention: ais_attention_arguments, _ table: CUDARows) {
    var arguments = attention
    let (dim, kvHeads) = (Int(attention.head_dim), Int(attention.kv_heads))
    let heads = Int(attention.query_heads) / kvHeads
    let width =
      type.hasNarrowActivations && dim.isMultiple(of: 8) ? Self.fewWidths.first { $0 >= dim } : nil
    let split = width == nil ? Self.split(dim * activationBytes) : 128
    let splits = table.lastPosition / split + 1
    let chunks = width == nil ? 1 : blocks(heads, of: Self.headsAtOnce)
    arguments.split = Int32(split)
    arguments.splits = Int32(splits)
    if splits > 1 {
      let numbers = table.count * kvHeads * splits * heads * (dim + 2)
      arguments.partial = scratch(.partialAttention, byteCount: numbers * 4).address
      arguments.arrivals = counters(table.count * kvHeads * chunks).address
    }
    if let width {
      let results = 8 * min(heads, Self.headsAtOnce) * width * 4
      device.launch(
        "ais_attend_\(width)", columns: chunks * kvHeads * splits, rows: table.count,
        shared: max(split * (width + 8) * 2, results), startsEarly: true, arguments)
    } else {
      device.launch(
        "ais_attend", columns: kvHeads * splits, rows: table.count,
        shared: sharedBytes(dim, heads: heads, split: split), startsEarly: true, arguments)
    }
  }

  /// Positions of a split, for heads of some bytes: as many as fit shared memory.
  private static func split(_ headBytes: Int) -> Int {
    headBytes <= 256 ? 128 : headBytes <= 512 ? 64 : headBytes <= 1_024 ? 32 : 16
  }

  /// What `ais_attend` keeps in shared memory (`attention_memory`).
  private func sharedBytes(_ dim: Int, heads: Int, split: Int) -> Int {
    let vector = 16 / activationBytes
    let padded = blocks(dim, of: vector) * vector
    let rowNumbers = padded + 256 / split * vector
    let groups = max(1, 256 / ((dim + 1) / 2))
    return 2 * split * rowNumbers * activationBytes
      + 4 * ((heads + 2) * padded + 4 * split + groups * 4 * dim + 8)
  }

  func copyPositions(
    of source: any DeviceCache, sequence: Int, slots: Range<Int>, counts: [Int],
    into cache: any DeviceCache
  ) {
    let (from, to) = (source.gpu, cache.gpu)
    let counts = counts.map { Int32($0) }
    let positions = CUDABuffer(device, byteCount: counts.count * 4)
    counts.withUnsafeBytes { device.upload($0, to: positions.address) }
    let first = UInt64(
      (slots.lowerBound * from.slotNumbers + sequence * from.sequenceNumbers) * from.numberBytes)
    let target = UInt64(slots.lowerBound * to.slotNumbers * to.numberBytes)
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
