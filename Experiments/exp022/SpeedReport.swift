import AISHarness

/// What the page says about time and exits.
struct SpeedReport {
  private let evidence: Evidence<Exp022.Row>
  private let speeds: [Speed]

  init(_ evidence: Evidence<Exp022.Row>) {
    self.evidence = evidence
    speeds = evidence.rows.grouped(by: \.name).compactMap { Speed($0.rows, evidence) }
  }

  var report: Report {
    var report = Report()
    report.judge(speeds.compactMap(finding))
    report.conclude(conclusion)
    for speed in speeds where speed.first.variant == SpeedVariant.overhead.name {
      report.summarize(
        "overhead_\(speed.first.phase)_\(speed.first.batch)", speed.comparison.overhead,
        "\(speed.first.phase) of \(speed.first.batch): time added by routers while no token exits",
        .uncheckedShare(digits: 1))
    }
    tabulateExits(in: &report)
    let all = SpeedVariant.judged + SpeedVariant.scheduled + SpeedVariant.loops
    report.tabulate(
      "variants", "Variants", all,
      [
        .cell("variant", "its name in the rows", \.name),
        .cell("meaning", "which tokens exit where", \.meaning),
      ])
    report.tabulate("speed", "Speed of the variants", speeds, Speed.cells)
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
    let drawn = speeds.filter {
      $0.first.phase == phase.rawValue && names.contains($0.first.variant)
    }
    report.tabulate("\(name)_curves", title, drawn, isShown: false, Speed.cells)
    report.draw(
      .lines(
        "\(name)_speedup", title, of: "\(name)_curves", "speedup", by: "batch", series: "variant",
        xLabel: "sequences in the batch", yLabel: "speed-up", reference: 1,
        referenceLabel: "full model", logX: true, panelPerFile: true))
  }

  private func finding(_ speed: Speed) -> NamedFinding? {
    let row = speed.first
    guard let criterion = SpeedItem.criterion(row.phase, row.batch, row.variant) else { return nil }
    let (estimate, threshold) =
      switch criterion {
      // At most 3 % more time is a speed-up of at least 1 / 1.03.
      case "overhead":
        (speed.comparison.speedup, 1 / (1 + Double(Exp022.overheadPercent) / 100))
      case "routed": (speed.comparison.speedup, 1)
      case "efficiency of one": (speed.depthEfficiency, Exp022.efficiencyOfOne)
      default: (speed.depthEfficiency, Exp022.efficiencyInBatches)
      }
    return NamedFinding(
      "\(criterion), \(row.phase) of \(row.batch)", .timed(estimate, atLeast: threshold))
  }

  private var conclusion: String {
    let routed = speeds.filter {
      $0.first.variant == SpeedVariant.routed.name
        && $0.first.phase == PassWorkload.Phase.decode.rawValue
    }
    if routed.isEmpty { return "" }
    let parts = routed.map { speed in
      let speedup = speed.comparison.speedup
      let range = speedup.anytime
      let word = range.lower >= 1 ? "faster" : range.upper < 1 ? "slower" : "undecided"
      return "of \(speed.first.batch) \(word) (\(speedup.value.shown(.decimals(2))) times)"
    }
    return "Decode by trained routers, beside the full model: "
      + parts.joined(separator: ", ") + "."
  }

  private func tabulateExits(in report: inout Report) {
    func exits(_ rows: [Exp022.Row]) -> ClusteredShare {
      ClusteredShare(successes: rows.map(\.exited), trials: rows.map(\.tokens))
    }
    report.tabulate(
      "exits", "Tokens that exit by the trained routers at \(Exp022.trialThreshold)",
      evidence.rows.filter { $0.variant == SpeedVariant.routed.name }.grouped(by: \.name),
      [
        .cell("phase", Exp022.phaseMeaning, \.rows[0].phase),
        .cell("batch", "sequences", \.rows[0].batch),
        .cell("prompts", "prompts of the test split", \.rows.count),
        .cell("tokens", "routed tokens", .relative(0.1)) { exits($0.rows).rows.trials },
        .estimate(
          "exit_rate", "share of them that exited; prompts are resampled", .share(within: 0.05)
        ) { exits($0.rows).estimate },
        .cell("design_effect", "times the variance of as many independent tokens", .unchecked(1)) {
          exits($0.rows).designEffect
        },
        .estimate(
          "mean_depth", "blocks run for a token; prompts are resampled",
          .decimals(2, within: 0.5, unit: "layers")
        ) {
          Bootstrap().ratio(
            $0.rows.map { Double($0.executedLayers) }, over: $0.rows.map { Double($0.tokens) })
        },
        .cell("exits", "after which layers they exit", .unchecked) {
          ExitCounts(sum: $0.rows.map { ExitCounts(text: $0.exits) })
            .shares(of: exits($0.rows).rows.trials)
        },
      ])
  }
}
