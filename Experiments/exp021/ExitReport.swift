import AISHarness

/// What the page says about exits and predictions at each threshold.
struct ExitReport {
  private typealias Setting = RowGroup<String, Exp021.Row>

  private let rows: [Exp021.Row]
  /// The rows of each setting, settings in the order of the work.
  private let settings: [Setting]
  /// The model's layers, as the loop counted them for rows without exits.
  private let layerCount: Int

  init(_ rows: [Exp021.Row]) {
    self.rows = rows
    settings = rows.grouped(by: \.setting)
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
    report.tabulate("exits", "Which tokens exit, by threshold", routed, exitCells)
    report.tabulate(
      "quality", "What is predicted, by threshold and in other number formats", settings,
      qualityCells)
    tabulateCurves(in: &report)
    tabulateTradeOff(in: &report)
    tabulatePlaces(in: &report)
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
      share(rows, count).rows.rate.shown(.percent(1))
    }
    if judged.isEmpty { return "Threshold \(Exp021.judged) was not tried." }
    let placebos = settings.compactMap { setting in
      FormatPlacebo(label: setting.key).map {
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
    guard let oracle = settings.first(where: { $0.key == ExitSetting.oracle.label })?.rows
    else { return }
    let tokens = oracle.reduce(0) { $0 + $1.tokens }
    report.summarize("prompts", oracle.count, "prompts of the test split")
    report.summarize("tokens", tokens, "their tokens after the chat template's opening")
    report.summarize(
      "oracle_depth", ratio(oracle, \.scoredExecutedLayers),
      "of \(layerCount) blocks, mean depth of the oracle on the full model's states: there no router "
        + "on these checkpoints computes less and predicts the same", .decimals(2, within: 0.1))
  }

  // MARK: - Tables

  /// Settings with exits: thresholds and the oracle.
  private var routed: [Setting] { settings.filter { FormatPlacebo(label: $0.key) == nil } }

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

  private var exitCells: [Cells<Setting>] {
    /// A share of all rows times blocks of a pass.
    func ofPass(_ setting: Setting, _ count: (Exp021.Row) -> Int) -> Double {
      let full = Double(setting.rows.reduce(0) { $0 + $1.passRows } * layerCount)
      return Double(setting.rows.reduce(0) { $0 + count($1) }) / full
    }
    return [
      .cell("setting", "the threshold, or oracle", \.key),
      .cell("tokens", "tokens after the chat template's opening") {
        share($0.rows, \.exited).rows.trials
      },
      .estimate("exit_rate", "share of them that exited; prompts are the clusters", .share) {
        share($0.rows, \.exited).estimate
      },
      .cell(
        "design_effect", "variance of the exit rate, prompts over single tokens",
        .decimals(1, relative: 0.5)
      ) { share($0.rows, \.exited).designEffect },
      .cell("where", "layers after which they exited", .unchecked) {
        ExitCounts(sum: $0.rows.map { ExitCounts(text: $0.exits) })
          .shares(of: share($0.rows, \.exited).rows.trials)
      },
      .cell("scored_exit_rate", "share that would exit on the full model's states", .share) {
        share($0.rows, \.scoredExited).rows.rate
      },
      .cell("mean_depth", "blocks computed for a token, mean", .decimals(2, within: 0.2)) {
        ratio($0.rows, \.executedLayers).value
      },
      .cell("saved", "rows times blocks of the pass that were not computed", .share) {
        1 - ofPass($0, \.executedRowLayers)
      },
      .cell("wasted", "rows times blocks computed for rows that had exited, besides", .share) {
        ofPass($0) { $0.computedRowLayers - $0.executedRowLayers }
      },
      .cell("filled", "rows times blocks of which keys and values were still computed", .share) {
        ofPass($0, \.filledRowLayers)
      },
    ]
  }

  private var qualityCells: [Cells<Setting>] {
    [
      .cell(
        "setting", "the threshold, oracle, or the full model in another number format (placebo)",
        \.key),
      .cell("prompts", "prompts of the test split", \.rows.count),
      .estimate("top1_agreement", "tokens with the full model's most probable next token", .share) {
        share($0.rows, \.agreeing).estimate
      },
      .estimate("exited_agreement", "the same of tokens that exited", .share) {
        $0.rows.contains { $0.exited > 0 }
          ? share($0.rows, \.exitedAgreeing, of: \.exited).estimate : nil
      },
      .cell(
        "scored_agreement", "agreement if exits only chose the output, layers all run", .share
      ) { share($0.rows, \.scoredAgreeing).rows.rate },
      .estimate("kl_base_exit", "mean KL(base‖exit) of the next token", .nats()) {
        Bootstrap().ratio(
          $0.rows.map { $0.kl * Double($0.tokens) }, over: $0.rows.map { Double($0.tokens) })
      },
      .estimate("last_agreement", "prompts whose last position has the same token", .share) {
        Proportion(of: $0.rows.map(\.lastAgrees)).estimate
      },
      .cell("identical", "prompts without a differing bit", .within(2)) {
        $0.rows.count(where: \.isIdentical)
      },
    ]
  }

  private func tabulateCurves(in report: inout Report) {
    let settings = self.settings.filter { $0.rows[0].threshold.isFinite }
    let kinds = [("tokens that exit", \Exp021.Row.exited), ("predictions that stay", \.agreeing)]
    report.tabulate(
      "curves", "Shares by threshold", settings.flatMap { setting in kinds.map { (setting, $0) } },
      isShown: false,
      [
        .cell("what", "whose share") { $0.1.0 },
        .cell("threshold", "the threshold") { $0.0.rows[0].threshold },
        .estimate("share", "share of tokens", .share) { share($0.0.rows, $0.1.1).estimate },
      ])
    report.draw(
      .lines(
        "thresholds", "How many tokens exit, and how many predictions stay", of: "curves", "share",
        by: "threshold", series: "what", xLabel: "threshold", yLabel: "share of tokens",
        reference: Exp021.agreement, referenceLabel: "agreement asked for"))
  }

  private func tabulateTradeOff(in report: inout Report) {
    report.tabulate(
      "trade_off", "Agreement by depth", settings, isShown: false,
      [
        .cell("what", "who decides which tokens exit") {
          FormatPlacebo(label: $0.key).map { "\($0.type.rawValue) arithmetic" }
            ?? ($0.key == ExitSetting.oracle.label ? "oracle" : "routers")
        },
        .cell("setting", "the threshold, oracle, or the other number format", \.key),
        .cell("mean_depth", "blocks computed for a token", .within(0.2)) {
          ratio($0.rows, \.executedLayers).value
        },
        .estimate("agreement", "top-1 agreement", .share) { share($0.rows, \.agreeing).estimate },
      ])
    report.draw(
      .lines(
        "trade_off", "Agreement with the full model by depth", "agreement", by: "mean_depth",
        series: "what", xLabel: "blocks computed for a token, mean", yLabel: "top-1 agreement",
        reference: Exp021.agreement, referenceLabel: "agreement asked for"))
  }

  /// At the judged threshold, the lowest one and with the oracle: more bars hide each other.
  private func tabulatePlaces(in report: inout Report) {
    let thresholds = routed.map(\.rows[0].threshold).filter { !$0.isNaN }
    let shown = routed.filter { setting in
      let threshold = setting.rows[0].threshold
      return threshold.isNaN || threshold == Exp021.judged || threshold == thresholds.min()
    }
    let counts = shown.map { ExitCounts(sum: $0.rows.map { ExitCounts(text: $0.exits) }) }
    let layers = Set(counts.flatMap(\.byLayer.keys)).sorted()
    let places = layers.flatMap { layer in zip(shown, counts).map { (layer, $0, $1) } }
    report.tabulate(
      "places", "Where tokens exit", places, isShown: false,
      [
        .cell("setting", "the threshold, or oracle") { _, setting, _ in
          setting.key == ExitSetting.oracle.label ? setting.key : "threshold \(setting.key)"
        },
        .cell("layer", "the layer after which tokens exit") { $0.0 },
        .cell("share", "share of tokens", .share) { layer, setting, counts in
          let tokens = Double(setting.rows.reduce(0) { $0 + $1.tokens })
          return tokens > 0 ? Double(counts.byLayer[layer] ?? 0) / tokens : 0
        },
      ])
    report.draw(
      Figure(
        name: "places", title: "Where tokens exit", table: "places",
        kind: .bars(category: "layer", value: "share", series: "setting"),
        xLabel: "layer after which they exit", yLabel: "share of tokens"))
  }
}
