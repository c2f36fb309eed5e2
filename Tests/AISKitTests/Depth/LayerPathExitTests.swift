import AISKit
import TestSupport
import Testing

/// Rows that exit, or have actions of their own, on a path that comes to layers twice.
@Suite(.everyDevice)
struct LayerPathExitTests {
  private let shape = SyntheticModel()
  private let model: DecoderModel
  private let path: DepthPlan

  init() throws {
    model = try shape.load()
    path = try DepthPlan(hard: "", path: "0-2,1-4")
  }

  private func exit(
    _ fill: KVFill, compaction: Double = 0, _ schedule: @escaping ScheduledExit.Schedule
  ) throws -> TokenExit {
    var configuration = TokenExitConfiguration()
    configuration.minLayers = 0
    configuration.kvCacheStrategy = fill
    configuration.compactionThreshold = compaction
    return try TokenExit(schedule: schedule, configuration: configuration, plan: path)
  }

  /// A rule that knows the step, so that the visits of a layer differ.
  private struct StepExit: ExitRule {
    let choose: @Sendable (_ step: Int, _ position: Int) -> Bool
    func exits(after step: Step, _ pass: Pass) -> ExitDecision {
      ExitDecision((0..<pass.rowCount).map { choose(step.index, pass.place(of: $0).position) })
    }
  }

  @Test(arguments: KVFill.allCases) func anExitOfAllEndsThePath(fill: KVFill) throws {
    let texts = [shape.tokens(9, seed: 1), shape.tokens(4, seed: 2)]
    for (layer, end) in [(0, "0"), (2, "0-2"), (3, "0-2,1-3")] {
      let trace = DepthTrace()
      let exit = try exit(fill) { after, _, _ in after == layer }
      let found = try model.logits(of: texts, exit, observer: trace)
      #expect(try found == model.logits(of: texts, DepthPlan(hard: "", path: end)))
      #expect(trace.exitLayers == Array(repeating: layer, count: 13))
    }
    // The second visit of layer 2 is step 4.
    let configuration = RowExit(
      rule: StepExit { step, _ in step == 4 }, fill: fill, compactionThreshold: 0)
    let second = PathPolicy(path: path.path, rowExit: configuration)
    #expect(
      try model.logits(of: texts, second)
        == model.logits(of: texts, DepthPlan(hard: "", path: "0-2,1-2")))
  }

  private struct PathPolicy: DepthPolicy {
    let path: LayerPath
    let rowExit: RowExit?
  }

  @Test(arguments: KVFill.allCases, [0, 0.3, 2])
  func someExitsEqualOneRowAtATime(fill: KVFill, compaction: Double) throws {
    let rule = StepExit { step, position in
      SplitMix64.mixed(UInt64(step * 7_919 + position)) % 5 == 0
    }
    let policy = PathPolicy(
      path: path.path,
      rowExit: RowExit(rule: rule, fill: fill, compactionThreshold: compaction))
    let text = shape.tokens(25)
    let trace = DepthTrace()
    let together = try model.logits(of: [text], policy, observer: trace)
    #expect(Set(trace.exitLayers).count > 3)
    let single = try model.logitsTokenByToken(of: text, policy)
    for (row, logits) in together.enumerated() {
      expectClose(logits, single[row], tolerance: 1e-4)
    }
  }

  /// Each row with an action of its own at each step of the path.
  private struct PathRows: DepthPolicy {
    let path: LayerPath
    func action(at step: Step, _ pass: Pass) -> StepAction {
      .rows(
        (0..<pass.rowCount).map { row in
          (pass.place(of: row).position + step.index) % 3 == 0 ? .skip : .run
        })
    }
  }

  @Test func rowsThatSkipVisitsAreAsTokenByToken() throws {
    let policy = PathRows(path: path.path)
    let text = shape.tokens(16)
    let together = try model.logits(of: [text], policy)
    let single = try model.logitsTokenByToken(of: text, policy)
    for (row, logits) in together.enumerated() {
      expectClose(logits, single[row], tolerance: 1e-4)
    }
    #expect(try together != model.logits(of: [text], path))
  }

  @Test func aComparisonTakesThePath() throws {
    let comparison = try PlanComparison(
      model, texts: [shape.tokens(9, seed: 1), shape.tokens(14, seed: 2)])
    #expect(try comparison.compare(path).joined().allSatisfy { $0.klBaseSkip > 0 })
    #expect(try comparison.compare(DepthPlan.full).joined().allSatisfy { $0.klBaseSkip == 0 })
  }
}
