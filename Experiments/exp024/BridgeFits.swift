import AISHarness
import AISKit

/// Fits bridges to the experiment's texts, and says how much text that takes.
final class BridgeFits {
  private let language: LanguageModel
  private let texts: BridgeTexts
  /// Runs with a single bridge, by whether there is a block before them to graft on.
  private let runs: [Bool: [LayerRun]]
  /// The fitters of these runs, by the same key.
  private var fitters: [Bool: BridgeFitter] = [:]

  /// Fits for sets of runs; the runs of a set are bridged together.
  init(_ language: LanguageModel, _ texts: BridgeTexts, sets: [[LayerRun]]) {
    self.language = language
    self.texts = texts
    runs = Dictionary(grouping: Set(sets.map { $0[0] })) {
      language.decoder.canGraft(on: $0.first - 1)
    }
  }

  private var model: DecoderModel { language.decoder }

  /// Whether a form is possible for a run: without a block to graft on, only a map is.
  private func isPossible(_ form: BridgeForm, _ run: LayerRun) -> Bool {
    !form.readsActivations || model.canGraft(on: run.first - 1)
  }

  /// Bridges over runs that are bridged together, each fitted after those before it; `nil` if a
  /// single run cannot have that form.
  func bridges(_ runs: [LayerRun], _ form: BridgeForm, rank: Int? = nil) throws -> Bridges? {
    if runs.count == 1 {
      guard isPossible(form, runs[0]) else { return nil }
      return try Bridges([fitter(runs[0]).fit(runs[0], form, rank: rank).bridge])
    }
    let name = runs.map(\.text).joined(separator: ",")
    let meter = ProgressMeter(
      "fit \(name), \(form.rawValue): tokens", total: texts.fit.tokenCount * runs.count)
    return try Bridges.fit(runs, form, model, texts.fit, rank: rank) { meter.advance(by: $0) }
      .bridges
  }

  /// A map over a run that leaves position 0 unchanged.
  func passing(_ run: LayerRun) throws -> Bridges {
    try Bridges([fitter(run).fit(run, .map, shiftsFirst: false).bridge])
  }

  /// Bridges from each of some layers to the end of the depth.
  func exits(behind layers: [Int]) throws -> Bridges {
    let last = model.config.layerCount - 1
    let runs = layers.filter { $0 < last }.map { LayerRun($0 + 1, last) }
    let meter = ProgressMeter("exit bridges: tokens", total: texts.fit.tokenCount)
    return try Bridges.fit(runs, .map, model, texts.fit, corrects: false) {
      meter.advance(by: $0)
    }.bridges
  }

  private func unread(_ run: LayerRun) throws -> BridgeFitter {
    let forms = BridgeForm.allCases.filter { isPossible($0, run) }
    return try BridgeFitter(
      model, runs: runs[model.canGraft(on: run.first - 1)] ?? [], forms: Set(forms))
  }

  /// A fitter that has read everything, once for all runs.
  private func fitter(_ run: LayerRun) throws -> BridgeFitter {
    let canGraft = model.canGraft(on: run.first - 1)
    if let known = fitters[canGraft] { return known }
    let fitter = try unread(run)
    let meter = ProgressMeter("fits: tokens", total: texts.fit.tokenCount)
    try fitter.read(texts.fit.fit, for: .fit) { meter.advance(by: $0) }
    try fitter.read(texts.fit.choose, for: .choose) { meter.advance(by: $0) }
    fitters[canGraft] = fitter
    return fitter
  }

  /// Error and distance by the number of fitted tokens.
  ///
  /// With several runs it is the first one's, since the others get their states through it.
  func curve(_ runs: [LayerRun], in lab: Lab<Exp024.Row>) throws {
    let run = runs[0]
    let comparison = try PlanComparison(
      model, texts: texts.search, firstPosition: texts.opening)
    let fitter = try unread(run)
    let meter = ProgressMeter("curve \(run.text): tokens", total: texts.fit.tokenCount)
    var seconds = 0.0
    func timed<Result>(_ body: () throws -> Result) rethrows -> Result {
      let begin = ContinuousClock.now
      defer { seconds += (ContinuousClock.now - begin) / .seconds(1) }
      return try body()
    }
    try timed { try fitter.read(texts.fit.choose, for: .choose) { meter.advance(by: $0) } }
    var rows: [CurveRow] = []
    var rest = texts.fit.fit[...]
    var wanted = 2_000
    while !rest.isEmpty {
      var part: [[Int32]] = []
      var count = fitter.tokens[.fit] ?? 0
      while count < wanted, let text = rest.popFirst() {
        part.append(text)
        count += text.count
      }
      try timed { try fitter.read(part, for: .fit) { meter.advance(by: $0) } }
      for form in [BridgeForm.map, .both] where isPossible(form, run) {
        let (bridge, report) = try timed { try fitter.fit(run, form) }
        let distances = try comparison.compare(Bridges([bridge]).plan(for: model)).flatMap { $0 }
        var row = CurveRow()
        (row.form, row.tokens) = (Exp024.Kind.bridge(form), count)
        row.error = report.choiceError ?? report.fitError
        row.kl = Bootstrap.mean(distances.map(\.klBaseSkip))
        row.topOne = Proportion(of: distances.map(\.topOneAgrees)).rate
        row.seconds = seconds
        rows.append(row)
      }
      wanted = count * 2
    }
    // Kept, so that later bridges need not read the texts again.
    fitters[model.canGraft(on: run.first - 1)] = fitter
    lab.tabulate(
      DerivedTable("curve", title: "How much text a bridge over \(run.text) takes", rows: rows))
    lab.draw(
      Figure(
        name: "curve", title: "Distance by fitted tokens", table: "curve",
        kind: .lines(
          x: "tokens", value: "kl", lower: nil, upper: nil, series: "form", ideal: nil)))
  }

  /// Error and distance by the rank of the map; with several runs, the first one's.
  func ranks(_ runs: [LayerRun], in lab: Lab<Exp024.Row>) throws {
    let (run, width) = (runs[0], model.config.hiddenSize)
    let comparison = try PlanComparison(
      model, texts: texts.search, firstPosition: texts.opening)
    let fitter = try fitter(run)
    var rows: [RankRow] = []
    for form in [BridgeForm.map, .both] where isPossible(form, run) {
      for rank in [32, 16, 8, 4].map({ max(1, width / $0) }) + [width] {
        let (bridge, report) = try fitter.fit(run, form, rank: rank)
        let distances = try comparison.compare(Bridges([bridge]).plan(for: model)).flatMap { $0 }
        var row = RankRow()
        (row.form, row.rank, row.parameters) = (Exp024.Kind.bridge(form), rank, bridge.parameters)
        row.error = report.choiceError ?? report.fitError
        row.kl = Bootstrap.mean(distances.map(\.klBaseSkip))
        row.topOne = Proportion(of: distances.map(\.topOneAgrees)).rate
        rows.append(row)
      }
    }
    lab.tabulate(
      DerivedTable("ranks", title: "How much rank a bridge over \(run.text) needs", rows: rows))
  }
}
