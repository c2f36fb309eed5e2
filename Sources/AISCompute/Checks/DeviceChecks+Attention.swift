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
    // A hole is visible to nobody, its own row included: positions 3, 7, … attend to others alone.
    try compare(
      "attention: \(kind.name)", out, rows * kind.queryHeads * kind.headDim, .compute,
      within: isNarrow ? 1e-2 : 2e-5)
  }
}
