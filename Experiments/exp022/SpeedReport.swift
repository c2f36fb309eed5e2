import AISHarness

/// What the page says about time and exits.
struct SpeedReport {
  private let evidence: Evidence<Exp022.Row>
  private let speeds: [Speed]

  private struct Speed {
    var row: SpeedRow
    let speedup: Estimate
    let depthEfficiency: Estimate
    let overhead: Estimate
  }

  init(_ evidence: Evidence<Exp022.Row>) {
    self.evidence = evidence
    speeds = Self.groups(evidence.rows).compactMap { Self.speed($0, evidence) }
  }

  /// Rows of one variant, phase and batch size together, in the order of the work.
  private static func groups(_ rows: [Exp022.Row]) -> [[Exp022.Row]] {
    let groups = Dictionary(grouping: rows, by: \.name)
    var seen: Set<String> = []
    return rows.map(\.name).filter { seen.insert($0).inserted }.compactMap { groups[$0] }
  }

  private static func speed(_ rows: [Exp022.Row], _ evidence: Evidence<Exp022.Row>) -> Speed? {
    guard let first = rows.first, let comparison = evidence.comparison(first.name) else {
      return nil
    }
    func sum(_ path: KeyPath<Exp022.Row, Int>) -> Double {
      Double(rows.reduce(0) { $0 + $1[keyPath: path] })
    }
    var row = SpeedRow()
    (row.phase, row.batch, row.variant) = (first.phase, first.batch, first.variant)
    row.exitRate = sum(\.exited) / sum(\.tokens)
    row.meanDepth = sum(\.executedLayers) / sum(\.tokens)
    row.passDepth = sum(\.passLayers) / sum(\.passes)
    // Every prompt's row has its batch's counts.
    row.computedRowLayers = Int(sum(\.computedRowLayers)) / max(first.batch, 1)
    row.filledRowLayers = Int(sum(\.filledRowLayers)) / max(first.batch, 1)
    row.fullMilliseconds = comparison.baselineMilliseconds
    row.exitMilliseconds = comparison.variantMilliseconds
    let isPrefill = first.phase == PassWorkload.Phase.prefill.rawValue
    let results = Double(first.batch * (isPrefill ? 1 : GivenText.stretchSteps))
    row.fullRate = results / row.fullMilliseconds * 1_000
    row.rate = results / row.exitMilliseconds * 1_000
    row.speedup = EstimateCells(comparison.speedup)
    row.depthIdeal = evidence.idealSpeedup(SpeedRow.sharedWork(first.name)) ?? .nan
    let efficiency = comparison.efficiency(ofIdeal: row.depthIdeal)
    row.depthEfficiency = EstimateCells(efficiency)
    row.workIdeal = evidence.idealSpeedup(first.name) ?? .nan
    row.workEfficiency = row.speedup.value / row.workIdeal
    return Speed(
      row: row, speedup: comparison.speedup, depthEfficiency: efficiency,
      overhead: comparison.overhead)
  }

  var report: Report {
    var report = Report()
    report.judge(speeds.compactMap(finding))
    report.conclude(conclusion)
    for speed in speeds where speed.row.variant == SpeedVariant.overhead.name {
      report.summarize(
        "overhead_\(speed.row.phase)_\(speed.row.batch)", speed.overhead,
        "\(speed.row.phase) of \(speed.row.batch): time added by routers while no token exits",
        compare: .ignored, show: .percent(1))
    }
    report.tabulate(
      DerivedTable(
        "exits", title: "Tokens that exit by the trained routers at \(Exp022.trialThreshold)",
        rows: Self.groups(evidence.rows.filter { $0.variant == SpeedVariant.routed.name })
          .compactMap(exitLine)))
    let all = SpeedVariant.judged + SpeedVariant.scheduled + SpeedVariant.loops
    report.tabulate(
      DerivedTable(
        "variants", title: "Variants",
        rows: all.map { VariantRow(name: $0.name, meaning: $0.meaning) }))
    report.tabulate(
      DerivedTable("speed", title: "Speed of the variants", rows: speeds.map(\.row)))
    draw("decode", .decode, SpeedVariant.judged, "Speed-up of decode by token exit", &report)
    draw(
      "variants", .decode, SpeedVariant.scheduled + SpeedVariant.loops,
      "Speed-up of decode by other ways to exit", &report)
    draw(
      "prefill", .prefill, SpeedVariant.judged + SpeedVariant.scheduled,
      "Speed-up of prefill by token exit", &report)
    return report
  }

  private func draw(
    _ name: String, _ phase: PassWorkload.Phase, _ variants: [SpeedVariant], _ title: String,
    _ report: inout Report
  ) {
    let names = variants.map(\.name)
    let rows = speeds.map(\.row).filter {
      $0.phase == phase.rawValue && names.contains($0.variant)
    }
    report.tabulate(DerivedTable("\(name)_curves", title: title, rows: rows, isShown: false))
    report.draw(
      Figure(
        name: "\(name)_speedup", title: title, table: "\(name)_curves",
        kind: .lines(
          x: "batch", value: "speedup", lower: "speedup_lower", upper: "speedup_upper",
          series: "variant", ideal: nil),
        xLabel: "sequences in the batch", yLabel: "speed-up", reference: 1,
        referenceLabel: "full model", logX: true, panelPerFile: true))
  }

  private func finding(_ speed: Speed) -> NamedFinding? {
    let row = speed.row
    guard let criterion = SpeedItem.criterion(row.phase, row.batch, row.variant) else { return nil }
    func atLeast(_ threshold: Double, _ estimate: Estimate) -> NamedFinding {
      NamedFinding(
        "\(criterion), \(row.phase) of \(row.batch)",
        .atLeast(
          estimate, threshold: threshold, of: "processes", fewest: Finding.fewestProcesses))
    }
    return switch criterion {
    // At most 3 % more time is a speed-up of at least 1 / 1.03.
    case "overhead": atLeast(1 / (1 + Double(Exp022.overheadPercent) / 100), speed.speedup)
    case "routed": atLeast(1, speed.speedup)
    case "efficiency of one": atLeast(Exp022.efficiencyOfOne, speed.depthEfficiency)
    default: atLeast(Exp022.efficiencyInBatches, speed.depthEfficiency)
    }
  }

  private var conclusion: String {
    let routed = speeds.filter {
      $0.row.variant == SpeedVariant.routed.name
        && $0.row.phase == PassWorkload.Phase.decode.rawValue
    }
    if routed.isEmpty { return "" }
    let parts = routed.map { speed in
      let range = speed.speedup.anytime
      let word = range.lower >= 1 ? "faster" : range.upper < 1 ? "slower" : "undecided"
      let times = NumberFormat.text(speed.speedup.value, .decimals(2), unit: "")
      return "of \(speed.row.batch) \(word) (\(times) times)"
    }
    return "Decode by trained routers, beside the full model: "
      + parts.joined(separator: ", ") + "."
  }

  private func exitLine(_ rows: [Exp022.Row]) -> ExitLine? {
    guard let first = rows.first else { return nil }
    let share = ClusteredShare(successes: rows.map(\.exited), trials: rows.map(\.tokens))
    var line = ExitLine()
    (line.phase, line.batch) = (first.phase, first.batch)
    (line.prompts, line.tokens) = (rows.count, share.rows.trials)
    line.exitRate = EstimateCells(share.estimate)
    line.designEffect = share.designEffect
    line.meanDepth = EstimateCells(
      Bootstrap().ratio(
        rows.map { Double($0.executedLayers) }, over: rows.map { Double($0.tokens) }))
    line.exits = ExitCounts(sum: rows.map { ExitCounts(text: $0.exits) })
      .shares(of: share.rows.trials)
    return line
  }
}
