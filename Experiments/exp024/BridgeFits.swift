import AISHarness
import AISKit

/// Fits bridges to the experiment's texts, and says how much text that takes.
final class BridgeFits {
  private let language: LanguageModel
  private let texts: BridgeTexts
  private var known: [String: Bridges] = [:]

  init(_ language: LanguageModel, _ texts: BridgeTexts) {
    self.language = language
    self.texts = texts
  }

  /// Bridges over runs that are crossed together, each behind those before it.
  func bridges(_ runs: [LayerRun], _ form: BridgeForm) throws -> Bridges {
    let name = runs.map(\.text).joined(separator: ",")
    if let bridges = known["\(name) \(form)"] { return bridges }
    let meter = ProgressMeter(
      "fit \(name), \(form.rawValue): tokens", total: texts.fit.tokenCount * runs.count)
    let (bridges, _) = try Bridges.fit(runs, form, language.decoder, texts.fit) {
      meter.advance(by: $0)
    }
    known["\(name) \(form)"] = bridges
    return bridges
  }

  /// Forms of a single run, all from one reading.
  func forms(_ run: LayerRun) throws -> [BridgeForm: Bridges] {
    let model = language.decoder
    let forms = BridgeForm.allCases.filter {
      !$0.readsActivations || model.canGraft(on: run.first - 1)
    }
    if forms.allSatisfy({ known["\(run.text) \($0)"] != nil }) {
      return Dictionary(
        uniqueKeysWithValues: forms.compactMap { form in
          known["\(run.text) \(form)"].map { (form, $0) }
        })
    }
    let fitter = try BridgeFitter(model, runs: [run], forms: Set(forms))
    let meter = ProgressMeter("fit \(run.text): tokens", total: texts.fit.tokenCount)
    try fitter.read(texts.fit.fit, for: .fit) { meter.advance(by: $0) }
    try fitter.read(texts.fit.choose, for: .choose) { meter.advance(by: $0) }
    known["\(run.text) passing"] = try Bridges([
      fitter.fit(run, .map, shiftsFirst: false).bridge
    ])
    var fitted: [BridgeForm: Bridges] = [:]
    for form in forms {
      let bridges = try Bridges([fitter.fit(run, form).bridge])
      known["\(run.text) \(form)"] = bridges
      fitted[form] = bridges
    }
    return fitted
  }

  /// A map over a run under which position 0 passes unchanged.
  func passing(_ run: LayerRun) throws -> Bridges? {
    _ = try forms(run)
    return known["\(run.text) passing"]
  }

  /// Bridges from each of some layers to the end of the depth.
  func exits(behind layers: [Int]) throws -> Bridges {
    let last = language.decoder.config.layerCount - 1
    let runs = layers.filter { $0 < last }.map { LayerRun($0 + 1, last) }
    let meter = ProgressMeter("exit bridges: tokens", total: texts.fit.tokenCount)
    return try Bridges.fit(runs, .map, language.decoder, texts.fit, corrects: false) {
      meter.advance(by: $0)
    }.bridges
  }

  /// Error and distance by the number of tokens that were fitted to.
  func curve(_ runs: [LayerRun], in lab: Lab<Exp024.Row>) throws {
    // Of several runs the first: the others read states behind it.
    let (run, model) = (runs[0], language.decoder)
    let forms = [BridgeForm.map, .both].filter {
      !$0.readsActivations || model.canGraft(on: run.first - 1)
    }
    let comparison = try PlanComparison(
      model, texts: texts.search, firstPosition: texts.opening)
    let fitter = try BridgeFitter(model, runs: [run], forms: Set(forms))
    let clock = ContinuousClock()
    let begin = clock.now
    try fitter.read(texts.fit.choose, for: .choose)
    var rows: [CurveRow] = []
    var rest = texts.fit.fit[...]
    var wanted = 2_000
    let meter = ProgressMeter("curve \(run.text): tokens", total: texts.fit.tokenCount)
    while !rest.isEmpty {
      var part: [[Int32]] = []
      var count = fitter.tokens[.fit] ?? 0
      while count < wanted, let text = rest.popFirst() {
        part.append(text)
        count += text.count
      }
      try fitter.read(part, for: .fit) { meter.advance(by: $0) }
      let read = (clock.now - begin) / .seconds(1)
      for form in forms {
        let (bridge, report) = try fitter.fit(run, form)
        let distances = try comparison.compare(Bridges([bridge]).plan(for: model)).flatMap { $0 }
        var row = CurveRow()
        (row.form, row.tokens) = (Exp024.Kind.bridge(form), count)
        row.error = report.choiceError ?? report.fitError
        row.kl = Bootstrap.mean(distances.map(\.klBaseSkip))
        row.topOne = Proportion(of: distances.map(\.topOneAgrees)).rate
        row.seconds = read
        rows.append(row)
      }
      wanted = count * 2
    }
    lab.tabulate(
      DerivedTable("curve", title: "How much text a bridge over \(run.text) takes", rows: rows))
    lab.draw(
      Figure(
        name: "curve", title: "Distance by fitted tokens", table: "curve",
        kind: .lines(
          x: "tokens", value: "kl", lower: nil, upper: nil, series: "form", ideal: nil)))
  }
}
