import AISKit
import TestSupport
import Testing

/// The minimum work of a pass, counted by hand.
struct ModelWorkTests {
  /// Width 40, 6 heads of 20 over 2 key-value heads, inner width 52, vocabulary 77, 5 layers.
  private let config: ModelConfig
  /// Queries 120, keys and values 40 each.
  private let qkv = Double(40 * 200)
  /// The attention's output projection, from 120 to 40.
  private let output = Double(40 * 120)
  private var attention: Double { qkv + output }
  private let feedForward = Double(3 * 40 * 52)
  private let head = Double(40 * 77)

  init() throws { config = try SyntheticModel().load().config }

  private func work(
    _ plan: DepthPlan = .full, sequences: Int = 1, rows: Int = 3, position: Int = 0,
    logitRows: Int = 1, weights: WeightSizes = .f32
  ) -> ModelWork {
    ModelWork(
      config: config, plan: plan, sequences: sequences, rows: rows, position: position,
      logitRows: logitRows, weights: weights)
  }

  @Test func partsAddUpToTheWhole() {
    let whole = work()
    // Three rows see 1, 2 and 3 keys. A key costs two dot products in each query head.
    let scores = 4.0 * 120 * 6
    let layer = scores + 2 * 3 * (attention + feedForward)
    // After the last layer only the row that gets logits is read.
    let last = 4.0 * 120 * 3 + 2 * 3 * qkv + 2 * (output + feedForward)
    #expect(whole.floatingPointOperations == 4 * layer + last + 2 * head)
    #expect(whole.weightBytes == 4 * (5 * (attention + feedForward) + head))
    #expect(whole.parts.count == 21)
    #expect(
      whole.parts.reduce(0) { $0 + $1.floatingPointOperations } == whole.floatingPointOperations)
    // Three positions of two key-value heads, keys and values in float32.
    let cached = 3.0 * 2 * 2 * 20 * 4
    #expect(whole.parts[1] == (whole.parts.filter { $0.bytes == cached }.first))
    #expect(whole.parts.reduce(0) { $0 + $1.bytes } == whole.weightBytes + 5 * cached)
  }

  @Test func sequencesShareTheWeightsAndNothingElse() {
    let (one, three) = (work(position: 7), work(sequences: 3, position: 7))
    #expect(three.floatingPointOperations == 3 * one.floatingPointOperations)
    #expect(three.weightBytes == one.weightBytes)
    #expect(three.parts[1].bytes == 3 * one.parts[1].bytes)
    #expect(three.parts[0].bytes == one.parts[0].bytes)
  }

  @Test func rowsThatLeftAreNoWork() {
    let whole = ModelWork(config: config, sequences: 4, rows: 1, position: 9, weights: .f32)
    func work(_ rows: [Int]) -> ModelWork {
      ModelWork(
        config: config, sequences: 4, rows: 1, position: 9, activeRows: rows, weights: .f32)
    }
    #expect(work([4, 4, 4, 4, 4]) == whole)
    let some = work([4, 4, 1, 1, 0])
    // One row of four: a quarter of the arithmetic and of the cache, all of the weights.
    let scores = 4.0 * 120 * 10
    let row = scores + 2 * (attention + feedForward)
    #expect(some.floatingPointOperations == 10 * row + 4 * 2 * head)
    #expect(some.weightBytes == 4 * (4 * (attention + feedForward) + head))
    #expect(some.parts[9].bytes * 4 == some.parts[1].bytes)
  }

  @Test func whatIsLeftOutIsNoWork() throws {
    let full = work()
    let scores = full.parts[1].floatingPointOperations
    func missing(_ action: LayerAction) throws -> (operations: Double, bytes: Double, parts: Int) {
      let less = work(try DepthPlan([2: action]))
      return (
        full.floatingPointOperations - less.floatingPointOperations,
        full.weightBytes - less.weightBytes, full.parts.count - less.parts.count
      )
    }
    #expect(
      try missing(.skip)
        == (scores + 6 * (attention + feedForward), 4 * (attention + feedForward), 4))
    #expect(try missing(.skipAttention) == (scores + 6 * attention, 4 * attention, 3))
    #expect(try missing(.skipFeedForward) == (6 * feedForward, 4 * feedForward, 1))
    #expect(try missing(.blend(alpha: 0.5)) == (0, 0, 0))
  }

  @Test func positionsTypesAndLogitRowsCount() {
    let decode = work(rows: 1, position: 9)
    #expect(decode.parts[1].floatingPointOperations == 4 * 120 * 10)
    #expect(decode.parts[1].bytes == 10 * 2 * 2 * 20 * 4)
    #expect(work(weights: .bf16).weightBytes * 2 == work().weightBytes)
    #expect(work(weights: .bf16).parts[1].bytes == work().parts[1].bytes, "the cache stays float32")
  }

  /// The last layer computes only keys and values of rows without logits.
  @Test func rowsWithoutLogitsEndAtTheLastLayersKeys() throws {
    let (all, one, none) = (work(logitRows: 3), work(logitRows: 1), work(logitRows: 0))
    // The two rows without logits see one key and two keys.
    #expect(
      all.floatingPointOperations - one.floatingPointOperations
        == 4 * 120 * 3 + 4 * (output + feedForward + head))
    #expect(
      one.floatingPointOperations - none.floatingPointOperations
        == 4 * 120 * 3 + 2 * (output + feedForward + head))
    // The rule holds for the last layer that is not skipped, and for none if all are skipped.
    func spared(_ plan: DepthPlan) -> Double {
      work(plan, logitRows: 3).floatingPointOperations - work(plan).floatingPointOperations
    }
    let full = spared(.full)
    #expect(spared(try .skipping([3, 4])) == full)
    #expect(spared(try .skipping(0..<5)) == 4 * head)
  }

  @Test func aWindowLimitsWhatARowSees() throws {
    let config = try SyntheticModel { $0.window = 4 }.load().config
    #expect(config.layers.allSatisfy { $0.window == 4 })
    let work = ModelWork(config: config, rows: 6, position: 2, weights: .f32)
    // Rows at positions 2 to 7 see 3, 4, 4, 4, 4 and 4 keys.
    #expect(work.parts[1].floatingPointOperations == 4 * 120 * 23)
    // All eight positions are seen by some row; in decoding, only the window's are.
    #expect(work.parts[1].bytes == 8 * 2 * 2 * 20 * 4)
    let decode = ModelWork(config: config, rows: 1, position: 9, weights: .f32)
    #expect(decode.parts[1].bytes == 4 * 2 * 2 * 20 * 4)
  }
}
