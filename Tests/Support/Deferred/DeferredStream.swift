import AISKit

/// Queues every operation with the memory that it reads and writes.
final class DeferredStream: ComputeStream {
  private typealias Place = DeferredQueue.Place

  let base: any ComputeStream
  let queue: DeferredQueue
  private var scratch: [Scratch] = []

  /// A scratch buffer, as long as a pass holds it.
  private struct Scratch {
    weak var buffer: DeferredBuffer?
  }

  init(_ base: any ComputeStream, _ queue: DeferredQueue) {
    self.base = base
    self.queue = queue
  }

  /// The copy that the last download lent; further work makes it useless.
  private weak var lent: Copy?

  /// Whatever the host memory of a download holds, it is a copy.
  private final class Copy {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
      self.bytes = .allocate(byteCount: max(bytes.count, 1), alignment: 64)
      self.bytes.copyMemory(from: bytes)
    }

    deinit { bytes.deallocate() }
  }

  /// Queues an operation and spoils what was lent before.
  func enqueue(
    reads: [DeferredQueue.Place], writes: [DeferredQueue.Place], _ run: @escaping () throws -> Void
  ) {
    lent?.bytes.initializeMemory(as: UInt8.self, repeating: 0xff)
    lent = nil
    queue.add(reads: reads, writes: writes, run)
  }

  func buffer(_ buffer: any DeviceBuffer) -> DeferredBuffer {
    guard let own = buffer as? DeferredBuffer else { preconditionFailure("a deferred buffer") }
    return own
  }

  func table(_ table: any RowTable) -> DeferredTable {
    guard let own = table as? DeferredTable else { preconditionFailure("a deferred table") }
    return own
  }

  private func cache(_ cache: any DeviceCache) -> DeferredCache {
    guard let own = cache as? DeferredCache else { preconditionFailure("a deferred cache") }
    return own
  }

  /// The same map with the base's memory, and the places that it reads.
  private func unwrap(_ map: RowMap) -> (map: RowMap, reads: [Place]) {
    guard let pairs = map.pairs.map(buffer) else { return (map, []) }
    return (RowMap(count: map.count, pairs: pairs.base), [Place(pairs)])
  }

  private func unwrap(_ norm: NormWeights) -> NormWeights {
    NormWeights(
      kind: norm.kind, epsilon: norm.epsilon, width: norm.width, weight: buffer(norm.weight).base,
      bias: norm.bias.map { buffer($0).base })
  }

  /// Weights of the heads, which may still be on their way here.
  private func weights(_ shape: AttentionShape) -> [Place] {
    [
      shape.queryNorm?.weight, shape.queryNorm?.bias, shape.keyNorm?.weight, shape.keyNorm?.bias,
      shape.slopes,
    ].compactMap { $0.map { Place(buffer($0)) } }
  }

  private func unwrap(_ shape: AttentionShape) -> AttentionShape {
    var own = shape
    own.queryNorm = shape.queryNorm.map(unwrap)
    own.keyNorm = shape.keyNorm.map(unwrap)
    own.slopes = shape.slopes.map { buffer($0).base }
    return own
  }

  // MARK: Bytes

  func makeScratch(byteCount: Int) -> any DeviceBuffer {
    let buffer = DeferredBuffer(base.makeScratch(byteCount: byteCount))
    buffer.poison(base)
    scratch.append(Scratch(buffer: buffer))
    return buffer
  }

  func upload(_ bytes: UnsafeRawBufferPointer, into target: any DeviceBuffer) {
    queue.exchange()
    let (copy, target, base) = (Copy(bytes), buffer(target), base)
    let count = bytes.count
    // Bytes after those uploaded stay as they were, so the buffer is read as well.
    enqueue(reads: [Place(target)], writes: [Place(target)]) {
      base.upload(UnsafeRawBufferPointer(rebasing: copy.bytes[..<count]), into: target.base)
    }
  }

  func download(_ source: any DeviceBuffer, byteCount: Int) throws -> HostBytes {
    queue.exchange()
    try queue.flush()
    var copy: Copy?
    try base.download(buffer(source).base, byteCount: byteCount).withFloats {
      copy = Copy(UnsafeRawBufferPointer($0))
    }
    guard let copy else { return .empty }
    lent = copy
    return HostBytes(UnsafeRawBufferPointer(rebasing: copy.bytes[..<byteCount]), owner: copy)
  }

  func upload(_ rows: [RowState], into target: any RowTable) {
    queue.exchange()
    let (target, base) = (table(target), base)
    enqueue(reads: [], writes: [Place(target)]) {
      target.states = rows
      base.upload(rows, into: target.base)
    }
  }

  // MARK: Rows

  func move(_ x: any DeviceBuffer, by map: RowMap, rowBytes: Int, into out: any DeviceBuffer) {
    let (x, own, out, base) = (buffer(x), unwrap(map), buffer(out), base)
    precondition(x !== out, "rows move between buffers")
    enqueue(reads: [Place(x), Place(out)] + own.reads, writes: [Place(out)]) {
      base.move(x.base, by: own.map, rowBytes: rowBytes, into: out.base)
    }
  }

  func move(_ rows: any RowTable, by map: RowMap, into out: any RowTable) {
    let (rows, own, out, base) = (table(rows), unwrap(map), table(out), base)
    precondition(rows !== out, "rows move between tables")
    enqueue(reads: [Place(rows)] + own.reads, writes: [Place(out)]) {
      base.move(rows.base, by: own.map, into: out.base)
    }
  }

  func exit(_ rows: any RowTable, rows map: RowMap, at step: Int) {
    let (rows, own, base) = (table(rows), unwrap(map), base)
    enqueue(reads: [Place(rows)] + own.reads, writes: [Place(rows)]) {
      base.exit(rows.base, rows: own.map, at: step)
    }
  }

  func fill(_ out: any DeviceBuffer, by map: RowMap, with value: Int32) {
    let (out, own, base) = (buffer(out), unwrap(map), base)
    enqueue(reads: [Place(out)] + own.reads, writes: [Place(out)]) {
      base.fill(out.base, by: own.map, with: value)
    }
  }

  func add(
    _ x: any DeviceBuffer, by map: RowMap, scales: any DeviceBuffer, width: Int,
    to out: any DeviceBuffer
  ) {
    let (x, own, scales, out, base) = (buffer(x), unwrap(map), buffer(scales), buffer(out), base)
    enqueue(
      reads: [Place(x), Place(scales), Place(out)] + own.reads, writes: [Place(out)]
    ) {
      base.add(x.base, by: own.map, scales: scales.base, width: width, to: out.base)
    }
  }

  // MARK: Elements

  func embed(
    _ vectors: any EmbeddingTable, rows: any RowTable, scale: Float, into out: any DeviceBuffer
  ) {
    let (rows, out, base) = (table(rows), buffer(out), base)
    // A pass begins: nothing of the last one's scratch memory may matter.
    for scratch in scratch.compactMap(\.buffer) {
      enqueue(reads: [], writes: [Place(scratch)]) { scratch.poison(base) }
    }
    enqueue(reads: [Place(rows)], writes: [Place(out)]) {
      base.embed(vectors, rows: rows.base, scale: scale, into: out.base)
    }
  }

  func addPositions(
    _ vectors: any EmbeddingTable, rows: any RowTable, offset: Int, to out: any DeviceBuffer
  ) {
    let (rows, out, base) = (table(rows), buffer(out), base)
    enqueue(reads: [Place(rows), Place(out)], writes: [Place(out)]) {
      base.addPositions(vectors, rows: rows.base, offset: offset, to: out.base)
    }
  }

  func normalize(
    _ x: any DeviceBuffer, rows: Int, by norm: NormWeights, into out: any DeviceBuffer,
    as type: OutputType
  ) {
    let (x, own, out, base) = (buffer(x), unwrap(norm), buffer(out), base)
    // Weights that are still on their way here count as well.
    let weights = [norm.weight, norm.bias].compactMap { $0.map { Place(buffer($0)) } }
    enqueue(reads: [Place(x)] + weights, writes: [Place(out)]) {
      base.normalize(x.base, rows: rows, by: own, into: out.base, as: type)
    }
  }

  func convert(_ x: any DeviceBuffer, count: Int, into out: any DeviceBuffer) {
    let (x, out, base) = (buffer(x), buffer(out), base)
    enqueue(reads: [Place(x)], writes: [Place(out)]) {
      base.convert(x.base, count: count, into: out.base)
    }
  }

  func activate(
    _ x: any DeviceBuffer, rows: Int, width: Int, _ activation: Activation, isGated: Bool,
    into out: any DeviceBuffer
  ) {
    let (x, out, base) = (buffer(x), buffer(out), base)
    enqueue(reads: [Place(x)], writes: [Place(out)]) {
      base.activate(
        x.base, rows: rows, width: width, activation, isGated: isGated, into: out.base)
    }
  }

  func add(_ x: any DeviceBuffer, to out: any DeviceBuffer, count: Int) {
    let (x, out, base) = (buffer(x), buffer(out), base)
    enqueue(reads: [Place(x), Place(out)], writes: [Place(out)]) {
      base.add(x.base, to: out.base, count: count)
    }
  }

  func add(
    _ x: any DeviceBuffer, to out: any DeviceBuffer, width: Int, activeRowsOf rows: any RowTable
  ) {
    let (x, out, rows, base) = (buffer(x), buffer(out), table(rows), base)
    enqueue(reads: [Place(x), Place(out), Place(rows)], writes: [Place(out)]) {
      base.add(x.base, to: out.base, width: width, activeRowsOf: rows.base)
    }
  }

  func clear(_ x: any DeviceBuffer, count: Int) {
    let (x, base) = (buffer(x), base)
    enqueue(reads: [], writes: [Place(x)]) { base.clear(x.base, count: count) }
  }

  func softCap(_ x: any DeviceBuffer, cap: Float, count: Int) {
    let (x, base) = (buffer(x), base)
    enqueue(reads: [Place(x)], writes: [Place(x)]) {
      base.softCap(x.base, cap: cap, count: count)
    }
  }

  func blend(_ x: any DeviceBuffer, with before: any DeviceBuffer, alpha: Float, count: Int) {
    let (x, before, base) = (buffer(x), buffer(before), base)
    enqueue(reads: [Place(x), Place(before)], writes: [Place(x)]) {
      base.blend(x.base, with: before.base, alpha: alpha, count: count)
    }
  }

  // MARK: Products and attention

  func multiply(
    _ x: any DeviceBuffer, rows: Int, by weights: WeightMatrix, into out: any DeviceBuffer,
    accumulate: Bool
  ) throws {
    let (x, out, base) = (buffer(x), buffer(out), base)
    enqueue(reads: [Place(x)] + (accumulate ? [Place(out)] : []), writes: [Place(out)]) {
      try base.multiply(
        x.base, rows: rows, by: weights, into: out.base, accumulate: accumulate)
    }
  }

  func rotateAndStore(
    _ qkv: any DeviceBuffer, _ shape: AttentionShape, rows: any RowTable, angles: RotaryAngles?,
    into target: any DeviceCache, slot: Int, exited: ExitedEntries
  ) {
    let (qkv, own, rows, target, base) = (
      buffer(qkv), unwrap(shape), table(rows), cache(target), base
    )
    let turned = angles.map { [buffer($0.cosines), buffer($0.sines)] } ?? []
    let ownAngles = angles.map {
      RotaryAngles(
        cosines: buffer($0.cosines).base, sines: buffer($0.sines).base, positions: $0.positions,
        pairs: $0.pairs, originalContext: $0.originalContext)
    }
    enqueue(
      reads: [Place(qkv), Place(rows), Place(target, slot: slot)] + turned.map { Place($0) }
        + weights(shape),
      writes: [Place(qkv), Place(target, slot: slot)]
    ) {
      base.rotateAndStore(
        qkv.base, own, rows: rows.base, angles: ownAngles, into: target.base, slot: slot,
        exited: exited)
    }
  }

  func clear(rows: any RowTable, of target: any DeviceCache, slot: Int) {
    let (rows, target, base) = (table(rows), cache(target), base)
    enqueue(
      reads: [Place(rows), Place(target, slot: slot)], writes: [Place(target, slot: slot)]
    ) {
      base.clear(rows: rows.base, of: target.base, slot: slot)
    }
  }

  func attend(
    _ qkv: any DeviceBuffer, _ shape: AttentionShape, rows: any RowTable,
    over source: any DeviceCache, slot: Int, holes: CacheHoles?, into out: any DeviceBuffer
  ) {
    let (qkv, own, rows, source, out, base) = (
      buffer(qkv), unwrap(shape), table(rows), cache(source), buffer(out), base
    )
    let steps = holes.map { buffer($0.exitSteps) }
    let ownHoles = holes.map { CacheHoles(exitSteps: buffer($0.exitSteps).base, step: $0.step) }
    // Rows that have exited are left alone, so the output is read as well.
    enqueue(
      reads: [Place(qkv), Place(rows), Place(source, slot: slot), Place(out)]
        + [steps].compactMap { $0.map { Place($0) } } + weights(shape),
      writes: [Place(out)]
    ) {
      base.attend(
        qkv.base, own, rows: rows.base, over: source.base, slot: slot, holes: ownHoles,
        into: out.base)
    }
  }

  func copyPositions(
    of source: any DeviceCache, sequence: Int, slots: Range<Int>, counts: [Int],
    into target: any DeviceCache
  ) {
    let (source, target, base) = (cache(source), cache(target), base)
    enqueue(
      reads: slots.map { Place(source, slot: $0) } + slots.map { Place(target, slot: $0) },
      writes: slots.map { Place(target, slot: $0) }
    ) {
      base.copyPositions(
        of: source.base, sequence: sequence, slots: slots, counts: counts, into: target.base)
    }
  }

  func argmax(_ x: any DeviceBuffer, rows: Int, width: Int, into out: any DeviceBuffer) {
    let (x, out, base) = (buffer(x), buffer(out), base)
    enqueue(reads: [Place(x)], writes: [Place(out)]) {
      base.argmax(x.base, rows: rows, width: width, into: out.base)
    }
  }
}
