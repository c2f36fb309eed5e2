import AISKit
import TestSupport
import Testing

/// Policies that decide row by row, against plans that do the same to all rows.
@Suite(.everyDevice)
struct RowActionTests {
  private static let shapes: [SyntheticModel] = [
    SyntheticModel(),
    SyntheticModel {
      $0.architecture = "qwen3"
      $0.headDim = 32
      $0.heads = 4
    },
    SyntheticModel {
      $0.window = 7
      $0.headDim = 16
      $0.kvHeads = 1
      $0.hidden = 64
    },
  ]

  private static let last = SyntheticModel().layers - 1

  @Test(arguments: shapes)
  func rowsThatSkipTheLastLayerGetThatPlansLogits(shape: SyntheticModel) throws {
    let model = try shape.load()
    let text = [shape.tokens(21)]
    let policy = RowPolicy { layer, _, position in
      layer == Self.last && position % 2 == 1 ? .skip : .run
    }
    let mixed = try model.logits(of: text, policy)
    let full = try model.logits(of: text)
    let skipped = try model.logits(of: text, DepthPlan.skipping([Self.last]))
    #expect(mixed.count == 21)
    for row in mixed.indices {
      #expect(mixed[row] == (row % 2 == 1 ? skipped : full)[row], "row \(row)")
      #expect(full[row] != skipped[row])
    }
  }

  @Test(arguments: shapes)
  func theSameActionForEveryRowIsThePlansAction(shape: SyntheticModel) throws {
    let model = try shape.load()
    let texts = [shape.tokens(12, seed: 1), shape.tokens(5, seed: 2)]
    let actions: [LayerAction] = [
      .run, .skip, .skipAttention, .skipFeedForward, .blend(alpha: 0.5),
    ]
    for action in actions {
      for fills in [true, false] {
        let byRows = RowPolicy(fills: fills) { layer, _, _ in layer == 2 ? action : .run }
        let plan = try DepthPlan([2: action])
        #expect(try model.logits(of: texts, byRows) == model.logits(of: texts, plan))
      }
    }
    let blending = RowPolicy { _, _, _ in .blend(alpha: 0.5) }
    #expect(
      try model.logits(of: texts, blending)
        == model.logits(of: texts, DepthPlan.blending(0..<shape.layers, alpha: 0.5)))
  }

  @Test(arguments: shapes)
  func sequencesWithPlansOfTheirOwnAreAsAlone(shape: SyntheticModel) throws {
    let model = try shape.load()
    let plans = [
      try DepthPlan.skipping([2, 3]), try DepthPlan([1: .blend(alpha: 0.4), 3: .skipAttention]),
    ]
    let policy = RowPolicy(fills: false) { layer, sequence, _ in plans[sequence][layer] }
    let texts = [shape.tokens(13, seed: 1), shape.tokens(8, seed: 2)]
    var together = try model.makeContext(sequences: 2, capacity: 20)
    try model.forward(PackedTokens(texts), in: &together, policy: policy)
    var steps = [together.allLogits()]
    for token in [3, 9, 4] as [Int32] {
      try model.forward(PackedTokens(decoding: [token, token + 1]), in: &together, policy: policy)
      steps.append(together.allLogits())
    }
    for (sequence, plan) in plans.enumerated() {
      var alone = try model.makeContext(capacity: 20)
      try model.forward(PackedTokens(texts[sequence]), in: &alone, policy: plan)
      expectClose(steps[0][sequence], alone.logits(row: 0), tolerance: 1e-4)
      for (step, token) in ([3, 9, 4] as [Int32]).enumerated() {
        try model.forward(
          PackedTokens([token + Int32(sequence)]), in: &alone, policy: plan)
        expectClose(steps[step + 1][sequence], alone.logits(row: 0), tolerance: 1e-4)
      }
    }
  }

  @Test(arguments: shapes)
  func prefillEqualsTokenByTokenIfRowsGiveTheirKeysAllTheSame(shape: SyntheticModel) throws {
    let model = try shape.load()
    let text = shape.tokens(19)
    let actions: [LayerAction] = [.skip, .skipAttention, .blend(alpha: 0.3)]
    for action in actions {
      let policy = RowPolicy { layer, _, position in
        position % 2 == 1 && [1, 3].contains(layer) ? action : .run
      }
      let together = try model.logits(of: [text], policy)
      let single = try model.logitsTokenByToken(of: text, policy)
      for (row, logits) in together.enumerated() {
        expectClose(logits, single[row], tolerance: 1e-4)
      }
      #expect(try together != model.logits(of: [text]))
    }
  }

  /// Keys and values of a row that skips are those of its state: later rows see it.
  @Test func rowsThatSkipAreSeenByThoseThatRun() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let text = [shape.tokens(9)]
    let policy = RowPolicy { layer, _, position in layer == 1 && position < 8 ? .skip : .run }
    // The state before layer 1 is that of a full pass, so the last row's layer 1 is, too.
    func output(_ policy: some DepthPolicy) throws -> [Float] {
      let capture = HiddenStateCapture(layers: [1])
      capture.rows = [8]
      _ = try model.logits(of: text, policy, observer: capture)
      return capture.captured[1] ?? []
    }
    let (mixed, full) = (try output(policy), try output(DepthPlan.full))
    #expect(mixed == full && mixed.count == shape.hidden)
  }

  @Test func withoutFillARowCannotRunWhatAnEarlierOneSkipped() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let policy = RowPolicy(fills: false) { layer, _, position in
      layer == 1 && position == 2 ? .skip : .run
    }
    var context = try model.makeContext(capacity: 9)
    let error = #expect(throws: RequestError.self) {
      try model.forward(PackedTokens(shape.tokens(5)), in: &context, policy: policy)
    }
    #expect(error?.subject == "layer 1" && error?.found.hasPrefix("2,") == true)
    #expect(context.cache.lengths == [0])
    try model.forward(PackedTokens(shape.tokens(5)), in: &context)
    #expect(try context.allLogits() == model.logits(of: [shape.tokens(5)], rows: .lastOfEach))
  }
}
