import AISKit
import TestSupport
import Testing

/// Residual maps on some rows of a step.
@Suite(.everyDevice)
struct RowMapTests {
  private let shape = SyntheticModel()
  private let model: DecoderModel
  private var last: Int { shape.layers - 1 }

  init() throws { model = try shape.load() }

  /// Runs its layer's block itself and changes nothing.
  private struct Rerun: ResidualMap {
    let layer: Int
    var kind: String { "rerun" }
    var run: LayerRun { LayerRun(layer, layer) }
    var parts: BlockParts { .both }
    func apply(to states: StateRows) throws { try states.runBlock(.both) }
  }

  /// Runs its layer's block and then halves the states.
  private struct Halved: ResidualMap {
    let layer: Int
    var kind: String { "halved" }
    var run: LayerRun { LayerRun(layer, layer) }
    var parts: BlockParts { .both }
    func apply(to states: StateRows) throws {
      try states.runBlock(.both)
      states.set(try states.numbers().map { $0 / 2 })
    }
  }

  /// Negates the states on the host; those at position 0 become zero.
  private struct HostMap: ResidualMap {
    let layer: Int
    var kind: String { "host" }
    var run: LayerRun { LayerRun(layer, layer) }
    func apply(to states: StateRows) throws {
      var numbers = try states.numbers().map { -$0 }
      for row in states.firstRows {
        for place in row * states.width..<(row + 1) * states.width { numbers[place] = 0 }
      }
      states.set(numbers)
    }
  }

  private static func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in Float(random.unit() - 0.5) * 0.3 }
  }

  private func bridge() throws -> PackedBridge {
    let width = shape.hidden
    return try PackedBridge(
      Bridge(
        run: LayerRun(last, last), width: width,
        map: .full(Self.numbers(width * width, seed: 1)), bias: Self.numbers(width, seed: 2),
        firstPosition: .shifted(Self.numbers(width, seed: 3))),
      model)
  }

  private func graft() throws -> PackedGraft {
    try PackedGraft(
      Graft(
        layer: last, down: Self.numbers(shape.hidden * shape.intermediate, seed: 4),
        bias: Self.numbers(shape.hidden, seed: 5)),
      model)
  }

  /// In the last layer, some rows go over the map and the others run: each gets the logits of a pass in which
  /// all rows do as it does.
  private func expectRows(
    _ map: some ResidualMap, where isMapped: @escaping @Sendable (Int) -> Bool
  )
    throws
  {
    let layer = last
    // Two sequences, so that a group has rows at position 0 that are not its first.
    let texts = [shape.tokens(6, seed: 1), shape.tokens(9, seed: 2)]
    let policy = RowPolicy { step, _, position in
      step == layer && isMapped(position) ? .replace(map) : .run
    }
    let mixed = try model.logits(of: texts, policy)
    let mapped = try model.logits(of: texts, DepthPlan([layer: .replace(map)]))
    let full = try model.logits(of: texts)
    let positions = Array(0..<6) + Array(0..<9)
    for (row, position) in positions.enumerated() {
      #expect(mixed[row] == (isMapped(position) ? mapped : full)[row], "row \(row)")
    }
  }

  @Test func someRowsGoOverABridge() throws {
    let bridge = try bridge()
    try expectRows(bridge) { $0 % 2 == 0 }
    try expectRows(bridge) { $0 % 2 == 1 }
    try expectRows(bridge) { $0 == 0 }
    let plan = try DepthPlan([last: .replace(bridge)])
    #expect(try model.logits(of: [shape.tokens(6)], plan) != model.logits(of: [shape.tokens(6)]))
  }

  @Test func someRowsAreChangedOnTheHost() throws {
    try expectRows(HostMap(layer: last)) { $0 % 2 == 0 }
    try expectRows(HostMap(layer: last)) { $0 > 2 }
  }

  @Test func someRowsRunAGraftedBlock() throws {
    let graft = try graft()
    try expectRows(graft) { $0 % 2 == 0 }
    try expectRows(graft) { $0 % 3 == 1 }
    let plan = try DepthPlan([last: .replace(graft)])
    #expect(try model.logits(of: [shape.tokens(6)], plan) != model.logits(of: [shape.tokens(6)]))
  }

  @Test func aMapThatRunsItsBlockIsTheBlock() throws {
    let texts = [shape.tokens(7, seed: 1), shape.tokens(4, seed: 2)]
    let full = try model.logits(of: texts)
    for layer in 0..<shape.layers {
      let plan = try DepthPlan([layer: .replace(Rerun(layer: layer))])
      #expect(try model.logits(of: texts, plan) == full)
      let trace = DepthTrace()
      let policy = RowPolicy { step, _, position in
        step == layer && position % 2 == 0 ? .replace(Rerun(layer: layer)) : .run
      }
      let mixed = try model.logits(of: texts, policy, observer: trace)
      for (row, logits) in mixed.enumerated() { expectClose(logits, full[row], tolerance: 1e-4) }
      #expect(trace.executedRowLayers == shape.layers * 11)
    }
  }

  /// The last layer computes only the rows that get logits; a map sees those once its block has run.
  @Test func whatAMapDoesAfterTheLastBlockCounts() throws {
    let tokens = shape.tokens(9)
    func lastLogits(_ policy: some DepthPolicy, _ rows: LogitRows) throws -> [Float] {
      var context = try model.makeContext(capacity: 9)
      try model.forward(PackedTokens(tokens), in: &context, policy: policy, logits: rows)
      return context.logits(row: context.logitRows - 1)
    }
    let plan = try DepthPlan([last: .replace(Halved(layer: last))])
    let few = try lastLogits(plan, .lastOfEach)
    #expect(try few == lastLogits(plan, .all))
    #expect(try few != lastLogits(DepthPlan.full, .all))
  }

  /// Equal maps form one group, different ones two.
  @Test func mapsOfBothKindsInOneStep() throws {
    let (bridge, graft, layer) = (try bridge(), try graft(), last)
    let actions: [LayerAction] = [.replace(bridge), .replace(graft), .skip, .blend(alpha: 0.5)]
    let text = [shape.tokens(11)]
    let policy = RowPolicy { step, _, position in
      step == layer ? actions[position % 4] : .run
    }
    let mixed = try model.logits(of: text, policy)
    for (place, action) in actions.enumerated() {
      let alone = try model.logits(of: text, DepthPlan([layer: action]))
      for row in stride(from: place, to: 11, by: 4) { #expect(mixed[row] == alone[row]) }
    }
  }
}
