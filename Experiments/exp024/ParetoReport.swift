import AISHarness
import AISKit
import Foundation

/// What the page says, computed from the rows alone.
struct ParetoReport {
  private static let bootstrap = Bootstrap(resamples: 1_000)

  private let evidence: Evidence<Exp024.Row>
  private let points: [Point]
  private let rows: [String: [Exp024.Row]]
  private let answers: [String: [AnswerRow]]
  private let ways: [WayRow]
  private let best: WayRow?
  /// The hard skip of the same layers.
  private let hard: WayRow?
  /// The hard skip of as many layers that costs least.
  private let leastHard: WayRow?

  init(_ evidence: Evidence<Exp024.Row>) {
    self.evidence = evidence
    points = evidence.rows(of: Point.self)
    let rows = Dictionary(grouping: evidence.rows, by: \.name)
    let answers = Dictionary(grouping: evidence.rows(of: AnswerRow.self), by: \.name)
    let ways = points.compactMap { point in
      rows[point.name].map { Self.way(point, $0, answers[point.name] ?? [], evidence) }
    }
    (self.rows, self.answers, self.ways) = (rows, answers, ways)
    let (bestName, hardName) = (Point.best(points)?.name, Point.hard(of: points)?.name)
    best = ways.first { $0.point.name == bestName }
    hard = ways.first { $0.point.name == hardName }
    let count = Self.count(hard)
    leastHard = ways.filter { $0.point.kind == .hard && Self.count($0) == count }
      .min { $0.kl.value < $1.kl.value }
  }

  var report: Report {
    var report = Report()
    judge(&report)
    tabulateWays(&report)
    tabulateAnswers(&report)
    tabulateSearch(&report)
    tabulateLens(&report)
    report.conclude(conclusion)
    return report
  }

  private static func count(_ way: WayRow?) -> Int { way?.point.skipped.count ?? 0 }

  private static func way(
    _ point: Point, _ rows: [Exp024.Row], _ answers: [AnswerRow], _ evidence: Evidence<Exp024.Row>
  ) -> WayRow {
    var way = WayRow()
    (way.point, way.prompts) = (point, rows.count)
    way.layersOut =
      Double(rows.reduce(0) { $0 + $1.layersOut }) / Double(rows.reduce(0) { $0 + $1.positions })
    way.kl = EstimateCells(kl(rows))
    way.topOne = EstimateCells(topOne(rows))
    way.perplexityRatio = EstimateCells(
      bootstrap.ratio(rows.map { $0.nats - $0.fullNats }, over: rows.map { Double($0.scored) })
        .mapped { exp($0) })
    if !answers.isEmpty { way.cloze = Proportion(of: answers.map(\.isRight)).rate }
    func speed(_ phase: PassWorkload.Phase) -> EstimateCells {
      EstimateCells(evidence.comparison(point.timingName(phase))?.speedup)
    }
    (way.prefill, way.decode) = (speed(.prefill), speed(.decode))
    return way
  }

  private static func kl(_ rows: [Exp024.Row]) -> Estimate {
    bootstrap.ratio(rows.map(\.kl), over: rows.map { Double($0.positions) })
  }

  private static func topOne(_ rows: [Exp024.Row]) -> Estimate {
    bootstrap.ratio(rows.map { Double($0.agreements) }, over: rows.map { Double($0.positions) })
  }

  // MARK: verdicts

  private func judge(_ report: inout Report) {
    guard let best, let leastHard, let own = rows[best.point.name] else {
      let missing = Finding.open("the ways were not all measured")
      for name in ["nearer than hard skip", "near", "as fast"] { report.judge(name, missing) }
      return
    }
    let other = Dictionary(
      (rows[leastHard.point.name] ?? []).map { ($0.prompt, $0) },
      uniquingKeysWith: { first, _ in first })
    let pairs = own.compactMap { row in other[row.prompt].map { (row, $0) } }
    report.judge(
      "nearer than hard skip",
      .atMost(
        Self.bootstrap.ratio(pairs.map(\.0.kl), over: pairs.map(\.1.kl)),
        threshold: Exp024.klShare, of: "prompts, against \(leastHard.point.setting)"))
    report.judge(
      "near",
      .atLeast(
        Self.topOne(own), threshold: Exp024.agreement, of: "prompts", show: .percent(1)))
    let share = savingShare
    report.judge(
      "as fast",
      share.map {
        .atLeast(
          $0, threshold: Exp024.saving, of: "processes", show: .percent(1),
          fewest: Finding.fewestProcesses)
      } ?? .open("the times were not measured"))
    summarize(&report, best, share)
  }

  /// The prefill time that the best bridge saves, over that which the hard skip of the same layers
  /// saves.
  ///
  /// With f the full model's time and b the bridge's, both over the hard skip's:
  /// (f − b) / (f − 1). If the skip saves nothing, the share is 0.
  private var savingShare: Estimate? {
    guard let hard, let full = evidence.comparison(hard.point.timingName(.prefill)),
      let beside = evidence.comparison(Point.besideHard)
    else { return nil }
    return TimingComparison.figure(of: [full, beside]) { speedups in
      let (full, bridge) = (speedups[0], 1 / speedups[1])
      return full > 1 ? (full - bridge) / (full - 1) : 0
    }
  }

  private func summarize(_ report: inout Report, _ best: WayRow, _ share: Estimate?) {
    report.summarize(
      SummaryValue("layers", best.point.layers, "the layers that the search leaves out"))
    report.summarize(
      SummaryValue(
        "best_form", best.point.kindText,
        "the form with the least KL over them on validation prompts"
      ))
    let rows = rows[best.point.name] ?? []
    report.summarize(
      "best_kl", Self.kl(rows), unit: "nats", "its KL on test prompts", compare: .absolute(0.02),
      show: .decimals(3))
    report.summarize(
      "best_top1", Self.topOne(rows), "its top-1 agreement", compare: .absolute(0.02),
      show: .percent(1))
    if let share {
      report.summarize(
        "saving_share", share,
        "its share of the time that a hard skip of the same layers saves in prefill",
        compare: .ignored, show: .percent(1))
    }
    if let beside = evidence.comparison(Point.besideHard) {
      report.summarize(
        "best_over_hard", beside.speedup.mapped { 1 / $0 },
        "its time in prefill over that hard skip's", compare: .ignored, show: .decimals(3))
    }
    if let hard, let full = evidence.comparison(hard.point.timingName(.prefill)) {
      report.summarize(
        "full_over_hard", full.speedup, "the full model's time in prefill over that hard skip's",
        compare: .ignored, show: .decimals(3))
    }
  }

  private var conclusion: String {
    guard let best, let leastHard else { return "" }
    func percent(_ share: Double, _ digits: Int) -> String {
      NumberFormat.text(share, .percent(digits), unit: "")
    }
    let isAsFast = savingShare.map { $0.anytime.lower >= Exp024.saving } ?? false
    let quality =
      "\(isAsFast ? "As fast, bridged" : "Bridged") layers \(best.point.layers) keep "
      + "\(percent(best.topOne.value, 0)) of next tokens, best hard skip "
      + "\(percent(leastHard.topOne.value, 0))"
    guard let pair = pairs(best, leastHard) else { return quality + "." }
    let (all, interval) = (pair.questions, pair.differenceEstimate.anytime)
    let verdict =
      interval.lower > 0 ? "a gain" : interval.upper < 0 ? "a loss" : "no sure gain"
    return quality + "; MMLU \(percent(all.variant.rate, 1)) against "
      + "\(percent(all.baseline.rate, 1)): \(verdict)."
  }

  // MARK: tables

  private func tabulateWays(_ report: inout Report) {
    report.tabulate(DerivedTable("ways", title: "Quality and time", rows: ways))
    for phase in PassWorkload.Phase.allCases {
      let name = "front_\(phase.rawValue)"
      report.tabulate(
        DerivedTable(name, title: "Ways that are drawn", rows: drawn(phase), isShown: false))
      report.draw(
        Figure(
          name: "pareto_\(phase.rawValue)",
          title: "\(phase.rawValue.capitalized): what is kept, by how much faster it is",
          table: name,
          kind: .points(
            x: "speed", xLower: "speed_lower", xUpper: "speed_upper", y: "top1",
            yLower: "top1_lower", yUpper: "top1_upper", label: "way", group: "family",
            front: "on_front"),
          xLabel: "times as fast as float32", yLabel: "next tokens kept",
          logX: true, xReference: 1, xReferenceLabel: "full model", yFromZero: true))
    }
  }

  /// Only as many ways as a reader can distinguish; the table has them all.
  private func drawn(_ phase: PassWorkload.Phase) -> [DrawnRow] {
    var drawn = ways.compactMap { way -> DrawnRow? in
      guard let label = label(way.point) else { return nil }
      var row = DrawnRow()
      (row.label, row.family, row.topOne) = (label, way.point.kind.family, way.topOne)
      row.speed = phase == .prefill ? way.prefill : way.decode
      return row.speed.value.isFinite ? row : nil
    }
    for place in drawn.indices {
      drawn[place].isOnFront = !drawn.contains {
        $0.speed.value > drawn[place].speed.value && $0.topOne.value > drawn[place].topOne.value
      }
    }
    return drawn
  }

  /// A point's label in pictures; `nil` if it is not drawn.
  private func label(_ point: Point) -> String? {
    let sink = point.leavesOutSink ? ", no sink" : ""
    switch (point.kind, point.choice) {
    case (.format, _): return point.setting == "native" ? "stored blocks" : point.setting
    case (.exit, _): return "exit \(point.setting)"
    case (.exitBridged, _): return "exit \(point.setting), bridged"
    case (.hard, .bridges): return "hard skip, bridges' layers\(sink)"
    case (.hard, .hard): return "hard skip, best layers\(sink)"
    case (.hard, .seed): return "hard skip, seed's layers\(sink)"
    case (.both, .other): return "graft and bridge, \(point.skipped.count) layers\(sink)"
    case (.soft, .bridges), (.map, .bridges), (.merged, .bridges), (.graft, .bridges),
      (.both, .bridges):
      return point.rank == 0 ? point.kindText : nil
    default: return nil
    }
  }

  private func tabulateAnswers(_ report: inout Report) {
    let full = ways.first {
      $0.point.kind == .format && $0.point.setting == ComputeType.f32.rawValue
    }
    let compared = ways.flatMap { way in [full, leastHard].compactMap { $0.map { (way, $0) } } }
    let table = compared.compactMap { way, other in
      way.point.name == other.point.name
        ? nil
        : pairs(way, other).map { PairedAnswers(way.point.name, beside: other.point.name, $0) }
    }
    report.tabulate(
      DerivedTable(
        "answers", title: "MMLU: beside the full model, and beside the best hard skip", rows: table)
    )
    if let best, let leastHard, let pair = pairs(best, leastHard) {
      report.summarize(
        "mmlu_gain", pair.differenceEstimate,
        "MMLU accuracy of the best bridge less the best hard skip's", compare: .absolute(0.02),
        show: .percent(1))
    }
  }

  /// Two ways' answers to the questions that both answered; `nil` if there are none.
  private func pairs(_ way: WayRow, _ other: WayRow) -> ClusteredPairs? {
    let others = Dictionary(
      (answers[other.point.name] ?? []).map { ($0.question, $0.isRight) },
      uniquingKeysWith: { first, _ in first })
    let asked = (answers[way.point.name] ?? []).filter { others[$0.question] != nil }
    guard !asked.isEmpty else { return nil }
    return ClusteredPairs(
      asked, by: \.subject, baseline: { others[$0.question] ?? false }, variant: \.isRight)
  }

  private func tabulateSearch(_ report: inout Report) {
    let search = evidence.rows(of: SearchRow.self)
    let found = LayerChoice.Found(
      search, count: Int(evidence.number("budget") ?? 0), others: [],
      bridgeCost: evidence.number("bridge_cost") ?? 0, leastSaving: Exp024.saving)
    report.tabulate(
      DerivedTable(
        "finalists", title: "The best sets of layers, bridges fitted independently",
        rows: Array(found.candidates.prefix(LayerChoice.shown))))
    report.tabulate(
      DerivedTable(
        "hard_skips", title: "The best hard skips of as many layers",
        rows: Array(
          search.filter { $0.bridges == 0 }.sorted { $0.kl < $1.kl }.prefix(LayerChoice.shown))))
    tabulateCategories(&report, everywhere: found.candidates.first?.layers)
    let fits = evidence.rows(of: FitRow.self)
    let run = fits.first?.run ?? ""
    report.tabulate(
      DerivedTable(
        "curve", title: "How much text a bridge over \(run) takes",
        rows: fits.filter { $0.study == "tokens" }))
    report.tabulate(
      DerivedTable(
        "ranks", title: "How much rank a bridge over \(run) needs",
        rows: fits.filter { $0.study == "rank" }))
    report.draw(
      Figure(
        name: "curve", title: "Distance from the full model by fitted tokens", table: "curve",
        kind: .lines(
          x: "tokens", value: "kl", lower: nil, upper: nil, series: "form", ideal: nil),
        xLabel: "tokens that the bridge was fitted to", yLabel: "KL, validation prompts",
        logX: true))
  }

  private func tabulateCategories(_ report: inout Report, everywhere: String?) {
    let groups = Dictionary(grouping: evidence.rows(of: CategoryRow.self), by: \.category)
    var gains: [(sum: Double, positions: Int)] = []
    let table = groups.sorted { $0.key < $1.key }.map { category, rows in
      func judged(_ layers: String?) -> [CategoryRow] {
        rows.filter { $0.isJudging && $0.layers == layers }.sorted { $0.text < $1.text }
      }
      let best = LayerChoice.best(of: rows)
      let (own, common) = (judged(best), judged(everywhere))
      gains += zip(common, own).map { ($0.kl - $1.kl, $0.positions) }
      var row = CategoryResult()
      (row.category, row.layers) = (category, best ?? "")
      (row.kl, row.everywhere) = (LayerChoice.mean(own), LayerChoice.mean(common))
      return row
    }
    report.tabulate(
      DerivedTable("categories", title: "Layers chosen for each category", rows: table))
    report.summarize(
      "category_gain",
      Bootstrap().ratio(gains.map(\.sum), over: gains.map { Double($0.positions) }), unit: "nats",
      "KL spared by choosing layers for each category, on validation prompts that did not choose, "
        + "bridges fitted independently", compare: .absolute(0.02), show: .decimals(3))
  }

  private func tabulateLens(_ report: inout Report) {
    let rows = evidence.rows(of: LensRow.self)
    let table = Set(rows.map(\.layer)).sorted().flatMap { layer in
      ["head alone", "exit bridge"].map { readout in
        let rows = rows.filter { $0.layer == layer && $0.readout == readout }
        var result = LensResult()
        (result.layer, result.readout) = (layer, readout)
        result.agreement = EstimateCells(
          Self.bootstrap.ratio(
            rows.map { Double($0.agreements) }, over: rows.map { Double($0.positions) }))
        return result
      }
    }
    report.tabulate(DerivedTable("lens", title: "What layers say by themselves", rows: table))
    report.draw(
      Figure(
        name: "lens", title: "Agreement of a layer's own readout with the full model",
        table: "lens",
        kind: .lines(
          x: "layer", value: "agreement", lower: "agreement_lower", upper: "agreement_upper",
          series: "readout", ideal: nil),
        xLabel: "layer", yLabel: "positions with the full model's token"))
  }
}
