import AISKit
import TestSupport
import Testing

/// Passes along paths, whatever the weights are.
@Suite(.everyDevice)
struct LayerPathPassTests {
  private let shape = SyntheticModel()
  private let model: DecoderModel

  init() throws { model = try shape.load() }

  private func plan(_ path: String, hard: String = "", soft: String = "") throws -> DepthPlan {
    try DepthPlan(hard: hard, soft: soft, path: path)
  }

  @Test func eachLayerOnceIsTheFullModelBitForBit() throws {
    let texts = [shape.tokens(17, seed: 1), shape.tokens(6, seed: 2)]
    let path = try plan("0-4")
    #expect(try model.logits(of: texts, path) == model.logits(of: texts))
    #expect(
      try model.logits(of: texts, path, rows: .lastOfEach)
        == model.logits(of: texts, rows: .lastOfEach))
  }

  @Test func aPathThatEndsEarlyOrBeginsLateSkipsTheRest() throws {
    let text = [shape.tokens(11)]
    #expect(
      try model.logits(of: text, plan("0-2")) == model.logits(of: text, DepthPlan.skipping([3, 4])))
    #expect(
      try model.logits(of: text, plan("2-4")) == model.logits(of: text, DepthPlan.skipping([0, 1])))
    #expect(try model.logits(of: text, plan("1,0,2-4")) != model.logits(of: text))
  }

  @Test(arguments: ["0-2,1-4", "0,0,0,1-4", "0-4,4,4", "4,3,2,1,0", "0-3,1-3,1-3,4"])
  func prefillEqualsTokenByToken(path: String) throws {
    let plan = try plan(path)
    let text = shape.tokens(15)
    let together = try model.logits(of: [text], plan)
    let single = try model.logitsTokenByToken(of: text, plan)
    for (row, logits) in together.enumerated() {
      expectClose(logits, single[row], tolerance: 1e-4)
    }
    #expect(try together != model.logits(of: [text]))
  }

  @Test func aBatchIsItsSequencesAlone() throws {
    let plan = try plan("0-2,1-4", soft: "3=0.5")
    let texts = [shape.tokens(12, seed: 1), shape.tokens(1, seed: 2), shape.tokens(7, seed: 3)]
    let together = try model.logits(of: texts, plan, rows: .lastOfEach)
    for (text, logits) in zip(texts, together) {
      expectClose(
        logits, try model.logits(of: [text], plan, rows: .lastOfEach)[0], tolerance: 1e-4)
    }
  }

  /// A skipped layer is skipped at each visit, so it could as well be missing from the path.
  @Test func aSkippedLayerMightAsWellNotBeOnThePath() throws {
    let text = [shape.tokens(13)]
    for rows in [LogitRows.all, .lastOfEach] {
      #expect(
        try model.logits(of: text, plan("0-2,1-4", hard: "2"), rows: rows)
          == model.logits(of: text, plan("0,1,1,3,4"), rows: rows))
      #expect(
        try model.logits(of: text, plan("0-4,3-4", hard: "4", soft: "3=0.5"), rows: rows)
          == model.logits(of: text, plan("0-3,3", soft: "3=0.5"), rows: rows))
    }
  }

  @Test func aTraceCountsEachVisit() throws {
    let trace = DepthTrace()
    _ = try model.logits(of: [shape.tokens(4)], plan("0-2,1-4", hard: "2"), observer: trace)
    #expect(trace.executedLayers == 5 && trace.executedRowLayers == 20)
    #expect(trace.rowsOfLayers.map(\.layer) == [0, 1, 1, 3, 4])
  }

  @Test func aPathThatNeedsMoreSlotsIsRefusedAndTheContextGoesOn() throws {
    let text = shape.tokens(9)
    var context = try model.makeContext(capacity: 12)
    try model.forward(PackedTokens(text), in: &context)
    for path in ["0-2,1-4", "0-4,4"] {
      let error = #expect(throws: RequestError.self) {
        try model.forward(PackedTokens([1]), in: &context, policy: plan(path))
      }
      #expect(error?.expected == "at most 5 cache slots, as the context has")
      #expect(error.map { !"\($0)".contains("\n") } == true)
      #expect(context.cache.lengths == [9])
    }
    try model.begin(PackedTokens([1]), in: &context, through: 0)
    #expect(throws: RequestError.self) {
      try model.finish(in: &context, policy: plan("0-2,1-4"))
    }
    try model.finish(in: &context)
    #expect(try context.logits(row: 0) == decoded(after: text, 1))
  }

  /// The logits of a token after a text, under the full plan.
  private func decoded(after text: [Int32], _ token: Int32) throws -> [Float] {
    var context = try model.makeContext(capacity: 12)
    try model.forward(PackedTokens(text), in: &context)
    try model.forward(PackedTokens([token]), in: &context)
    return context.logits(row: 0)
  }

  @Test func aPathBeyondTheModelIsRefused() throws {
    var context = try model.makeContext(capacity: 4, path: LayerPath("0-5"))
    let error = #expect(throws: RequestError.self) {
      try model.forward(PackedTokens([1]), in: &context, policy: plan("0-5"))
    }
    #expect(error?.description == "path: expected layers 0 to 4, found layer 5")
    #expect(context.cache.lengths == [0])
  }

  @Test func aSnapshotBeforeADetourServesTwoTails() throws {
    let text = shape.tokens(14)
    let tails = [
      try plan("0-2,1-4"), try plan("0-2,2,3-4", soft: "4=0.5"), DepthPlan.full,
      try plan("0-2,4,3"),
    ]
    let longest = try LayerPath("0-2,1-4")
    var context = try model.makeContext(capacity: 20, path: longest)
    try model.begin(PackedTokens(text), in: &context, through: 2)
    let snapshot = context.snapshot()
    for (index, tail) in tails.enumerated() {
      if index > 0 { context.restore(snapshot) }
      try model.finish(in: &context, policy: tail)
      let first = context.logits(row: 0)
      #expect(try first == model.logits(of: [text], tail, rows: .lastOfEach)[0])
      // The keys and values of the detour are the tail's own.
      var fresh = try model.makeContext(capacity: 20, path: longest)
      try model.forward(PackedTokens(text), in: &fresh, policy: tail)
      guard index + 1 == tails.count else { continue }
      try model.forward(PackedTokens([5]), in: &fresh, policy: tail)
      try model.forward(PackedTokens([5]), in: &context, policy: tail)
      #expect(context.logits(row: 0) == fresh.logits(row: 0))
    }
  }

  @Test func aPathThatPartsFromWhatHasRunIsRefused() throws {
    let text = shape.tokens(6)
    var context = try model.makeContext(capacity: 8, path: LayerPath("0-2,1-4"))
    try model.begin(PackedTokens(text), in: &context, through: 3)
    for path in ["0-2,1-4", "0-2"] {
      #expect(throws: RequestError.self) { try model.finish(in: &context, policy: plan(path)) }
    }
    for hard in ["1", "3"] {
      let error = #expect(throws: RequestError.self) {
        try model.finish(in: &context, policy: plan("0-4,4", hard: hard))
      }
      #expect(error?.expected.hasPrefix("steps from 4 on") == true)
      #expect(error?.found == "layer \(hard)")
    }
    try model.finish(in: &context)
    #expect(try context.logits(row: 0) == model.logits(of: [text], rows: .lastOfEach)[0])
  }

  @Test func aPassGoesOnAlongItsPath() throws {
    let (path, text) = (try plan("0-2,1-4"), shape.tokens(6))
    var context = try model.makeContext(capacity: 8, path: path.path)
    try model.begin(PackedTokens(text), in: &context, through: 1, policy: path)
    for step in 2..<5 { try model.advance(in: &context, through: step, policy: path) }
    try model.finish(in: &context, policy: path)
    #expect(try context.logits(row: 0) == model.logits(of: [text], path, rows: .lastOfEach)[0])
  }

  @Test func generationTakesThePath() throws {
    let plan = try plan("0-2,1-4")
    var tokens: [Int32] = []
    _ = try Generator(model: model).generate(
      prompt: shape.tokens(5), maxTokens: 6, policy: plan
    ) {
      #expect($0.executedLayers == 7)
      tokens.append($0.id)
      return true
    }
    let batch = try BatchGenerator(model: model, endIDs: []).generate(
      prompts: [shape.tokens(5), shape.tokens(9)], maxTokens: 6, policy: plan)
    #expect(tokens.count == 6 && batch[0].tokens.map(\.id) == tokens)
  }
}
