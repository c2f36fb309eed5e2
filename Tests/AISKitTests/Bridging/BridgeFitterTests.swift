import AISKit
import TestSupport
import Testing

/// Fitted bridges have the errors that their reports state.
struct BridgeFitterTests {
  private static func texts(_ shape: SyntheticModel, _ count: Int, seed: UInt64) -> [[Int32]] {
    (0..<count).map { shape.tokens(20 + $0 % 9, seed: seed + UInt64($0)) }
  }

  /// Squared error of the states after a run under a plan, divided by the squares of the full
  /// model's change there.
  ///
  /// Position 0 is not included.
  private static func error(
    _ model: DecoderModel, _ plan: DepthPlan, _ run: LayerRun, _ texts: [[Int32]]
  ) throws -> Double {
    var (error, squares) = (0.0, 0.0)
    for text in texts {
      func states(_ policy: DepthPlan, _ layer: Int) throws -> [Float] {
        let capture = HiddenStateCapture(layers: [layer])
        capture.rows = Array(1..<text.count)
        var context = try model.makeContext(capacity: 60)
        try model.forward(PackedTokens(text), in: &context, policy: policy, observer: capture)
        return capture.captured[layer] ?? []
      }
      let (before, after) = (try states(.full, run.first - 1), try states(.full, run.last))
      let bridged = try states(plan, run.last)
      for place in after.indices {
        error += Double((bridged[place] - after[place]) * (bridged[place] - after[place]))
        squares += Double((before[place] - after[place]) * (before[place] - after[place]))
      }
    }
    return error / squares
  }

  @Test func everyFormHasTheErrorThatItReports() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let run = LayerRun(2, 3)
    let (texts, others) = (Self.texts(shape, 60, seed: 1), Self.texts(shape, 8, seed: 500))
    let fitter = try BridgeFitter(model, runs: [run], forms: Set(BridgeForm.allCases))
    try fitter.read(texts, for: .fit)
    try fitter.read(others, for: .choose)
    var errors: [BridgeForm: Double] = [:]
    for form in BridgeForm.allCases {
      let (bridge, report) = try fitter.fit(run, form)
      let plan = try Bridges([bridge]).plan(for: model)
      let measured = try Self.error(model, plan, run, others)
      #expect(abs(measured - (report.choiceError ?? -1)) < 1e-3, "\(form)")
      #expect(measured < 1, "\(form): nearer than a hard skip")
      #expect(abs(try Self.error(model, plan, run, texts) - report.fitError) < 1e-3)
      errors[form] = report.fitError
      #expect((bridge.graft != nil) == form.readsActivations)
      #expect((bridge.parameters > 0) == (form == .map || form == .both))
    }
    // More parameters never fit the fitted texts worse, except for the penalty.
    let slack = 1.05
    #expect((errors[.both] ?? 1) < slack * min(errors[.map] ?? 0, errors[.graft] ?? 0))
    #expect((errors[.graft] ?? 1) < slack * (errors[.merged] ?? 0))
  }

  @Test(arguments: [BridgeForm.map, .both])
  func aLowRankHasTheErrorThatItReports(form: BridgeForm) throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let run = LayerRun(2, 3)
    let (texts, others) = (Self.texts(shape, 60, seed: 1), Self.texts(shape, 8, seed: 500))
    let fitter = try BridgeFitter(model, runs: [run], forms: [form])
    try fitter.read(texts, for: .fit)
    try fitter.read(others, for: .choose)
    var errors: [Double] = []
    for rank in [2, 8, shape.hidden / 2 - 1] {
      let (bridge, report) = try fitter.fit(run, form, rank: rank)
      #expect(bridge.parameters == 2 * rank * shape.hidden)
      let plan = try Bridges([bridge]).plan(for: model)
      #expect(abs(try Self.error(model, plan, run, others) - (report.choiceError ?? -1)) < 1e-3)
      errors.append(report.choiceError ?? 1)
    }
    let full = try fitter.fit(run, form).report.choiceError ?? 1
    #expect(errors[0] > errors[1] && errors[1] > errors[2])
    #expect(errors[0] < 1 && full < errors[0])
    // If factors would have as many numbers as the map, the map is kept.
    let wide = try fitter.fit(run, form, rank: shape.hidden / 2).bridge
    #expect(wide == (try fitter.fit(run, form).bridge))
  }

  @Test func positionZeroGetsWhatTheLayersAddOnAverage() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let run = LayerRun(2, 3)
    let texts = Self.texts(shape, 40, seed: 1)
    let fitter = try BridgeFitter(model, runs: [run], forms: Set(BridgeForm.allCases))
    try fitter.read(texts, for: .fit)
    func first(_ policy: DepthPlan, _ layer: Int) throws -> [Double] {
      var sums = [Double](repeating: 0, count: shape.hidden)
      for text in texts {
        let capture = HiddenStateCapture(layers: [layer])
        capture.rows = [0]
        var context = try model.makeContext(capacity: 60)
        try model.forward(PackedTokens(text), in: &context, policy: policy, observer: capture)
        for (place, value) in (capture.captured[layer] ?? []).enumerated() {
          sums[place] += Double(value) / Double(texts.count)
        }
      }
      return sums
    }
    let (before, after) = (try first(.full, 1), try first(.full, 3))
    for form in BridgeForm.allCases {
      for (shifts, expected) in [(true, after), (false, before)] {
        let bridge = try fitter.fit(run, form, shiftsFirst: shifts).bridge
        let bridged = try first(Bridges([bridge]).plan(for: model), 3)
        for place in expected.indices {
          #expect(abs(bridged[place] - expected[place]) < 1e-3, "\(form), shifts \(shifts)")
        }
      }
    }
  }

  @Test func layersThatAddNothingNeedNothing() throws {
    let shape = SyntheticModel { $0.silentFrom = 2 }
    let model = try shape.load()
    let texts = Bridges.Texts(
      fit: Self.texts(shape, 20, seed: 1), choose: Self.texts(shape, 4, seed: 300))
    let (bridges, _) = try Bridges.fit([LayerRun(2, 4)], .map, model, texts)
    guard case .full(let map) = bridges.bridges[0].map else {
      Issue.record("a map was asked for")
      return
    }
    #expect(map.allSatisfy { abs($0) < 1e-5 })
  }

  @Test func aLaterBridgeMakesUpForAnEarlierOne() throws {
    let shape = SyntheticModel { $0.layers = 7 }
    let model = try shape.load()
    let runs = [LayerRun(1, 2), LayerRun(4, 5)]
    let texts = Bridges.Texts(
      fit: Self.texts(shape, 80, seed: 1), choose: Self.texts(shape, 10, seed: 300))
    let test = Self.texts(shape, 10, seed: 600)
    let errors = try [true, false].map { corrects in
      let bridges = try Bridges.fit(runs, .map, model, texts, corrects: corrects).bridges
      return try Self.error(model, bridges.plan(for: model), runs[1], test)
    }
    #expect(errors[0] < errors[1], "corrected, and independent")
  }

  @Test func moreTextInPartsIsTheSameFit() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let run = LayerRun(1, 2)
    let texts = Self.texts(shape, 30, seed: 1)
    let (whole, parts) = (
      try BridgeFitter(model, runs: [run]), try BridgeFitter(model, runs: [run])
    )
    try whole.read(texts, for: .fit)
    for text in texts { try parts.read([text], for: .fit) }
    let (first, second) = (try whole.fit(run, .map).bridge, try parts.fit(run, .map).bridge)
    guard case .full(let one) = first.map, case .full(let two) = second.map else { return }
    #expect(zip(one, two).allSatisfy { abs($0 - $1) < 1e-3 })
    #expect(whole.tokens[.fit] == parts.tokens[.fit])
  }

  @Test func whatCannotBeFittedIsNamed() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let fitter = try BridgeFitter(model, runs: [LayerRun(1, 2)])
    #expect(throws: RequestError.self) { try fitter.fit(LayerRun(1, 2), .map) }
    try fitter.read([[1]], for: .fit)
    #expect(throws: RequestError.self) { try fitter.fit(LayerRun(1, 2), .map) }
    #expect(throws: RequestError.self) { try BridgeFitter(model, runs: [LayerRun(4, 5)]) }
    #expect(throws: RequestError.self) {
      try BridgeFitter(model, runs: [LayerRun(0, 1)], forms: [.graft])
    }
    let skipping = try DepthPlan.skipping([1])
    #expect(throws: RequestError.self, "the block to graft on does not run") {
      try BridgeFitter(model, runs: [LayerRun(2, 3)], forms: [.graft], plan: skipping)
    }
    #expect(throws: RequestError.self) { try LayerRun.list("") }
    #expect(throws: RequestError.self) { try LayerRun.list("3-1") }
    #expect(try LayerRun.list("8-11, 12") == [LayerRun(8, 11), LayerRun(12, 12)])
  }

  @Test func runsThatTouchOrOverlap() throws {
    let shape = SyntheticModel { $0.layers = 7 }
    let model = try shape.load()
    let texts = Bridges.Texts(fit: Self.texts(shape, 30, seed: 1), choose: [])
    // The first bridge replaces the block before the second run, so it cannot take a graft.
    let touching = [LayerRun(2, 3), LayerRun(4, 5)]
    for corrects in [true, false] {
      let bridges = try Bridges.fit(touching, .both, model, texts, corrects: corrects).bridges
      #expect(bridges.bridges.map { $0.graft != nil } == [true, false])
      #expect(try bridges.plan(for: model).executedLayers(of: 7) == 3)
    }
    let overlapping = [LayerRun(2, 4), LayerRun(3, 5)]
    #expect(throws: RequestError.self) { try Bridges.fit(overlapping, .map, model, texts) }
    let alternatives = try Bridges.fit(overlapping, .map, model, texts, corrects: false).bridges
    #expect(alternatives.bridges.count == 2)
    for corrects in [true, false] {
      #expect(throws: RequestError.self) {
        try Bridges.fit(
          [LayerRun(2, 3), LayerRun(2, 3)], .map, model, texts, corrects: corrects)
      }
    }
  }

  @Test func theSearchFindsTheLayersThatAddNothing() throws {
    let shape = SyntheticModel {
      $0.layers = 8
      $0.silentFrom = 5
    }
    let model = try shape.load()
    let comparison = try PlanComparison(model, texts: Self.texts(shape, 6, seed: 900))
    let runs = (1...3).flatMap { BridgeSearch.runs(of: $0, layerCount: 8, from: 1) }
    let fitter = try BridgeFitter(model, runs: runs)
    try fitter.read(Self.texts(shape, 40, seed: 1), for: .fit)
    let search = BridgeSearch(model, on: comparison, from: 1) { try fitter.fit($0, .map).bridge }
    let best = try search.contiguous(3).min { $0.kl < $1.kl }
    #expect(best?.runs == [LayerRun(5, 7)] && (best?.kl ?? 1) < 1e-6)
    let greedy = try search.greedy(3, pieces: 1)
    #expect(greedy?.runs == [LayerRun(5, 7)])
    let start = try search.candidate([LayerRun(4, 6)])
    #expect(try search.improved(start).runs == [LayerRun(5, 7)])
    #expect(start.kl > 1e-6 && comparison.positions == 6 * 20 + (0..<6).reduce(0, +))
  }

  /// Bridges are fitted and used in every family.
  ///
  /// Grafts only if a down-projection writes directly to the residual stream.
  @Test(arguments: FamilyFixtureTests.names)
  func everyFamilyCrossesBridges(name: String) throws {
    let folder = ReferenceFiles.repository.appendingPathComponent("Tests/Fixtures/families/\(name)")
    let model = try DecoderModel.load(Checkpoint.open(path: folder.path))
    let run = LayerRun(model.config.layerCount - 1, model.config.layerCount - 1)
    var random = SplitMix64(seed: 4)
    let texts = (0..<60).map { index in
      (0..<8 + index % 5).map { _ in Int32(random.index(below: model.config.vocabularySize)) }
    }
    let comparison = try PlanComparison(model, texts: Array(texts.prefix(6)))
    func kl(_ plan: DepthPlan) throws -> Double {
      let rows = try comparison.compare(plan).flatMap { $0 }
      return rows.reduce(0) { $0 + $1.klBaseSkip } / Double(rows.count)
    }
    let hard = try kl(.skipping(run.layers))
    let fit = Bridges.Texts(fit: texts, choose: [])
    for form in [BridgeForm.map, .both] {
      let (bridges, reports) = try Bridges.fit([run], form, model, fit)
      #expect(
        (bridges.bridges[0].graft != nil) == (form == .both && model.canGraft(on: run.first - 1)))
      #expect(reports[0].fitError < 1)
      let bridged = try kl(bridges.plan(for: model))
      #expect(bridged.isFinite && bridged < hard + 1e-3, "\(form): \(bridged), hard \(hard)")
    }
  }
}
