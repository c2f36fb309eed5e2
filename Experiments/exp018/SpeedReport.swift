import AISHarness
import AISKit

/// What the page says about speed and quality of each plan.
struct SpeedReport {
  private let evidence: Evidence<Exp018.Row>
  private let speeds: [(row: SpeedRow, efficiency: Estimate)]

  init(_ evidence: Evidence<Exp018.Row>) {
    self.evidence = evidence
    // In the order of timing: by plan, phase and batch.
    var names: [String] = []
    for pair in evidence.rows(of: TimedPair.self) where !names.contains(pair.comparison) {
      names.append(pair.comparison)
    }
    speeds = names.compactMap { Self.speed($0, evidence) }
  }

  var report: Report {
    var report = Report()
    report.judge(findings)
    report.conclude(conclusion)
    report.tabulate(DerivedTable("quality", title: "Quality of the plans", rows: quality))
    report.tabulate(DerivedTable("speed", title: "Speed of the plans", rows: speeds.map(\.row)))
    for phase in PassWorkload.Phase.allCases {
      let name = "\(phase.rawValue)_curve"
      report.tabulate(
        DerivedTable(
          name, title: "\(phase.rawValue) by batch size",
          rows: speeds.map(\.row).filter { $0.phase == phase.rawValue }.map(withQuality),
          isShown: false))
      report.draw(
        Figure(
          name: "\(phase.rawValue)_speedup",
          title: "Speed-up of \(phase.rawValue) by batch size, and next tokens kept", table: name,
          kind: .lines(
            x: "batch", value: "speedup", lower: "speedup_lower", upper: "speedup_upper",
            series: "plan", ideal: "ideal"),
          xLabel: "sequences in the batch", yLabel: "speed-up", reference: 1,
          referenceLabel: "full model", logX: true))
    }
    return report
  }

  private var findings: [NamedFinding] {
    speeds.map { speed in
      NamedFinding(
        "efficiency, \(speed.row.plan), \(speed.row.phase) of \(speed.row.batch)",
        .atLeast(
          speed.efficiency, threshold: Exp018.efficiency, of: "processes",
          fewest: Finding.fewestProcesses))
    }
  }

  private var conclusion: String {
    let ratios = speeds.map(\.row.speedup.value)
    guard let least = ratios.min(), let most = ratios.max() else { return "" }
    let range =
      NumberFormat.text(least, .decimals(1), unit: "") + " to "
      + NumberFormat.text(most, .decimals(1), unit: "")
    let plans = Exp018.NamedPlan.names.filter { name in
      evidence.rows.contains { $0.plan == name }
    }
    let kept = plans.map { "\(agreement($0)) (\($0))" }.joined(separator: ", ")
    return "Half of the layers left out: \(range) times as fast; of next tokens \(kept) stay."
  }

  /// The share of next tokens that a plan keeps, in words.
  private func agreement(_ plan: String) -> String {
    let rows = evidence.rows.filter { $0.plan == plan }
    return NumberFormat.text(Proportion(of: rows.map(\.topOneAgrees)).rate, .percent(0), unit: "")
  }

  /// A row for a picture, whose labels say what each plan keeps: speed says nothing of quality.
  private func withQuality(_ row: SpeedRow) -> SpeedRow {
    var row = row
    row.plan += ", keeps \(agreement(row.plan))"
    return row
  }

  private var quality: [QualityRow] {
    Exp018.NamedPlan.names.compactMap { name -> QualityRow? in
      let rows = evidence.rows.filter { $0.plan == name }
      guard !rows.isEmpty else { return nil }
      var row = QualityRow()
      row.plan = name
      row.layers = evidence.text("layers_\(name)") ?? ""
      row.makesSink = evidence.text("sink_\(name)") ?? ""
      row.prompts = rows.count
      row.topOne = EstimateCells(Proportion(of: rows.map(\.topOneAgrees)).estimate)
      row.kl = EstimateCells(Bootstrap().mean(of: rows.map(\.kl)))
      return row
    }
  }

  private static func speed(
    _ name: String, _ evidence: Evidence<Exp018.Row>
  ) -> (row: SpeedRow, efficiency: Estimate)? {
    guard let key = Exp018.TimedKey(name), let comparison = evidence.comparison(name) else {
      return nil
    }
    let ideal = evidence.idealSpeedup(name) ?? .nan
    let efficiency = comparison.efficiency(ofIdeal: ideal)
    var row = SpeedRow()
    (row.phase, row.batch, row.plan) = (key.phase.rawValue, key.batch, key.plan)
    row.fullMilliseconds = comparison.baselineMilliseconds
    row.leftMilliseconds = comparison.variantMilliseconds
    let results = Double(
      key.batch * (key.phase == .prefill ? 1 : PassWorkload.decodeSteps))
    row.fullRate = results / row.fullMilliseconds * 1_000
    row.leftRate = results / row.leftMilliseconds * 1_000
    row.speedup = EstimateCells(comparison.speedup)
    row.ideal = ideal
    row.efficiency = EstimateCells(efficiency)
    let left = evidence.work(name, isVariant: true)
    row.gigaflops = left.operations / row.leftMilliseconds / 1e6
    row.gigabytes = left.bytes / row.leftMilliseconds / 1e6
    return (row, efficiency)
  }
}

/// A plan's quality.
struct QualityRow: ResultRow {
  var plan = ""
  var layers = ""
  var makesSink = ""
  var prompts = 0
  var topOne = EstimateCells()
  var kl = EstimateCells()

  static let columns = Column<QualityRow>.list(
    [
      Column("plan", \.plan, "which plan: the seed's, or the best one found"),
      Column("layers", \.layers, "layers left out, and how"),
      Column("sink", \.makesSink, "whether it leaves out the layer that makes the attention sink"),
      Column("prompts", \.prompts, "test prompts"),
    ],
    Column.estimate(
      "top1_agreement", \.topOne, "the same most probable token", compare: .absolute(0.02),
      show: .percent(1)),
    Column.estimate(
      "kl_base_skip", \.kl, unit: "nats", "mean KL(base‖skip) of the next token",
      compare: .absolute(1e-2), show: .decimals(3)))
}
