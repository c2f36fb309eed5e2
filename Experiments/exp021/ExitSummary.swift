import AISHarness
import Foundation

/// Tables, pictures and figures over all prompts, for each threshold.
struct ExitSummary {
  private let layerCount: Int
  /// The rows of each setting, settings in the order of the work.
  private let settings: [(name: String, rows: [Exp021.Row])]

  init(rows: [Exp021.Row], layerCount: Int) {
    self.layerCount = layerCount
    let groups = Dictionary(grouping: rows, by: \.setting)
    var seen: Set<String> = []
    settings = rows.map(\.setting).filter { seen.insert($0).inserted }
      .map { ($0, groups[$0] ?? []) }
  }

  func report(in lab: Lab<Exp021.Row>) {
    lab.tabulate(
      DerivedTable("exits", title: "Who leaves, by threshold", rows: settings.map(exitLine)))
    lab.tabulate(
      DerivedTable(
        "quality", title: "What is said, by threshold", rows: settings.map(qualityLine)))
    lab.tabulate(
      DerivedTable("curves", title: "Shares by threshold", rows: curves, isShown: false))
    lab.tabulate(
      DerivedTable("trade_off", title: "Agreement by depth", rows: tradeOff, isShown: false))
    lab.tabulate(
      DerivedTable("places", title: "Where tokens leave", rows: places, isShown: false))
    lab.draw(
      Figure(
        name: "thresholds", title: "How many tokens leave, and how many still say the same",
        table: "curves",
        kind: .lines(
          x: "threshold", value: "share", lower: "lower", upper: "upper", series: "what",
          ideal: nil), xLabel: "threshold", yLabel: "share of tokens",
        reference: Exp021.agreement, referenceLabel: "agreement asked for"))
    lab.draw(
      Figure(
        name: "trade_off", title: "Agreement with the full model by depth", table: "trade_off",
        kind: .lines(
          x: "mean_depth", value: "agreement", lower: "lower", upper: "upper", series: "what",
          ideal: nil), xLabel: "blocks computed for a token, mean", yLabel: "top-1 agreement",
        reference: Exp021.agreement, referenceLabel: "agreement asked for"))
    lab.draw(
      Figure(
        name: "places", title: "Where tokens leave", table: "places",
        kind: .heatmap(x: "layer", y: "setting", value: "share"), xLabel: "layer",
        yLabel: "threshold"))
    summarize(in: lab)
  }

  private func summarize(in lab: Lab<Exp021.Row>) {
    guard let oracle = settings.first(where: { $0.name == ExitSetting.oracle.label })?.rows
    else { return }
    let tokens = oracle.reduce(0) { $0 + $1.tokens }
    lab.summarize(SummaryValue("prompts", oracle.count, "prompts of the test split"))
    lab.summarize(
      SummaryValue("tokens", tokens, "their tokens behind the chat template's opening"))
    let depth = ratio(oracle, \.scoredExecutedLayers, over: \.tokens)
    lab.summarize(
      SummaryValue(
        "oracle_depth", depth.value, in: depth.interval,
        "of \(layerCount) blocks, mean depth of the oracle on the full model's states: there no router "
          + "on these checkpoints does with less and says the same",
        compare: .absolute(0.1), show: .decimals(2)))
  }

  /// The sum of one quantity over that of another; prompts are resampled as a whole.
  func ratio(
    _ rows: [Exp021.Row], _ numerator: KeyPath<Exp021.Row, Int>,
    over denominator: KeyPath<Exp021.Row, Int>
  ) -> Estimate {
    Bootstrap().ratio(
      rows.map { Double($0[keyPath: numerator]) },
      over: rows.map { Double($0[keyPath: denominator]) })
  }

  private func exitLine(_ setting: (name: String, rows: [Exp021.Row])) -> ExitLine {
    let rows = setting.rows
    let tokens = rows.reduce(0) { $0 + $1.tokens }
    let full = Double(rows.reduce(0) { $0 + $1.passRows } * layerCount)
    let rate = ratio(rows, \.exited, over: \.tokens)
    let wilson = Proportion(successes: rows.reduce(0) { $0 + $1.exited }, trials: tokens).wilson()
    var line = ExitLine()
    line.setting = setting.name
    line.tokens = tokens
    line.rate = rate.value
    (line.lower, line.upper) = (rate.interval.lower, rate.interval.upper)
    (line.wilsonLower, line.wilsonUpper) = (wilson.lower, wilson.upper)
    line.places = ExitCounts(sum: rows.map { ExitCounts(text: $0.exits) }).shares(of: tokens)
    line.scoredRate = ratio(rows, \.scoredExited, over: \.tokens).value
    line.depth = ratio(rows, \.executedLayers, over: \.tokens).value
    line.saved = 1 - Double(rows.reduce(0) { $0 + $1.executedRowLayers }) / full
    line.wasted =
      Double(rows.reduce(0) { $0 + $1.computedRowLayers - $1.executedRowLayers }) / full
    line.filled = Double(rows.reduce(0) { $0 + $1.filledRowLayers }) / full
    return line
  }

  private func qualityLine(_ setting: (name: String, rows: [Exp021.Row])) -> QualityLine {
    let rows = setting.rows
    let all = ratio(rows, \.agreeing, over: \.tokens)
    let exited = ratio(rows, \.exitedAgreeing, over: \.exited)
    let kl = Bootstrap().ratio(
      rows.map { $0.kl * Double($0.tokens) }, over: rows.map { Double($0.tokens) })
    let last = Proportion(of: rows.map(\.lastAgrees))
    var line = QualityLine()
    line.setting = setting.name
    line.prompts = rows.count
    line.agreement = all.value
    (line.lower, line.upper) = (all.interval.lower, all.interval.upper)
    line.exited = exited.value
    (line.exitedLower, line.exitedUpper) = (exited.interval.lower, exited.interval.upper)
    line.scored = ratio(rows, \.scoredAgreeing, over: \.tokens).value
    line.kl = kl.value
    (line.klLower, line.klUpper) = (kl.interval.lower, kl.interval.upper)
    line.last = last.rate
    (line.lastLower, line.lastUpper) = (last.wilson().lower, last.wilson().upper)
    line.identical = rows.count(where: \.isIdentical)
    return line
  }

  private var curves: [CurvePoint] {
    settings.flatMap { setting -> [CurvePoint] in
      let rows = setting.rows
      guard let threshold = rows.first?.threshold, !threshold.isNaN else { return [] }
      return [
        ("leave", ratio(rows, \.exited, over: \.tokens)),
        ("leave, on the full model's states", ratio(rows, \.scoredExited, over: \.tokens)),
        ("agree", ratio(rows, \.agreeing, over: \.tokens)),
        ("agree, of those that leave", ratio(rows, \.exitedAgreeing, over: \.exited)),
      ].map { CurvePoint($0.0, threshold: threshold, $0.1) }
    }
  }

  private var tradeOff: [TradeOffPoint] {
    settings.flatMap { setting -> [TradeOffPoint] in
      let rows = setting.rows
      let isOracle = setting.name == ExitSetting.oracle.label
      return [
        TradeOffPoint(
          isOracle ? "oracle, executed" : "routers, executed", setting.name,
          depth: ratio(rows, \.executedLayers, over: \.tokens),
          ratio(rows, \.agreeing, over: \.tokens)),
        TradeOffPoint(
          isOracle ? "oracle, on the full model's states" : "routers, on the full model's states",
          setting.name, depth: ratio(rows, \.scoredExecutedLayers, over: \.tokens),
          ratio(rows, \.scoredAgreeing, over: \.tokens)),
      ]
    }
  }

  private var places: [PlaceCell] {
    let counts = settings.map { setting in
      (setting, ExitCounts(sum: setting.rows.map { ExitCounts(text: $0.exits) }))
    }
    let layers = Set(counts.flatMap { $0.1.byLayer.keys }).sorted()
    return counts.flatMap { setting, counts in
      let tokens = Double(setting.rows.reduce(0) { $0 + $1.tokens })
      return layers.map {
        PlaceCell(setting.name, layer: $0, share: Double(counts.byLayer[$0] ?? 0) / tokens)
      }
    }
  }
}
