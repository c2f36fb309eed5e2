import AISKit
import TestSupport
import Testing

/// Rows with actions of their own that also exit, and what a trace counts of them.
@Suite(.everyDevice)
struct RowActionExitTests {
  private let shape = SyntheticModel()
  private let model: DecoderModel

  init() throws { model = try shape.load() }

  /// Odd positions skip layers 1 and 3.
  private static let oddSkip: RowPolicy.Choice = { layer, _, position in
    position % 2 == 1 && [1, 3].contains(layer) ? .skip : .run
  }

  /// Every third position exits after layer 2, position 4 after layer 0.
  private static let exits: ScheduledExit.Schedule = { layer, _, position in
    layer == 2 && position % 3 == 0 || layer == 0 && position == 4
  }

  private func policy(_ fill: KVFill = .project, compaction: Double = 0) -> RowPolicy {
    RowPolicy(
      rowExit: RowExit(
        rule: ScheduledExit(Self.exits), fill: fill, compactionThreshold: compaction),
      Self.oddSkip)
  }

  @Test(arguments: KVFill.allCases, [0, 0.3, 2])
  func rowsThatSkipAndExitAreAsTokenByToken(fill: KVFill, compaction: Double) throws {
    let text = shape.tokens(17)
    let policy = policy(fill, compaction: compaction)
    let together = try model.logits(of: [text], policy)
    let single = try model.logitsTokenByToken(of: text, policy)
    for (row, logits) in together.enumerated() {
      expectClose(logits, single[row], tolerance: 1e-4)
    }
    #expect(try together != model.logits(of: [text], RowPolicy(Self.oddSkip)))
  }

  @Test func anExitThatNeverHappensChangesNothing() throws {
    let text = [shape.tokens(11)]
    let never = RowPolicy(
      rowExit: RowExit(rule: ScheduledExit { _, _, _ in false }), Self.oddSkip)
    #expect(try model.logits(of: text, never) == model.logits(of: text, RowPolicy(Self.oddSkip)))
  }

  @Test(arguments: [0, 2] as [Double])
  func rowsThatAllRunAndExitAreTheExitsAlone(compaction: Double) throws {
    let text = [shape.tokens(14)]
    var configuration = TokenExitConfiguration()
    configuration.minLayers = 0
    configuration.compactionThreshold = compaction
    let exit = try TokenExit(schedule: Self.exits, configuration: configuration)
    let byRows = RowPolicy(rowExit: exit.rowExit) { _, _, _ in .run }
    let (found, expected) = (
      try model.logits(of: text, byRows), try model.logits(of: text, exit)
    )
    for (found, expected) in zip(found, expected) {
      expectClose(found, expected, tolerance: 1e-4)
    }
  }

  @Test func aTraceCountsTheBlocksOfEachRow() throws {
    let trace = DepthTrace()
    _ = try model.logits(
      of: [shape.tokens(10)], RowPolicy(Self.oddSkip), observer: trace)
    #expect(trace.executedLayers == 5 && trace.executedAttentions == 5)
    #expect((0..<10).map { trace.executedLayers(ofRow: $0) } == [5, 3, 5, 3, 5, 3, 5, 3, 5, 3])
    #expect(trace.executedRowLayers == 40 && trace.computedRowLayers == 40)
    #expect(trace.rowsOfLayers.map(\.active) == [10, 5, 10, 5, 10])
    // Rows that skip a layer give it their keys and values.
    #expect(trace.work.map(\.outputRows) == [10, 0, 5, 10, 0, 5, 10])
    #expect(trace.filledRowLayers == 10)
  }

  @Test func aLayerThatEveryRowSkipsIsNotCounted() throws {
    let trace = DepthTrace()
    let policy = RowPolicy { layer, _, position in
      layer == 2 ? .skip : layer == 3 && position < 3 ? .skipAttention : .run
    }
    _ = try model.logits(of: [shape.tokens(5)], policy, observer: trace)
    #expect(trace.executedLayers == 4 && trace.executedRowLayers == 20)
    #expect((0..<5).allSatisfy { trace.executedLayers(ofRow: $0) == 4 })
    let all = RowPolicy { layer, _, _ in layer == 3 ? .skipAttention : .run }
    _ = try model.logits(of: [shape.tokens(5)], all, observer: trace)
    #expect(trace.executedAttentions == 4 && trace.executedFeedForwards == 5)
  }

  @Test func aTraceThatComesInTheMiddleCountsWhatItSees() throws {
    let trace = DepthTrace()
    var context = try model.makeContext(capacity: 8)
    let policy = RowPolicy(Self.oddSkip)
    try model.begin(PackedTokens(shape.tokens(6)), in: &context, through: 1, policy: policy)
    try model.finish(in: &context, policy: policy, observer: trace)
    #expect(trace.executedLayers == 3 && trace.executedRowLayers == 15)
    #expect(trace.rowsOfLayers.map(\.active) == [6, 3, 6])
  }

  @Test(arguments: [0, 2] as [Double])
  func aTraceCountsNoBlockOfARowThatHasExited(compaction: Double) throws {
    let trace = DepthTrace()
    _ = try model.logits(
      of: [shape.tokens(10)], policy(compaction: compaction), observer: trace)
    #expect(trace.exitLayers == [2, -1, -1, 2, 0, -1, 2, -1, -1, 2])
    // Rows 3 and 9 skip layer 1 before they exit after layer 2; rows 1, 5 and 7 skip two layers.
    let expected = [3, 3, 5, 2, 1, 3, 3, 3, 5, 2]
    #expect((0..<10).map { trace.executedLayers(ofRow: $0) } == expected)
    #expect(trace.executedRowLayers == expected.reduce(0, +))
    #expect(trace.rowsOfLayers.map(\.active) == [10, 4, 9, 2, 5])
    #expect(trace.work.map(\.outputRows).filter { $0 > 0 } == [10, 4, 9, 2, 5])
  }
}
