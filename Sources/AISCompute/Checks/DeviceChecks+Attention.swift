extension DeviceBench {
  /// A kind of attention that some family has.
  private struct Kind {
    let name: String
    var queryHeads = 6
    var kvHeads = 2
    var headDim = 64
    var rotary: RotaryShape? = RotaryShape(dimension: 64, isInterleaved: false)
    var norm: NormKind?
    var softCap: Float = 0
    var hasSlopes = false
    var window = 0
    var hasHoles = false
  }

  /// Rotary embedding, the cache, and attention over more positions than a tile has.
  func checkAttention() throws {
    let kinds = [
      Kind(name: "grouped heads"),
      Kind(
        name: "pairs, part of a head", kvHeads: 6, headDim: 40,
        rotary: RotaryShape(dimension: 16, isInterleaved: true)),
      Kind(name: "normed heads of 128", headDim: 128, norm: .rms, softCap: 5),
      Kind(name: "LayerNorm of heads", norm: .layer),
      Kind(name: "slopes, no rotation", rotary: nil, hasSlopes: true),
      Kind(name: "window, heads of 256", headDim: 256, window: 50),
      Kind(name: "holes", hasHoles: true),
    ]
    for kind in kinds { try check(kind) }
    try checkCopies()
  }

  /// A cache copied to two sequences, a cleared position, and rows that were moved and exited.
  private func checkCopies() throws {
    let (heads, headDim, positions) = (2, 32, 40)
    let width = 3 * heads * headDim
    let prompt = twins(numbers(positions * width))
    let next = twins(numbers(3 * width))
    let out = empty(3 * heads * headDim)
    let swap = twins([2, 0, 0, 1, 1, 2] as [Int32])
    let last = twins([2, 0] as [Int32])
    func run(
      _ backend: any Backend, _ stream: any ComputeStream, _ own: KeyPath<Twins, any DeviceBuffer>
    ) {
      let attention = AttentionShape(
        queryHeads: heads, kvHeads: heads, headDim: headDim, rotary: nil, queryNorm: nil,
        keyNorm: nil, scale: 0.2, softCap: 0, slopes: nil, window: 0)
      func cache(_ sequences: Int, _ capacity: Int) -> any DeviceCache {
        backend.makeCache(
          CacheShape(
            slots: 3, sequences: sequences, capacity: capacity, kvHeads: heads, headDim: headDim),
          reusing: nil)
      }
      func table(_ rows: [RowState]) -> any RowTable {
        let table = backend.makeRowTable(capacity: max(rows.count, 3))
        stream.upload(rows, into: table)
        return table
      }
      func row(_ sequence: Int, _ position: Int) -> RowState {
        RowState(token: 0, sequence: sequence, position: position, length: 64)
      }
      let (first, second) = (cache(1, 48), cache(2, 64))
      let rows = table((0..<positions).map { row(0, $0) })
      for slot in 1..<3 {
        stream.rotateAndStore(
          prompt[keyPath: own], attention, rows: rows, angles: nil, into: first, slot: slot)
      }
      stream.copyPositions(
        of: first, sequence: 0, slots: 1..<3, counts: [positions, 17], into: second)
      stream.clear(rows: table([row(1, 3)]), of: second, slot: 1)
      let moved = backend.makeRowTable(capacity: 3)
      stream.move(
        table([row(0, positions), row(1, positions), row(0, positions + 1)]),
        by: RowMap(count: 3, pairs: swap[keyPath: own]), into: moved)
      stream.rotateAndStore(
        next[keyPath: own], attention, rows: moved, angles: nil, into: second, slot: 1)
      stream.exit(moved, rows: RowMap(count: 1, pairs: last[keyPath: own]), at: 1)
      stream.clear(out[keyPath: own], count: 3 * heads * headDim)
      stream.attend(
        next[keyPath: own], attention, rows: moved, over: second, slot: 1, holes: nil,
        into: out[keyPath: own])
    }
    run(backend, stream, \.device)
    run(reference, plain, \.plain)
    // The third row has exited: nothing is promised of its output.
    try compare(
      "attention after a copied cache, moved rows", out, 2 * heads * headDim, .compute,
      within: isNarrow ? 1e-2 : 2e-5)
  }

  private func check(_ kind: Kind) throws {
    let (sequences, capacity, rows) = (2, 320, 300)
    let width = (kind.queryHeads + 2 * kind.kvHeads) * kind.headDim
    let shape = CacheShape(
      slots: 2, sequences: sequences, capacity: capacity, kvHeads: kind.kvHeads,
      headDim: kind.headDim)
    // One sequence has most rows; the other's follow.
    let states = (0..<rows).map {
      RowState(
        token: 0, sequence: $0 < 290 ? 0 : 1, position: $0 < 290 ? $0 : $0 - 290, length: capacity)
    }
    let qkv = twins(numbers(rows * width))
    let out = empty(rows * kind.queryHeads * kind.headDim)
    let (norm, slopes) = (twins(numbers(kind.headDim)), twins(numbers(kind.queryHeads).map(abs)))
    let half = (kind.rotary?.dimension ?? 0) / 2
    let (cosines, sines) = (
      twins(numbers(max(1, capacity * half))), twins(numbers(max(1, capacity * half)))
    )
    var exits = [Int32](repeating: RowState.active, count: sequences * shape.capacity)
    for position in stride(from: 3, to: 290, by: 4) { exits[position] = 1 }
    let holes = twins(exits)
    func run(
      _ backend: any Backend, _ stream: any ComputeStream, _ own: KeyPath<Twins, any DeviceBuffer>
    ) {
      let weights = kind.norm.map {
        NormWeights(kind: $0, epsilon: 1e-5, width: kind.headDim, weight: norm[keyPath: own])
      }
      let attention = AttentionShape(
        queryHeads: kind.queryHeads, kvHeads: kind.kvHeads, headDim: kind.headDim,
        rotary: kind.rotary, queryNorm: weights, keyNorm: weights, scale: 0.2,
        softCap: kind.softCap, slopes: kind.hasSlopes ? slopes[keyPath: own] : nil,
        window: kind.window)
      let angles = RotaryAngles(
        cosines: cosines[keyPath: own], sines: sines[keyPath: own], positions: capacity,
        pairs: half, originalContext: nil)
      let table = backend.makeRowTable(capacity: rows)
      let cache = backend.makeCache(shape, reusing: nil)
      stream.upload(states, into: table)
      stream.rotateAndStore(
        qkv[keyPath: own], attention, rows: table, angles: kind.rotary.map { _ in angles },
        into: cache, slot: 1)
      stream.attend(
        qkv[keyPath: own], attention, rows: table, over: cache, slot: 1,
        holes: kind.hasHoles ? CacheHoles(exitSteps: holes[keyPath: own], step: 1) : nil,
        into: out[keyPath: own])
    }
    run(backend, stream, \.device)
    run(reference, plain, \.plain)
    try compare(
      "attention: \(kind.name)", out, rows * kind.queryHeads * kind.headDim, .compute,
      within: isNarrow ? 1e-2 : 2e-5)
  }
}
