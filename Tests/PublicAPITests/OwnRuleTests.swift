import AISKit
import Testing

/// An exit rule as another package would write it.
struct OwnRuleTests {
  /// A row exits if its state is longer than a bound.
  private struct LengthExit: ExitRule {
    let bound: Float
    var width = TinyCheckpoint.width

    func mayExit(after layer: Int) -> Bool { layer > 0 }

    func exits(after step: Step, _ pass: Pass) throws -> ExitDecision {
      let states = try pass.states()
      let width = states.count / pass.rowCount
      return ExitDecision(
        scores: (0..<pass.rowCount).map { row in
          states[row * width..<(row + 1) * width].reduce(0) { $0 + $1 * $1 }.squareRoot()
        }, above: bound)
    }

    func validate(for config: ModelConfig) throws {
      guard config.hiddenSize == width else {
        throw RequestError(
          "length exit", expected: "width \(width)", found: "\(config.hiddenSize)")
      }
    }
  }

  private let checkpoint: TinyCheckpoint
  private var decoder: DecoderModel { checkpoint.model.decoder }
  private let text: [Int32] = [3, 1, 4, 1, 5, 9, 2, 6]

  init() throws { checkpoint = try TinyCheckpoint() }

  private func exit(_ rule: LengthExit) throws -> TokenExit {
    var configuration = TokenExitConfiguration()
    configuration.minLayers = 0
    configuration.kvCacheStrategy = .hole
    return try TokenExit(rule: rule, configuration: configuration)
  }

  /// The length of each row's state after a layer of a full pass.
  private func lengths(after layer: Int) throws -> [Float] {
    let capture = HiddenStateCapture(layers: [layer])
    capture.rows = Array(text.indices)
    _ = try decoder.rows(of: [text], observer: capture)
    let states = try #require(capture.captured[layer])
    let width = TinyCheckpoint.width
    return text.indices.map { row in
      states[row * width..<(row + 1) * width].reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
  }

  @Test func rowsExitByTheirStates() throws {
    let lengths = try lengths(after: 1)
    let bound = lengths.sorted()[4]
    let trace = DepthTrace()
    let logits = try decoder.rows(of: [text], exit(LengthExit(bound: bound)), observer: trace)
    let plan = try decoder.rows(of: [text], DepthPlan.skipping([2, 3]))
    for row in text.indices {
      #expect((trace.exitLayers[row] == 1) == (lengths[row] > bound))
      if lengths[row] > bound { expectNear(logits[row], plan[row]) }
    }
    #expect(trace.exitLayers.contains(1) && trace.executedLayers > 2)
  }

  @Test func noneExitAndAllExit() throws {
    let never = try exit(LengthExit(bound: .infinity))
    #expect(try decoder.rows(of: [text], never) == decoder.rows(of: [text]))
    #expect(
      try checkpoint.model.logits(of: text, policy: never) == checkpoint.model.logits(of: text))
    let always = try exit(LengthExit(bound: -1))
    #expect(
      try decoder.rows(of: [text], always)
        == decoder.rows(of: [text], DepthPlan.skipping([2, 3])))
  }

  @Test func aModelThatItIsNotForIsRefused() throws {
    let error = #expect(throws: RequestError.self) {
      try decoder.rows(of: [text], exit(LengthExit(bound: 1, width: 9)))
    }
    #expect(error?.description == "length exit: expected width 9, found 8")
  }

  @Test func aPolicyOfItsOwnTakesTheRule() throws {
    struct Policy: DepthPolicy {
      let rowExit: RowExit?
    }
    let policy = Policy(
      rowExit: RowExit(rule: LengthExit(bound: -1), fill: .zero, minLayers: 3))
    #expect(
      try decoder.rows(of: [text], policy) == decoder.rows(of: [text], DepthPlan.skipping([3])))
  }
}
