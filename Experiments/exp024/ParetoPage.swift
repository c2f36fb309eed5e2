import AISHarness
import AISKit

/// Tables and pictures of all ways.
struct ParetoPage {
  let rows: [Exp024.Row]

  func report(in lab: Lab<Exp024.Row>) {
    let shown = rows.filter { !$0.setting.isEmpty }
    lab.tabulate(
      DerivedTable(
        "ways", title: "Quality and time",
        rows: shown.sorted { ($0.kind, $0.prefill) < ($1.kind, $1.prefill) }))
    // Only as many ways as a reader can distinguish; the table has them all.
    let drawn = Set([
      Exp024.Kind.hard, Exp024.Kind.soft, Exp024.Kind.bridge(.graft), Exp024.Kind.bridge(.both),
      Exp024.Kind.exit, Exp024.Kind.exitBridged, Exp024.Kind.format,
    ])
    lab.tabulate(
      DerivedTable(
        "front", title: "Ways that are drawn", rows: shown.filter { drawn.contains($0.kind) },
        isShown: false))
    for (phase, title) in [("decode", "Decode"), ("prefill", "Prefill")] {
      lab.draw(
        Figure(
          name: "pareto_\(phase)", title: "\(title): what is kept, by how much faster it is",
          table: "front", kind: .scatter(x: phase, y: "top1", group: "kind"),
          xLabel: "times as fast as float32, \(phase)",
          yLabel: "positions with the full model's most probable token"))
    }
    if let best = ParetoFindings.best(rows) {
      lab.summarize(
        SummaryValue("layers", best.setting, "the layers that the search leaves out"))
      lab.summarize(
        SummaryValue(
          "best_form", best.kind, "the form with the least KL over them on validation prompts"))
      lab.summarize(
        SummaryValue(
          "best_kl", best.kl, unit: "nats", "its KL on test prompts", compare: .absolute(0.02),
          show: .decimals(3)))
      lab.summarize(
        SummaryValue(
          "best_top1", best.topOne, "its top-1 agreement", compare: .absolute(0.02),
          show: .percent(1)))
      if let hard = rows.first(where: { $0.kind == Exp024.Kind.hard && $0.isMain }) {
        let share = ParetoFindings.savingShare(hard, times: lab.keptTimes)
        lab.summarize(
          SummaryValue(
            "saving_share", share.value, in: share.interval,
            "its share of the time that a hard skip of the same layers saves in prefill",
            compare: .ignored, show: .percent(1)))
        let ratios = ParetoFindings.besideHard(hard, times: lab.keptTimes)
        for (name, ratios, who) in [
          ("full_over_hard", ratios.full, "the full model's"),
          ("best_over_hard", ratios.bridge, "its"),
        ] {
          let ratio = Bootstrap().median(of: ratios)
          lab.summarize(
            SummaryValue(
              name, ratio.value, in: ratio.interval,
              "\(who) time in prefill over that hard skip's, median of \(ratio.count) pairs",
              compare: .ignored, show: .decimals(3)))
        }
      }
    }
  }
}
