import AISKit
import TestSupport
import Testing

/// Probes of many prompts read together, compared with a whole pass for each prompt.
struct ProbeReaderTests {
  private static let shapes: [SyntheticModel] = [
    SyntheticModel(),
    SyntheticModel {
      $0.architecture = "qwen3"
      $0.window = 7
      $0.headDim = 16
      $0.kvHeads = 1
    },
  ]

  private func expected(
    _ model: DecoderModel, _ pivot: Int, _ prompts: [[Int32]]
  ) throws -> [Float] {
    let capture = HiddenStateCapture(layers: [pivot])
    return try prompts.flatMap { prompt in
      var context = try model.makeContext(capacity: prompt.count)
      capture.rows = [prompt.count - 1]
      try model.forward(PackedTokens(prompt), in: &context, observer: capture)
      return try #require(capture.captured[pivot])
    }
  }

  @Test(arguments: shapes)
  func probesAreThoseOfWholePasses(shape: SyntheticModel) throws {
    let model = try shape.load()
    // More rows than one pass takes, long and short ones mixed.
    let lengths = [40, 1, 200, 3, 17, 96, 2, 180, 33, 5, 150, 60, 1, 16]
    let prompts = lengths.enumerated().map { shape.tokens($1, seed: UInt64($0)) }
    for pivot in [0, 2, shape.layers - 1] {
      let probes = try ProbeReader(model: model, pivot: pivot).probes(of: prompts)
      expectClose(probes, try expected(model, pivot, prompts), tolerance: 1e-5)
    }
    #expect(try ProbeReader(model: model, pivot: 2).probes(of: []) == [])
  }

  @Test(arguments: shapes)
  func whatPromptsBeginWithDoesNotShow(shape: SyntheticModel) throws {
    let model = try shape.load()
    for length in [1, 6, 16, 31] {
      let prefix = shape.tokens(length, seed: 99)
      let tails = [9, 1, 70, 2, 33].enumerated().map { shape.tokens($1, seed: UInt64($0)) }
      let prompts = tails.map { prefix + $0 }
      let reader = try ProbeReader(model: model, pivot: 2, sharing: prefix)
      let whole = try expected(model, 2, prompts)
      expectClose(try reader.probes(of: prompts), whole, tolerance: 1e-5)
      // A reader serves batch after batch.
      let last = try reader.probes(of: [prompts[4]])
      expectClose(last, Array(whole.suffix(shape.hidden)), tolerance: 1e-5)
    }
  }

  @Test func aProbeDoesNotDependOnThePromptsBesideIt() throws {
    let shape = SyntheticModel()
    let reader = try ProbeReader(model: shape.load(), pivot: 3)
    let prompts = (1...6).map { shape.tokens(5 * $0, seed: UInt64($0)) }
    let together = try reader.probes(of: prompts)
    for (index, prompt) in prompts.enumerated() {
      let range = index * shape.hidden..<(index + 1) * shape.hidden
      expectClose(try reader.probes(of: [prompt]), Array(together[range]), tolerance: 1e-5)
    }
  }

  @Test func promptsThatDoNotBeginAsSaidAreRefused() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let reader = try ProbeReader(model: model, pivot: 2, sharing: [1, 2, 3])
    let good: [Int32] = [1, 2, 3, 4]
    for bad: [Int32] in [[1, 2, 3], [1, 2], [], [1, 9, 3, 4]] {
      let error = #expect(throws: RequestError.self) { try reader.probes(of: [good, bad]) }
      #expect(error?.description.contains("prompt 1") == true)
    }
    expectClose(
      try reader.probes(of: [good]), try expected(model, 2, [good]), tolerance: 1e-5)
    let plain = try ProbeReader(model: model, pivot: 2)
    #expect(throws: RequestError.self) { try plain.probes(of: [[]]) }
    #expect(throws: RequestError.self) { try plain.probes(of: [[Int32(shape.vocabulary)]]) }
  }

  @Test func aPivotIsALayer() throws {
    let model = try SyntheticModel().load()
    for pivot in [-1, 5] {
      #expect(throws: RequestError.self) { try ProbeReader(model: model, pivot: pivot) }
    }
  }

  @Test(arguments: shapes)
  func readingLeavesTheCacheAsItWas(shape: SyntheticModel) throws {
    let model = try shape.load()
    let (start, tail) = (shape.tokens(19, seed: 1), shape.tokens(6, seed: 2))
    var context = try model.makeContext(capacity: 48)
    try model.forward(PackedTokens(start), in: &context)
    let probe = try model.lastHiddenStates(of: PackedTokens(tail), in: &context, layer: 3)
    expectClose(probe, try expected(model, 3, [start + tail]), tolerance: 1e-5)
    #expect(context.cache.lengths == [19])
    #expect(context.logitRows == 0)
    #expect(
      try model.lastHiddenStates(of: PackedTokens([[]]), in: &context, layer: 3) == [])
    var other = try model.makeContext(capacity: 48)
    try model.forward(PackedTokens(start), in: &other)
    for next in [shape.tokens(5, seed: 3), [4]] {
      try model.forward(PackedTokens(next), in: &context)
      try model.forward(PackedTokens(next), in: &other)
      #expect(context.logits(row: 0) == other.logits(row: 0))
    }
  }
}
