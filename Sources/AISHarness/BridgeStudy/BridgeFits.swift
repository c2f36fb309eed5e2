import AISKit

/// Fits bridges to an experiment's texts, and says how much text and rank they take.
package final class BridgeFits {
  private let language: LanguageModel
  private let lab: Workbench
  private let fitTokens: Int
  private let makeTexts: () throws -> BridgeTexts
  /// Runs with a single bridge; one reading of the texts serves all.
  private let runs: [LayerRun]
  private let forms: [BridgeForm]
  private var known: (texts: BridgeTexts?, fitter: BridgeFitter?)

  /// Fits for sets of runs; the runs of a set are bridged together.
  package init(
    _ language: LanguageModel, sets: [[LayerRun]], fitTokens: Int, in lab: Workbench,
    texts: @escaping () throws -> BridgeTexts
  ) {
    self.language = language
    self.lab = lab
    self.fitTokens = fitTokens
    makeTexts = texts
    runs = Set(sets.filter { $0.count == 1 }.joined()).sorted { $0.first < $1.first }
    let model = language.decoder
    let canGraft = sets.allSatisfy { $0.allSatisfy { model.canGraft(on: $0.first - 1) } }
    forms = canGraft ? BridgeForm.allCases : [.map]
  }

  /// Whether the model's blocks let a form be fitted.
  package func isPossible(_ form: BridgeForm) -> Bool { forms.contains(form) }

  /// Bridges over runs, fitted or from the cache; each run's is fitted after those before it.
  ///
  /// - Parameters:
  ///   - name: what they are, for the cache and for progress.
  ///   - runs: the layers that each bridge replaces.
  ///   - form: what replaces them.
  ///   - rank: the highest rank of the maps; `nil` for no limit.
  ///   - shiftsFirst: whether the state at position 0 is shifted by a constant; else a single run's
  ///     bridge leaves it as it is.
  /// - Returns: a bridge for each run.
  /// - Throws: what reading texts, fitting and the cache throw.
  package func bridges(
    _ name: String, over runs: [LayerRun], _ form: BridgeForm, rank: Int?, shiftsFirst: Bool
  ) throws -> Bridges {
    try lab.bridges(keptAs: "\(name), \(fitTokens) tokens") {
      if runs.count == 1 {
        return try Bridges([
          fitter().fit(runs[0], form, rank: rank, shiftsFirst: shiftsFirst).bridge
        ])
      }
      let fit = try texts().fit
      let meter = ProgressMeter("fit \(name): tokens", total: fit.tokenCount * runs.count)
      return try Bridges.fit(runs, form, language.decoder, fit, rank: rank) {
        meter.advance(by: $0)
      }.bridges
    }
  }

  /// Error and distance by the number of fitted tokens, then by the rank of the map.
  ///
  /// With several runs it is the first one's, since the others get their states through it.
  package func studies(of run: LayerRun) throws -> [FitRow] {
    let (model, texts) = (language.decoder, try texts())
    let comparison = try PlanComparison(model, texts: texts.search, firstPosition: texts.opening)
    let fitter = try BridgeFitter(model, runs: runs.contains(run) ? runs : [run], forms: Set(forms))
    let meter = ProgressMeter("curve \(run.text): tokens", total: texts.fit.tokenCount)
    let begin = ContinuousClock.now
    func row(_ study: String, _ form: BridgeForm, rank: Int?) throws -> FitRow {
      let (bridge, report) = try fitter.fit(run, form, rank: rank)
      var row = FitRow()
      row.seconds = (ContinuousClock.now - begin) / .seconds(1)
      let rows = try comparison.compare(Bridges([bridge]).plan(for: model)).joined()
      (row.study, row.run, row.form) = (study, run.text, form.title)
      (row.tokens, row.rank) = (fitter.tokens[.fit] ?? 0, rank ?? model.config.hiddenSize)
      (row.parameters, row.error) = (bridge.parameters, report.choiceError ?? report.fitError)
      row.kl = Bootstrap.mean(rows.map(\.klBaseSkip))
      row.topOne = Proportion(of: rows.map(\.topOneAgrees)).rate
      return row
    }
    try fitter.read(texts.fit.choose, for: .choose) { meter.advance(by: $0) }
    let studied = [BridgeForm.map, .both].filter(isPossible)
    var rows: [FitRow] = []
    var rest = texts.fit.fit[...]
    var wanted = 2_000
    while !rest.isEmpty {
      var part: [[Int32]] = []
      var count = fitter.tokens[.fit] ?? 0
      while count < wanted, let text = rest.popFirst() {
        part.append(text)
        count += text.count
      }
      try fitter.read(part, for: .fit) { meter.advance(by: $0) }
      rows += try studied.map { try row("tokens", $0, rank: nil) }
      wanted = count * 2
    }
    // Kept, so that the points' bridges need not read the texts again.
    if runs.contains(run) { known.fitter = fitter }
    let width = model.config.hiddenSize
    return try rows
      + studied.flatMap { form in
        try ([32, 16, 8, 4].map { max(1, width / $0) } + [width]).map {
          try row("rank", form, rank: $0)
        }
      }
  }

  private func texts() throws -> BridgeTexts {
    if let texts = known.texts { return texts }
    let texts = try makeTexts()
    known.texts = texts
    return texts
  }

  /// A fitter that has read everything, for all runs.
  private func fitter() throws -> BridgeFitter {
    if let fitter = known.fitter { return fitter }
    let texts = try texts().fit
    let fitter = try BridgeFitter(language.decoder, runs: runs, forms: Set(forms))
    let meter = ProgressMeter("fits: tokens", total: texts.tokenCount)
    try fitter.read(texts.fit, for: .fit) { meter.advance(by: $0) }
    try fitter.read(texts.choose, for: .choose) { meter.advance(by: $0) }
    known.fitter = fitter
    return fitter
  }
}
