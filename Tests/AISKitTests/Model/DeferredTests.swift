import AISKit
import TestSupport
import Testing

/// The device that computes late does so: what it is for would not show otherwise.
struct DeferredTests {
  private let base = CPUBackend(type: .f32)

  private func buffer(_ backend: DeferredBackend, _ count: Int) throws -> DeferredBuffer {
    try #require(backend.makeBuffer(byteCount: count * 4) as? DeferredBuffer)
  }

  /// What the memory beneath a buffer holds at this moment.
  private func held(_ buffer: DeferredBuffer) throws -> [Float] {
    try base.makeStream().download(buffer.base, byteCount: buffer.byteCount).floats
  }

  @Test func freshMemoryIsNotANumber() throws {
    let backend = DeferredBackend(base)
    let stream = backend.makeStream()
    let fresh = backend.makeBuffer(byteCount: 64)
    let scratch = stream.makeScratch(byteCount: 64)
    for buffer in [fresh, scratch] {
      let numbers = try stream.download(buffer, byteCount: 64).floats
      #expect(numbers.count == 16 && numbers.allSatisfy(\.isNaN))
    }
    #expect(try stream.download(fresh, byteCount: 8).integers == [-1, -1])
  }

  @Test func freshKeysAndValuesAreNotNumbers() throws {
    let backend = DeferredBackend(base)
    let stream = backend.makeStream()
    let cache = backend.makeCache(
      CacheShape(slots: 1, sequences: 1, capacity: 4, kvHeads: 1, headDim: 4), reusing: nil)
    let heads = AttentionShape(
      queryHeads: 1, kvHeads: 1, headDim: 4, rotary: nil, queryNorm: nil, keyNorm: nil, scale: 1,
      softCap: 0, slopes: nil, window: 0)
    let (qkv, out) = (backend.makeBuffer(byteCount: 48), backend.makeBuffer(byteCount: 16))
    let table = backend.makeRowTable(capacity: 1)
    // The row at position 1 sees position 0, which holds nothing until a row there is stored.
    for (position, isNumber) in [(1, false), (0, true), (1, true)] {
      stream.upload([Float](repeating: 1, count: 12), into: qkv)
      stream.upload([RowState(token: 0, sequence: 0, position: position, length: 4)], into: table)
      stream.rotateAndStore(qkv, heads, rows: table, angles: nil, into: cache, slot: 0)
      stream.attend(qkv, heads, rows: table, over: cache, slot: 0, holes: nil, into: out)
      let numbers = try stream.download(out, byteCount: 16).floats
      #expect(numbers.allSatisfy { $0.isNaN != isNumber })
    }
  }

  @Test func nothingIsComputedBeforeADownload() throws {
    let backend = DeferredBackend(base)
    let stream = backend.makeStream()
    let (x, y) = (try buffer(backend, 4), try buffer(backend, 4))
    let numbers: [Float] = [1, 2, 3, 4]
    stream.upload(numbers, into: x)
    stream.upload([10, 20, 30, 40] as [Float], into: y)
    stream.add(x, to: y, count: 4)
    #expect(try held(x).allSatisfy(\.isNaN) && held(y).allSatisfy(\.isNaN))
    #expect(try stream.download(y, byteCount: 16).floats == [11, 22, 33, 44])
    #expect(try held(x) == numbers && held(y) == [11, 22, 33, 44])
  }

  @Test func aDownloadLendsUntilMoreIsAskedAndAnUploadCopies() throws {
    let backend = DeferredBackend(base)
    let stream = backend.makeStream()
    let x = try buffer(backend, 2)
    var numbers: [Float] = [1, 2]
    stream.upload(numbers, into: x)
    numbers[0] = 9
    let bytes = try stream.download(x, byteCount: 8)
    #expect(bytes.floats == [1, 2])
    stream.upload(numbers, into: x)
    let spoilt = bytes.floats
    #expect(spoilt.allSatisfy { $0.isNaN })
    #expect(try stream.download(x, byteCount: 8).floats == [9, 2])
  }

  @Test func whatADownloadOfAnotherStreamNeedsIsComputed() throws {
    let backend = DeferredBackend(base)
    let (one, other) = (backend.makeStream(), backend.makeStream())
    let x = try buffer(backend, 1)
    one.upload([7] as [Float], into: x)
    #expect(try other.download(x, byteCount: 4).floats == [7])
  }

  private final class Memory {}

  private final class Log {
    var order: [Int] = []
  }

  /// The order in which a queue runs operations, each with its reads and writes by number of a place.
  private func order(
    _ operations: [(reads: [Int], writes: [Int])], seed: UInt64
  ) throws -> [Int] {
    let queue = DeferredQueue(seed: seed)
    let memory = (0..<8).map { _ in Memory() }
    let log = Log()
    for (number, operation) in operations.enumerated() {
      queue.add(
        reads: operation.reads.map { DeferredQueue.Place(memory[$0]) },
        writes: operation.writes.map { DeferredQueue.Place(memory[$0]) }
      ) { log.order.append(number) }
    }
    #expect(log.order.isEmpty)
    try queue.flush()
    #expect(log.order.sorted() == Array(operations.indices))
    return log.order
  }

  @Test func independentOperationsRunInBothOrders() throws {
    let orders = try (0..<60).map { try order([([0], [1]), ([0], [2])], seed: UInt64($0)) }
    #expect(Set(orders) == [[0, 1], [1, 0]])
  }

  @Test(
    arguments: [
      [([], [0]), ([0], [1])],  // a read after a write
      [([0], [1]), ([], [0])],  // a write after a read
      [([], [0]), ([], [0])],  // two writes
    ] as [[([Int], [Int])]])
  func dependentOperationsNeverSwap(operations: [([Int], [Int])]) throws {
    for seed in 0..<60 {
      #expect(try order(operations.map { ($0.0, $0.1) }, seed: UInt64(seed)) == [0, 1])
    }
  }

  @Test func aChainKeepsItsOrderBesideAnother() throws {
    let chains: [([Int], [Int])] = (0..<8).map { ([], [$0 % 2]) }
    var interleavings = Set<[Int]>()
    for seed in 0..<60 {
      let order = try order(chains, seed: UInt64(seed))
      #expect(order.filter { $0 % 2 == 0 } == [0, 2, 4, 6])
      #expect(order.filter { $0 % 2 == 1 } == [1, 3, 5, 7])
      interleavings.insert(order)
    }
    #expect(interleavings.count > 5)
  }

  @Test func slotsOfOneObjectAreMemoryOfTheirOwn() {
    let memory = Memory()
    #expect(DeferredQueue.Place(memory) == DeferredQueue.Place(memory, slot: 0))
    #expect(DeferredQueue.Place(memory, slot: 1) != DeferredQueue.Place(memory, slot: 0))
  }

  @Test func operationsThatFailSaySoAtTheDownload() throws {
    struct Failure: Error {}
    let queue = DeferredQueue(seed: 1)
    queue.add(reads: [], writes: []) { throw Failure() }
    #expect(throws: Failure.self) { try queue.flush() }
    try queue.flush()
  }

  @Test func aPassFindsNothingOfTheLastOnesScratch() throws {
    let folder = try TemporaryFolder()
    let shape = SyntheticModel()
    let checkpoint = try Checkpoint.open(path: folder.write(shape.bytes(), as: "model.gguf"))
    let backend = DeferredBackend(base)
    let stream = backend.makeStream()
    let scratch = stream.makeScratch(byteCount: 16)
    let kept = backend.makeBuffer(byteCount: 16)
    let numbers: [Float] = [1, 2, 3, 4]
    stream.upload(numbers, into: scratch)
    stream.upload(numbers, into: kept)
    #expect(try stream.download(scratch, byteCount: 16).floats == numbers)
    let table = backend.makeRowTable(capacity: 1)
    stream.upload([RowState(token: 3, sequence: 0, position: 0, length: 1)], into: table)
    let vectors = backend.makeEmbedding(try checkpoint.tensor("token_embd.weight"))
    let states = stream.makeScratch(byteCount: vectors.width * 4)
    stream.embed(vectors, rows: table, scale: 1, into: states)
    #expect(try stream.download(scratch, byteCount: 16).floats.allSatisfy(\.isNaN))
    #expect(try stream.download(kept, byteCount: 16).floats == numbers)
    let embedded = try stream.download(states, byteCount: vectors.width * 4).floats
    #expect(embedded.count == shape.hidden && embedded.allSatisfy(\.isFinite))
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func aModelGivesTheProcessorsBitsWhateverTheOrder(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    let shape = SyntheticModel()
    let checkpoint = try Checkpoint.open(path: folder.write(shape.bytes(), as: "model.gguf"))
    let late = try DecoderModel.load(checkpoint, backend: DeferredBackend(base, seed: seed))
    let texts = [shape.tokens(9, seed: 1), shape.tokens(4, seed: 2)]
    #expect(try late.logits(of: texts) == shape.load().logits(of: texts))
  }
}
