import AISHarness

/// What the page says about exits and predictions at each threshold.
struct ExitReport {
  private typealias Setting = (name: String, rows: [Exp021.Row])

  private let rows: [Exp021.Row]
  /// The rows of each setting, settings in the order of the work.
  private let settings: [Setting]
  /// The model's layers, as the loop counted them for rows without exits.
  private let layerCount: Int

  init(_ rows: [Exp021.Row]) {
    self.rows = rows
    let groups = Dictionary(grouping: rows, by: \.setting)
    var seen: Set<String> = []
    settings = rows.map(\.setting).filter { seen.insert($0).inserted }
      .map { ($0, groups[$0] ?? []) }
    layerCount =
      rows.first { $0.exited == 0 && $0.tokens > 0 }.map { $0.executedLayers / $0.tokens } ?? 0
  }

  var report: Report {
    var report = Report()
    report.judge("identity", identity)
    report.judge("exits", judged(Exp021.exiting, \.exited))
    report.judge("agreement", judged(Exp021.agreement, \.agreeing))
    report.conclude(conclusion)
    summarize(in: &report)
    report.tabulate(
      DerivedTable(
        "exits", title: "Which tokens exit, by threshold", rows: routed.map(exitLine)))
    report.tabulate(
      DerivedTable(
        "quality", title: "What is predicted, by threshold and in other number formats",
        rows: settings.map(qualityLine)))
    report.tabulate(
      DerivedTable("curves", title: "Shares by threshold", rows: curves, isShown: false))
    report.tabulate(
      DerivedTable("trade_off", title: "Agreement by depth", rows: tradeOff, isShown: false))
    report.tabulate(
      DerivedTable("places", title: "Where tokens exit", rows: places, isShown: false))
    report.draw(
      Figure(
        name: "thresholds", title: "How many tokens exit, and how many predictions stay",
        table: "curves",
        kind: .lines(
          x: "threshold", value: "share", lower: "share_lower", upper: "share_upper",
          series: "what", ideal: nil), xLabel: "threshold", yLabel: "share of tokens",
        reference: Exp021.agreement, referenceLabel: "agreement asked for"))
    report.draw(
      Figure(
        name: "trade_off", title: "Agreement with the full model by depth", table: "trade_off",
        kind: .lines(
          x: "mean_depth", value: "agreement", lower: "agreement_lower", upper: "agreement_upper",
          series: "what", ideal: nil), xLabel: "blocks computed for a token, mean",
        yLabel: "top-1 agreement", reference: Exp021.agreement,
        referenceLabel: "agreement asked for"))
    report.draw(
      Figure(
        name: "places", title: "Where tokens exit", table: "places",
        kind: .bars(category: "layer", value: "share", series: "setting"),
        xLabel: "layer after which they exit", yLabel: "share of tokens"))
    return report
  }

  // MARK: - Findings

  private var identity: Finding {
    let above = rows.filter { $0.threshold > 1 }
    return .all(above.map { $0.isIdentical && $0.exited == 0 }, of: "passes above threshold 1")
  }

  private func judged(_ threshold: Double, _ count: KeyPath<Exp021.Row, Int>) -> Finding {
    if judged.isEmpty { return .open("threshold \(Exp021.judged) was not tried") }
    return .atLeast(
      share(judged, count).estimate, threshold: threshold, of: "prompts", show: .percent(1))
  }

  private var judged: [Exp021.Row] { rows.filter { $0.threshold == Exp021.judged } }

  private var conclusion: String {
    func percent(_ rows: [Exp021.Row], _ count: KeyPath<Exp021.Row, Int>) -> String {
      NumberFormat.text(share(rows, count).rows.rate, .percent(1), unit: "")
    }
    if judged.isEmpty { return "Threshold \(Exp021.judged) was not tried." }
    let placebos = settings.compactMap { setting in
      FormatPlacebo(label: setting.name).map {
        "\($0.type.rawValue) alone keeps \(percent(setting.rows, \.agreeing))"
      }
    }
    let text =
      "At \(Exp021.judged), \(percent(judged, \.exited)) of tokens exit and "
      + "\(percent(judged, \.agreeing)) of predictions stay"
    return ([text] + (placebos.isEmpty ? [] : [placebos.joined(separator: ", ")]))
      .joined(separator: "; ") + "."
  }

  private func summarize(in report: inout Report) {
    guard let oracle = settings.first(where: { $0.name == ExitSetting.oracle.label })?.rows
    else { return }
    let tokens = oracle.reduce(0) { $0 + $1.tokens }
    report.summarize(SummaryValue("prompts", oracle.count, "prompts of the test split"))
    report.summarize(
      SummaryValue("tokens", tokens, "their tokens after the chat template's opening"))
    report.summarize(
      "oracle_depth", ratio(oracle, \.scoredExecutedLayers),
      "of \(layerCount) blocks, mean depth of the oracle on the full model's states: there no router "
        + "on these checkpoints computes less and predicts the same",
      compare: .absolute(0.1), show: .decimals(2))
  }

  // MARK: - Tables

  /// Settings with exits: thresholds and the oracle.
  private var routed: [Setting] { settings.filter { FormatPlacebo(label: $0.name) == nil } }

  private func share(
    _ rows: [Exp021.Row], _ count: KeyPath<Exp021.Row, Int>,
    of trials: KeyPath<Exp021.Row, Int> = \.tokens
  ) -> ClusteredShare {
    ClusteredShare(
      successes: rows.map { $0[keyPath: count] }, trials: rows.map { $0[keyPath: trials] })
  }

  /// A quantity per token; prompts are resampled as a whole.
  private func ratio(_ rows: [Exp021.Row], _ quantity: KeyPath<Exp021.Row, Int>) -> Estimate {
    Bootstrap().ratio(
      rows.map { Double($0[keyPath: quantity]) }, over: rows.map { Double($0.tokens) })
  }

  private func exitLine(_ setting: Setting) -> ExitLine {
    let rows = setting.rows
    let full = Double(rows.reduce(0) { $0 + $1.passRows } * layerCount)
    let rate = share(rows, \.exited)
    var line = ExitLine()
    line.setting = setting.name
    line.tokens = rate.rows.trials
    line.rate = EstimateCells(rate.estimate)
    line.designEffect = rate.designEffect
    line.places = ExitCounts(sum: rows.map { ExitCounts(text: $0.exits) }).shares(of: line.tokens)
    line.scoredRate = share(rows, \.scoredExited).rows.rate
    line.depth = ratio(rows, \.executedLayers).value
    line.saved = 1 - Double(rows.reduce(0) { $0 + $1.executedRowLayers }) / full
    line.wasted =
      Double(rows.reduce(0) { $0 + $1.computedRowLayers - $1.executedRowLayers }) / full
    line.filled = Double(rows.reduce(0) { $0 + $1.filledRowLayers }) / full
    return line
  }

  private func qualityLine(_ setting: Setting) -> QualityLine {
    let rows = setting.rows
    var line = QualityLine()
    line.setting = setting.name
    line.prompts = rows.count
    line.agreement = EstimateCells(share(rows, \.agreeing).estimate)
    if rows.contains(where: { $0.exited > 0 }) {
      line.exited = EstimateCells(share(rows, \.exitedAgreeing, of: \.exited).estimate)
    }
    line.scored = share(rows, \.scoredAgreeing).rows.rate
    line.kl = EstimateCells(
      Bootstrap().ratio(
        rows.map { $0.kl * Double($0.tokens) }, over: rows.map { Double($0.tokens) }))
    line.last = EstimateCells(Proportion(of: rows.map(\.lastAgrees)).estimate)
    line.identical = rows.count(where: \.isIdentical)
    return line
  }

  private var curves: [CurvePoint] {
    settings.flatMap { setting -> [CurvePoint] in
      let rows = setting.rows
      guard let threshold = rows.first?.threshold, !threshold.isNaN else { return [] }
      return [("tokens that exit", \Exp021.Row.exited), ("predictions that stay", \.agreeing)].map {
        CurvePoint(
          what: $0.0, threshold: threshold, share: EstimateCells(share(rows, $0.1).estimate))
      }
    }
  }

  private var tradeOff: [TradeOffPoint] {
    settings.map { setting in
      let placebo = FormatPlacebo(label: setting.name).map { "\($0.type.rawValue) arithmetic" }
      let isOracle = setting.name == ExitSetting.oracle.label
      return TradeOffPoint(
        what: placebo ?? (isOracle ? "oracle" : "routers"),
        setting: setting.name, depth: ratio(setting.rows, \.executedLayers).value,
        agreement: EstimateCells(share(setting.rows, \.agreeing).estimate))
    }
  }

  /// At the judged threshold, the lowest one and with the oracle: more bars hide each other.
  private var places: [PlaceRow] {
    let thresholds = routed.compactMap(\.rows.first?.threshold).filter { !$0.isNaN }
    let shown = routed.filter { setting in
      guard let threshold = setting.rows.first?.threshold, !threshold.isNaN else { return true }
      return threshold == Exp021.judged || threshold == thresholds.min()
    }
    let counts = shown.map { ExitCounts(sum: $0.rows.map { ExitCounts(text: $0.exits) }) }
    let layers = Set(counts.flatMap(\.byLayer.keys)).sorted()
    return layers.flatMap { layer in
      zip(shown, counts).map { setting, counts in
        let tokens = Double(setting.rows.reduce(0) { $0 + $1.tokens })
        let isOracle = setting.name == ExitSetting.oracle.label
        return PlaceRow(
          setting: isOracle ? setting.name : "threshold \(setting.name)", layer: layer,
          share: tokens > 0 ? Double(counts.byLayer[layer] ?? 0) / tokens : 0)
      }
    }
  }
}
