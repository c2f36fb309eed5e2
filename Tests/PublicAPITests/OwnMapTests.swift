import AISKit
import Testing

/// Residual maps as another package would write them.
struct OwnMapTests {
  /// h ← h + W·h + c on the device; position 0 gets a vector added instead.
  private final class DeviceMap: ResidualMap {
    let run = LayerRun(1, 2)
    let weights: [Float]
    let bias: [Float]
    let shift: [Float]
    private let map: LinearMap
    private let first: StateVector

    init(for model: DecoderModel) throws {
      let width = model.config.hiddenSize
      var random = SplitMix64(seed: 8)
      func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.unit() - 0.5) } }
      (weights, bias, shift) = (numbers(width * width), numbers(width), numbers(width))
      map = try LinearMap(weights, outputs: width, inputs: width, bias: bias, for: model)
      first = StateVector(shift, for: model)
    }

    var kind: String { "patch" }
    var parameterCount: Int { weights.count }
    func apply(to states: StateRows) throws {
      try states.exceptFirst(adding: first) { try states.add(map) }
    }
    static func == (left: DeviceMap, right: DeviceMap) -> Bool { left === right }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
  }

  /// Scales the states on the host, after running the block's feed-forward network.
  private struct HostMap: ResidualMap {
    let layer: Int
    let factor: Float
    var runsFeedForward = false
    var kind: String { "scale" }
    var run: LayerRun { LayerRun(layer, layer) }
    var parts: BlockParts { runsFeedForward ? .feedForward : [] }
    func apply(to states: StateRows) throws {
      if runsFeedForward { try states.runBlock(.feedForward) }
      states.set(try states.numbers().map { $0 * factor })
    }
  }

  private let checkpoint: TinyCheckpoint
  private var decoder: DecoderModel { checkpoint.model.decoder }
  private let texts: [[Int32]] = [[3, 1, 4, 1, 5], [9, 2, 6]]
  private let width = TinyCheckpoint.width

  init() throws { checkpoint = try TinyCheckpoint() }

  /// States after some layers, all rows.
  private func states(_ policy: some DepthPolicy, after layer: Int) throws -> [Float] {
    let capture = HiddenStateCapture(layers: [layer])
    capture.rows = Array(0..<8)
    _ = try decoder.rows(of: texts, policy, observer: capture)
    return try #require(capture.captured[layer])
  }

  @Test func theDeviceComputesTheMap() throws {
    let map = try DeviceMap(for: decoder)
    let plan = try DepthPlan([1: .replace(map), 2: .skip])
    #expect(plan.summary == "patch 1-2" && plan.skippedLayers == [1, 2])
    let (before, after) = (try states(plan, after: 0), try states(plan, after: 1))
    for row in 0..<8 {
      for output in 0..<width {
        var expected = before[row * width + output]
        if [0, 5].contains(row) {
          expected += map.shift[output]
        } else {
          expected += map.bias[output]
          for input in 0..<width {
            expected += map.weights[output * width + input] * before[row * width + input]
          }
        }
        #expect(abs(after[row * width + output] - expected) < 1e-4)
      }
    }
    #expect(try states(plan, after: 2) == after)
    let logits = try checkpoint.model.logits(of: texts[0], policy: plan)
    #expect(
      try logits != checkpoint.model.logits(of: texts[0], policy: DepthPlan.skipping([1, 2])))
    let work = DepthTrace()
    _ = try decoder.rows(of: texts, plan, observer: work)
    #expect(work.work.map(\.mapParameters) == [0, width * width, 0, 0])
    #expect(work.executedLayers == 2)
  }

  @Test func theHostComputesTheMap() throws {
    for runsFeedForward in [false, true] {
      let map = HostMap(layer: 1, factor: -2, runsFeedForward: runsFeedForward)
      let plan = try DepthPlan([1: .replace(map)])
      let base = try DepthPlan([1: runsFeedForward ? .skipAttention : .skip])
      #expect(try states(plan, after: 1) == states(base, after: 1).map { $0 * -2 })
      #expect(plan.executedLayers(of: 4) == (runsFeedForward ? 4 : 3))
    }
  }

  @Test func equalMapsMakeEqualPlans() throws {
    func plan(_ factor: Float) throws -> DepthPlan {
      try DepthPlan([3: .replace(HostMap(layer: 3, factor: factor))])
    }
    #expect(try plan(2) == plan(2) && plan(2).hashValue == plan(2).hashValue)
    #expect(try plan(2) != plan(3))
    let device = try DepthPlan([3: .replace(DeviceMap(for: decoder))])
    #expect(try device != plan(2))
    let same = HostMap(layer: 3, factor: 1)
    #expect(
      try decoder.rows(of: texts, DepthPlan([3: .replace(same)]))
        == decoder.rows(of: texts, DepthPlan.skipping([3])))
  }

  @Test func aRowsExitIsReadOutThroughAMap() throws {
    struct Policy: DepthPolicy {
      let rowExit: RowExit?
    }
    // A scale is undone by the final norm, a negative one turns every logit around.
    let policy = Policy(
      rowExit: RowExit(
        rule: ScheduledExit { layer, _, position in layer == 1 && position > 1 },
        exitMaps: [1: HostMap(layer: 2, factor: -1)]))
    let found = try decoder.rows(of: texts, policy)
    let cut = try decoder.rows(of: texts, DepthPlan.skipping([2, 3]))
    for row in [2, 3, 4, 7] { expectNear(found[row], cut[row].map { -$0 }) }
  }
}
