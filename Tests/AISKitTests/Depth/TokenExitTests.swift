import AISKit
import TestSupport
import Testing

/// Properties of token exit that hold for any weights.
@Suite(.everyDevice)
struct TokenExitTests {
  static let shapes: [SyntheticModel] = [
    SyntheticModel(),
    SyntheticModel {
      $0.architecture = "qwen2"
      $0.untied = false
    },
    SyntheticModel {
      $0.window = 7
      $0.headDim = 16
      $0.kvHeads = 1
      $0.hidden = 64
    },
  ]

  static func configuration(
    _ fill: KVFill = .project, compaction: Double = 0, threshold: Double = 0.5
  ) -> TokenExitConfiguration {
    var configuration = TokenExitConfiguration()
    configuration.kvCacheStrategy = fill
    configuration.compactionThreshold = compaction
    configuration.exitThreshold = threshold
    configuration.minLayers = 1
    return configuration
  }

  static func routers(_ shape: SyntheticModel, seed: UInt64 = 3) throws -> TokenRouters {
    var random = SplitMix64(seed: seed)
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.unit() - 0.5) } }
    return try TokenRouters(
      [1, 3].map {
        TokenRouter(
          layer: $0, width: shape.hidden, down: numbers(9 * shape.hidden), up: numbers(9))
      })
  }

  /// A fixed pseudo-random rule: about one row in four exits after each layer.
  static let scattered: ScheduledExit.Schedule = { layer, sequence, position in
    SplitMix64.mixed(UInt64(layer * 7_919 + sequence * 104_729 + position)) % 4 == 0
  }

  static func copy(_ context: borrowing DecoderContext) -> [[Float]] {
    (0..<context.logitRows).map { context.logits(row: $0) }
  }

  // MARK: No row exits

  @Test(arguments: shapes, KVFill.allCases)
  func aboveOneIsTheFullModelBitForBit(shape: SyntheticModel, fill: KVFill) throws {
    let model = try shape.load()
    let exit = try TokenExit(
      routers: Self.routers(shape), model: model,
      configuration: Self.configuration(fill, threshold: 1.01))
    for batch in [1, 3, 8] {
      let prompts = (0..<batch).map { shape.tokens(3 + 5 * $0, seed: UInt64($0)) }
      var full = try model.makeContext(sequences: batch, capacity: 60)
      var other = try model.makeContext(sequences: batch, capacity: 60)
      try model.forward(PackedTokens(prompts), in: &full, logits: .all)
      try model.forward(PackedTokens(prompts), in: &other, policy: exit, logits: .all)
      #expect(Self.copy(full) == Self.copy(other))
      for step in 0..<4 {
        let next = PackedTokens(decoding: (0..<batch).map { Int32(($0 + step) % 70) })
        try model.forward(next, in: &full)
        try model.forward(next, in: &other, policy: exit)
        #expect(Self.copy(full) == Self.copy(other))
      }
    }
  }

  // MARK: All rows exit

  @Test(arguments: shapes, KVFill.allCases)
  func allRowsExitingIsSkippingTheRest(shape: SyntheticModel, fill: KVFill) throws {
    let model = try shape.load()
    for layer in 0..<shape.layers - 1 {
      let plan = try DepthPlan.skipping(layer + 1..<shape.layers)
      let exit = try TokenExit(
        schedule: { after, _, _ in after == layer }, configuration: Self.configuration(fill))
      for batch in [1, 4] {
        let prompts = (0..<batch).map { shape.tokens(2 + 7 * $0, seed: UInt64($0)) }
        let (cut, exited) = (DepthTrace(), DepthTrace())
        var skipping = try model.makeContext(sequences: batch, capacity: 60)
        var exiting = try model.makeContext(sequences: batch, capacity: 60)
        try model.forward(
          PackedTokens(prompts), in: &skipping, policy: plan, observer: cut, logits: .all)
        try model.forward(
          PackedTokens(prompts), in: &exiting, policy: exit, observer: exited, logits: .all)
        #expect(Self.copy(skipping) == Self.copy(exiting))
        #expect(exited.executedLayers == layer + 1 && cut.executedLayers == layer + 1)
        #expect(exited.exitLayers == Array(repeating: layer, count: prompts.joined().count))
        #expect(exited.executedRowLayers == (layer + 1) * prompts.joined().count)
        #expect(exited.filledRowLayers == 0)
        for step in 0..<3 {
          let next = PackedTokens(decoding: (0..<batch).map { Int32(($0 + step) % 70) })
          try model.forward(next, in: &skipping, policy: plan)
          try model.forward(next, in: &exiting, policy: exit)
          #expect(Self.copy(skipping) == Self.copy(exiting))
        }
      }
    }
  }

  // MARK: Some rows exit

  @Test(arguments: shapes, KVFill.allCases)
  func someRowsExitingEqualsOneRowAtATime(shape: SyntheticModel, fill: KVFill) throws {
    let model = try shape.load()
    let tokens = shape.tokens(33)
    let exit = try TokenExit(schedule: Self.scattered, configuration: Self.configuration(fill))
    // With single-row passes there is no compaction: the one row exits or does not.
    var single = try model.makeContext(capacity: tokens.count)
    var expected: [[Float]] = []
    var exits: [Int] = []
    for token in tokens {
      let trace = DepthTrace()
      try model.forward(PackedTokens([token]), in: &single, policy: exit, observer: trace)
      expected.append(single.logits(row: 0))
      exits += trace.exitLayers
    }
    #expect(Set(exits).count > 3 && exits.contains(-1))
    for compaction in [0, 0.3, 0.8, 2] {
      let policy = try TokenExit(
        schedule: Self.scattered, configuration: Self.configuration(fill, compaction: compaction))
      let trace = DepthTrace()
      var whole = try model.makeContext(capacity: tokens.count)
      try model.forward(
        PackedTokens(tokens), in: &whole, policy: policy, observer: trace, logits: .all)
      #expect(trace.exitLayers == exits)
      for (row, logits) in Self.copy(whole).enumerated() {
        expectClose(logits, expected[row], tolerance: 1e-4)
      }
      let depths = exits.map { $0 < 0 ? shape.layers : $0 + 1 }
      #expect(trace.executedRowLayers == depths.reduce(0, +))
      #expect(exits.indices.allSatisfy { trace.executedLayers(ofRow: $0) == depths[$0] })
      if compaction == 0 { #expect(trace.computedRowLayers == trace.executedRowLayers) }
      if compaction == 2 { #expect(trace.computedRowLayers == shape.layers * tokens.count) }
      #expect(fill == .project ? trace.filledRowLayers > 0 : trace.filledRowLayers == 0)
    }
  }

  @Test(arguments: KVFill.allCases) func aRaggedBatchEqualsItsSequencesAlone(fill: KVFill) throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let prompts = [3, 17, 1, 29].map { shape.tokens($0, seed: UInt64($0)) }
    // The rule depends only on the position, so that it decides the same for a sequence alone.
    let schedule: ScheduledExit.Schedule = { Self.scattered($0, 0, $2) }
    let exit = try TokenExit(
      schedule: schedule, configuration: Self.configuration(fill, compaction: 0.25))
    var together = try model.makeContext(sequences: prompts.count, capacity: 60)
    try model.forward(PackedTokens(prompts), in: &together, policy: exit)
    var steps = [Self.copy(together)]
    for step in 0..<12 {
      // A sequence that has ended adds no row.
      let next = prompts.indices.map { $0 == 1 && step > 5 ? [] : [Int32(step + $0)] }
      try model.forward(PackedTokens(next), in: &together, policy: exit)
      steps.append(Self.copy(together))
    }
    for (index, prompt) in prompts.enumerated() {
      var alone = try model.makeContext(capacity: 60)
      try model.forward(PackedTokens(prompt), in: &alone, policy: exit)
      expectClose(steps[0][index], alone.logits(row: 0), tolerance: 1e-4)
      for step in 0..<12 where index != 1 || step <= 5 {
        try model.forward(PackedTokens([Int32(step + index)]), in: &alone, policy: exit)
        let row = step > 5 && index > 1 ? index - 1 : index
        expectClose(steps[step + 1][row], alone.logits(row: 0), tolerance: 1e-4)
      }
    }
  }

  @Test func aProjectedRowHoldsTheKeysOfItsState() throws {
    // The outputs of all later blocks are zero, so they don't change a state. Then exiting and
    // running give the same keys and values, and the same logits.
    let shape = SyntheticModel { $0.silentFrom = 2 }
    let model = try shape.load()
    let tokens = shape.tokens(21)
    let exit = try TokenExit(
      schedule: { layer, _, position in layer == 1 && position % 3 != 0 },
      configuration: Self.configuration(.project))
    var full = try model.makeContext(capacity: 30)
    var exiting = try model.makeContext(capacity: 30)
    try model.forward(PackedTokens(tokens), in: &full, logits: .all)
    try model.forward(PackedTokens(tokens), in: &exiting, policy: exit, logits: .all)
    for (a, b) in zip(Self.copy(full), Self.copy(exiting)) { expectClose(a, b, tolerance: 1e-5) }
  }

  @Test func theFillsDiffer() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let logits = try KVFill.allCases.map { fill in
      let exit = try TokenExit(
        schedule: { layer, _, position in layer == 1 && position < 5 },
        configuration: Self.configuration(fill))
      var context = try model.makeContext(capacity: 20)
      try model.forward(PackedTokens(shape.tokens(9)), in: &context, policy: exit)
      return context.logits(row: 0)
    }
    #expect(logits[0] != logits[1] && logits[1] != logits[2] && logits[0] != logits[2])
  }

  // MARK: Settings and backends

  @Test func routersOfAnotherModelDoNotScore() throws {
    let (one, other) = (SyntheticModel(), SyntheticModel { $0.hidden = 64 })
    let exit = try TokenExit(routers: Self.routers(one), model: one.load())
    let model = try other.load()
    var context = try model.makeContext(capacity: 8)
    #expect(throws: RequestError.self) {
      try model.forward(PackedTokens([1]), in: &context, policy: exit)
    }
  }

  @Test func rowsExitNeitherTooEarlyNorAfterTheLastLayer() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    var configuration = Self.configuration()
    configuration.minLayers = 3
    let exit = try TokenExit(schedule: { _, _, _ in true }, configuration: configuration)
    let trace = DepthTrace()
    var context = try model.makeContext(capacity: 8)
    try model.forward(PackedTokens([1, 2]), in: &context, policy: exit, observer: trace)
    #expect(trace.exitLayers == [2, 2] && trace.executedLayers == 3)
    configuration.minLayers = shape.layers
    let never = try TokenExit(schedule: { _, _, _ in true }, configuration: configuration)
    try model.forward(PackedTokens([1, 2]), in: &context, policy: never, observer: trace)
    #expect(trace.exitLayers == [-1, -1] && trace.executedLayers == shape.layers)
  }

  @Test func routersOfAnotherModelAreRefused() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let wide = try TokenRouters([TokenRouter(layer: 1, width: 5, down: [1, 2, 3, 4, 5], up: [1])])
    #expect(throws: RequestError.self) { try TokenExit(routers: wide, model: model) }
    let deep = try TokenRouters([
      TokenRouter(
        layer: 9, width: shape.hidden, down: [Float](repeating: 1, count: shape.hidden), up: [1])
    ])
    #expect(throws: RequestError.self) { try TokenExit(routers: deep, model: model) }
  }

  @Test func theReferenceBackendAgrees() throws {
    let shape = SyntheticModel()
    let exit = try TokenExit(schedule: Self.scattered, configuration: Self.configuration(.hole))
    let logits = try [shape.load(), shape.loadReference()].map { model in
      var context = try model.makeContext(capacity: 30)
      try model.forward(
        PackedTokens(shape.tokens(25)), in: &context, policy: exit, logits: .all)
      return (0..<25).flatMap { context.logits(row: $0) }
    }
    expectClose(logits[0], logits[1], tolerance: 1e-4)
  }
}
