import AISKit
import TestSupport
import Testing

/// The last layer computes only rows that get logits, unless an observer reads all rows.
///
/// Both must give the same logits and the same cache, bit for bit in float32.
@Suite(.everyDevice)
struct WantedRowsTests {
  /// Forwards calls to another observer, and makes the pass compute every row of every layer.
  private final class Onlooker: ForwardObserver {
    private let trace: DepthTrace

    init(_ trace: DepthTrace) { self.trace = trace }

    func embedded(_ hidden: borrowing HiddenStates) { trace.embedded(hidden) }

    func finished(_ step: Step, _ action: StepAction, hidden: borrowing HiddenStates) {
      trace.finished(step, action, hidden: hidden)
    }

    func exited(layer: Int, rows: [Int]) { trace.exited(layer: layer, rows: rows) }
  }

  private static let prompts = [5, 31, 1, 16]

  /// Logits of a ragged batch, of a decoding step after it without one of the sequences, and of a
  /// second prompt.
  private func logits(
    _ shape: SyntheticModel, _ model: DecoderModel, _ policy: some DepthPolicy,
    observer: (any ForwardObserver)?, first: LogitRows
  ) throws -> [[Float]] {
    var context = try model.makeContext(sequences: Self.prompts.count, capacity: 60)
    var found: [[Float]] = []
    func pass(_ batch: PackedTokens, _ rows: LogitRows = .lastOfEach) throws {
      try model.forward(batch, in: &context, policy: policy, observer: observer, logits: rows)
      found += (0..<context.logitRows).map { context.logits(row: $0) }
    }
    try pass(PackedTokens(Self.prompts.map { shape.tokens($0, seed: UInt64($0)) }), first)
    try pass(PackedTokens([[1], [], [2], [3]]))
    try pass(PackedTokens(Self.prompts.map { shape.tokens($0 % 7 + 2, seed: UInt64($0 + 1)) }))
    return found
  }

  private func expectTheSame(_ shape: SyntheticModel, _ policy: some DepthPolicy) throws {
    let model = try shape.load()
    for (first, rows) in [(LogitRows.lastOfEach, 4), (.none, 0), (.all, 53)] {
      let (seen, counted) = (DepthTrace(), DepthTrace())
      let all = try logits(shape, model, policy, observer: Onlooker(seen), first: first)
      #expect(all.count == rows + 7)
      #expect(try logits(shape, model, policy, observer: nil, first: first) == all)
      #expect(try logits(shape, model, policy, observer: counted, first: first) == all)
      #expect(counted.executedRowLayers == seen.executedRowLayers)
      #expect(counted.computedRowLayers == seen.computedRowLayers)
      #expect(counted.exitLayers == seen.exitLayers)
    }
  }

  @Test(arguments: LoopTests.shapes) func plansGiveTheSameBits(shape: SyntheticModel) throws {
    let last = shape.layers - 1
    let actions: [[Int: LayerAction]] = [
      [:], [1: .skip], [last: .skip], [last: .skip, last - 1: .skip], [last: .skipAttention],
      [last: .skipFeedForward], [last: .blend(alpha: 0.4)],
      [last: .skip, last - 1: .blend(alpha: 0.4)],
    ]
    for actions in actions { try expectTheSame(shape, DepthPlan(actions)) }
    try expectTheSame(shape, DepthPlan.skipping(0..<shape.layers))
  }

  @Test(arguments: LoopTests.shapes, KVFill.allCases)
  func rowsThatExitedGiveTheSameBits(shape: SyntheticModel, fill: KVFill) throws {
    for compaction in [0, 0.3, 2] {
      var configuration = TokenExitConfiguration()
      configuration.kvCacheStrategy = fill
      configuration.compactionThreshold = compaction
      configuration.minLayers = 1
      // Two rows in three stay, so that some of the last rows have exited and some have not.
      let exit = try TokenExit(
        schedule: { layer, sequence, position in
          SplitMix64.mixed(UInt64(layer * 7_919 + sequence * 104_729 + position)) % 9 == 0
        }, configuration: configuration)
      try expectTheSame(shape, exit)
    }
  }

  /// Without an observer of all rows, the last layer that runs has only the rows that get logits.
  @Test func theLastLayerHasTheRowsThatAreWanted() throws {
    final class Counter: ForwardObserver {
      var rows: [Int] = []
      var readsHiddenStates: Bool { false }
      func finished(_ step: Step, _ action: StepAction, hidden: borrowing HiddenStates) {
        rows.append(hidden.rows)
      }
    }
    let shape = SyntheticModel()
    let model = try shape.load()
    let prompts = PackedTokens(Self.prompts.map { shape.tokens($0) })
    func rows(_ plan: DepthPlan, _ wanted: LogitRows) throws -> [Int] {
      let counter = Counter()
      var context = try model.makeContext(sequences: Self.prompts.count, capacity: 60)
      try model.forward(
        prompts, in: &context, policy: plan, observer: counter, logits: wanted)
      return counter.rows
    }
    #expect(try rows(.full, .lastOfEach) == [53, 53, 53, 53, 4])
    #expect(try rows(.full, .none) == [53, 53, 53, 53, 0])
    #expect(try rows(.full, .all) == [53, 53, 53, 53, 53])
    #expect(try rows(.skipping([3, 4]), .lastOfEach) == [53, 53, 4, 4, 4])
    #expect(try rows(.blending([4], alpha: 0.5), .lastOfEach) == [53, 53, 53, 53, 4])
  }

  /// A pass that stops between layers still has every row.
  @Test func aPassThatGoesOnHasAllItsRows() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let tokens = PackedTokens(shape.tokens(12))
    let plan = try DepthPlan.skipping([3, 4])
    var context = try model.makeContext(capacity: 12)
    try model.begin(tokens, in: &context, through: 2, policy: plan)
    let snapshot = context.snapshot()
    try model.finish(in: &context)
    let whole = context.logits(row: 0)
    context.restore(snapshot)
    try model.finish(in: &context, policy: plan, logits: .all)
    #expect(context.logitRows == 12)
    let short = context.logits(row: 11)
    context.removeAll()
    try model.forward(tokens, in: &context)
    #expect(context.logits(row: 0) == whole)
    context.removeAll()
    try model.forward(tokens, in: &context, policy: plan)
    #expect(context.logits(row: 0) == short)
  }
}
