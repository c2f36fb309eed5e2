import AISKit
import Foundation
import TestSupport
import Testing

/// What the forward loop does at a bridge, for any numbers.
@Suite(.everyDevice)
struct BridgeTests {
  static let shapes: [SyntheticModel] = [
    SyntheticModel(),
    SyntheticModel {
      $0.architecture = "qwen2"
      $0.untied = false
    },
    SyntheticModel { $0.window = 7 },
  ]
  private static let run = LayerRun(2, 3)

  private static func numbers(_ count: Int, _ scale: Float, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in Float(random.unit() - 0.5) * scale }
  }

  private static func bridge(
    _ shape: SyntheticModel, scale: Float = 0.2, first: Bridge.FirstPosition? = nil
  ) throws -> Bridge {
    let width = shape.hidden
    return try Bridge(
      run: run, width: width, map: .full(numbers(width * width, scale, seed: 5)),
      bias: numbers(width, scale, seed: 6),
      firstPosition: first ?? .shifted(numbers(width, scale, seed: 7)))
  }

  /// All logits of a batch under a plan, and the states after some layers.
  private static func forward(
    _ model: DecoderModel, _ texts: [[Int32]], _ policy: some DepthPolicy, layers: [Int] = []
  ) throws -> (logits: [[Float]], states: [Int: [Float]]) {
    let capture = HiddenStateCapture(layers: layers)
    capture.rows = Array(0..<texts.joined().count)
    var context = try model.makeContext(sequences: texts.count, capacity: 60)
    try model.forward(
      PackedTokens(texts), in: &context, policy: policy, observer: layers.isEmpty ? nil : capture,
      logits: .all)
    return ((0..<context.logitRows).map { context.logits(row: $0) }, capture.captured)
  }

  private static func largestDifference(_ first: [[Float]], _ second: [[Float]]) -> Float {
    zip(first.joined(), second.joined()).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  @Test(arguments: shapes)
  func aBridgeOfZerosIsAHardSkipBitForBit(shape: SyntheticModel) throws {
    let model = try shape.load()
    let texts = [shape.tokens(9, seed: 1), shape.tokens(4, seed: 2)]
    let zeros = [Float](repeating: 0, count: shape.hidden)
    let bridge = try Bridge(
      run: Self.run, width: shape.hidden,
      map: .full([Float](repeating: 0, count: shape.hidden * shape.hidden)), bias: zeros,
      firstPosition: .shifted(zeros))
    let bridged = try Self.forward(model, texts, Bridges([bridge]).plan(for: model))
    let skipped = try Self.forward(model, texts, DepthPlan.skipping(Self.run.layers))
    #expect(bridged.logits == skipped.logits)
  }

  @Test(arguments: shapes)
  func statesGoOverTheMapAndPositionZeroIsShifted(shape: SyntheticModel) throws {
    let model = try shape.load()
    let texts = [shape.tokens(5, seed: 1), shape.tokens(1, seed: 2), shape.tokens(6, seed: 3)]
    let firstRows: Set = [0, 5, 6]
    let width = shape.hidden
    for first in [Bridge.FirstPosition?.none, .mapped] {
      let bridge = try Self.bridge(shape, first: first)
      let plan = try Bridges([bridge]).plan(for: model)
      let states = try Self.forward(model, texts, plan, layers: [1, 2, 3]).states
      let (before, after) = (states[1] ?? [], states[2] ?? [])
      #expect(states[2] == states[3], "the rest of the run passes")
      guard case .full(let map) = bridge.map else { return }
      for row in 0..<12 {
        for output in 0..<width {
          var expected = before[row * width + output]
          if firstRows.contains(row), case .shifted(let shift) = bridge.firstPosition {
            expected += shift[output]
          } else {
            expected += bridge.bias[output]
            for input in 0..<width {
              expected += map[output * width + input] * before[row * width + input]
            }
          }
          #expect(abs(after[row * width + output] - expected) < 1e-4)
        }
      }
    }
  }

  @Test func factorsAreTheirProduct() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let (width, rank) = (shape.hidden, 3)
    let up = Self.numbers(width * rank, 0.5, seed: 1)
    let down = Self.numbers(rank * width, 0.5, seed: 2)
    let product = (0..<width * width).map { place in
      (0..<rank).reduce(Float(0)) {
        $0 + up[place / width * rank + $1] * down[$1 * width + place % width]
      }
    }
    let bias = Self.numbers(width, 0.5, seed: 3)
    let maps = [Bridge.Map.full(product), .factors(up: up, down: down, rank: rank)]
    let logits = try maps.map { map in
      let bridge = try Bridge(
        run: Self.run, width: width, map: map, bias: bias, firstPosition: .mapped)
      return try Self.forward(model, [shape.tokens(9, seed: 1)], Bridges([bridge]).plan(for: model))
        .logits
    }
    #expect(Self.largestDifference(logits[0], logits[1]) < 1e-3)
  }

  @Test(arguments: shapes)
  func batchesAndSingleTokensGiveThePrefillsLogits(shape: SyntheticModel) throws {
    let model = try shape.load()
    let plan = try Bridges([Self.bridge(shape)]).plan(for: model)
    let texts = [shape.tokens(7, seed: 1), shape.tokens(12, seed: 2)]
    let together = try Self.forward(model, texts, plan).logits
    let alone = try texts.flatMap { try Self.forward(model, [$0], plan).logits }
    #expect(Self.largestDifference(together, alone) < 1e-3)
    var context = try model.makeContext(capacity: 60)
    var steps: [[Float]] = []
    for token in texts[1] {
      try model.forward(PackedTokens([token]), in: &context, policy: plan)
      steps.append(context.logits(row: 0))
    }
    #expect(Self.largestDifference(steps, Array(together[7...])) < 1e-3)
  }

  @Test func theTraceCountsTheLayersThatRan() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let plan = try Bridges([Self.bridge(shape)]).plan(for: model)
    let trace = DepthTrace()
    var context = try model.makeContext(capacity: 60)
    try model.forward(
      PackedTokens(shape.tokens(6, seed: 1)), in: &context, policy: plan, observer: trace)
    #expect(trace.executedLayers == shape.layers - 2)
    #expect(plan.executedLayers(of: shape.layers) == shape.layers - 2)
    #expect(plan.skippedLayers == [2, 3] && plan.firstChangedLayer == 2)
    #expect(plan.summary == "bridge 2-3" && plan.hardList.isEmpty)
    let work = ModelWork(config: model.config, plan: plan, rows: 4, weights: .f32)
    let hard = ModelWork(
      config: model.config, plan: try .skipping([2, 3]), rows: 4, weights: .f32)
    let width = Double(shape.hidden)
    #expect(work.floatingPointOperations - hard.floatingPointOperations == 8 * width * width)
  }

  @Test func plansOfEqualBridgesAreEqual() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let plan = try Bridges([Self.bridge(shape)]).plan(for: model)
    #expect(try plan == Bridges([Self.bridge(shape)]).plan(for: model))
    #expect(try plan != Bridges([Self.bridge(shape, scale: 0.3)]).plan(for: model))
    #expect(try plan != Bridges([Self.bridge(shape)]).plan(for: shape.load()), "another model's")
  }

  @Test func exitedRowsUseTheExitBridge() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let width = shape.hidden
    let bridges = try Bridges(
      [1, 2].map { layer in
        try Bridge(
          run: LayerRun(layer + 1, shape.layers - 1), width: width,
          map: .full(Self.numbers(width * width, 0.2, seed: UInt64(layer))),
          bias: Self.numbers(width, 0.2, seed: 9), firstPosition: .mapped)
      })
    let texts = [shape.tokens(5, seed: 1), shape.tokens(8, seed: 2)]
    var configuration = TokenExitConfiguration()
    configuration.minLayers = 1
    // Odd positions exit after layer 1, a third of the others after layer 2.
    var exit = try TokenExit(
      schedule: { layer, _, position in
        layer == 1 && position % 2 == 1 || layer == 2 && position % 3 == 0
      }, configuration: configuration)
    let plain = try Self.forward(model, texts, exit)
    exit.exitBridges = try ExitBridges(bridges, model)
    #expect(exit.exitBridges?.layers == [1, 2])
    let bridged = try Self.forward(model, texts, exit).logits
    let states = try Self.forward(model, texts, DepthPlan.full, layers: [1]).states[1] ?? []
    let packed = try PackedBridge(bridges.bridges[0], model)
    let positions = texts.flatMap { Array($0.indices) }
    for (row, position) in positions.enumerated() {
      switch (position % 2 == 1, position % 3 == 0) {
      case (true, _):
        let own = Array(states[row * width..<(row + 1) * width])
        let expected = try model.logits(ofHiddenStates: own, through: packed)
        #expect(Self.largestDifference([bridged[row]], [expected]) < 1e-3)
      case (false, true): #expect(bridged[row] != plain.logits[row])
      case (false, false): #expect(bridged[row] == plain.logits[row], "it ran every layer")
      }
    }
  }

  // MARK: What does not fit

  @Test func whatDoesNotFitIsNamed() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let bridges = try Bridges([Self.bridge(shape)])
    func message(_ body: () throws -> Void) -> String {
      do {
        try body()
        return ""
      } catch { return "\(error)" }
    }
    let wide = SyntheticModel { $0.hidden = 48 }
    #expect(message { _ = try Bridges([Self.bridge(wide)]).plan(for: model) }.contains("width 40"))
    let short = SyntheticModel { $0.layers = 3 }
    #expect(
      message { _ = try bridges.plan(for: short.load()) }
        == "bridge 2-3: expected layers 0 to 2, found layer 3")
    let other = try Bridge(
      run: LayerRun(3, 4), width: shape.hidden, map: .none,
      bias: [Float](repeating: 0, count: shape.hidden), firstPosition: .mapped)
    #expect(
      message { _ = try Bridges(bridges.bridges + [other]).plan(for: model) }
        == "bridge 3-4: expected layers from 4 on, after bridge 2-3, found layer 3")
    #expect(
      message { _ = try Bridges([other, other]) }
        == "bridges: expected one a run, found two over 3-4")
    #expect(
      message { _ = try DepthPlan(hard: "2").adding(bridges, model) }
        == "layer 2: expected one action, found a bridge and another action")
    #expect(
      message { _ = try ExitBridges(bridges, model) }.hasPrefix("exit bridges: expected some"))
    #expect(
      message {
        _ = try Bridge(
          run: Self.run, width: 4, map: .full([1, 2]), bias: [0, 0, 0, 0], firstPosition: .mapped)
      } == "bridge 2-3, map: expected 16 numbers, found 2")
    #expect(
      message {
        _ = try Bridge(
          run: LayerRun(0, 1), width: 1, map: .none, bias: [0], firstPosition: .mapped, graft: [1])
      }.contains("a block before the run"))
    #expect(
      message {
        _ = try Bridge(
          run: Self.run, width: 1, map: .full([.nan]), bias: [0], firstPosition: .mapped)
      }.contains("finite"))
  }
}
