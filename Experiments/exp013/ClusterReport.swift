import AISHarness
import AISKit

/// What the page says about how well categories separate, from each prompt's neighbours.
struct ClusterReport {
  private let evidence: Evidence<Exp013.Row>
  private let map: [MapPromptRow]
  private let heldOut: [HeldOutRow]
  private let categories: [String]
  private let homogeneity: Estimate
  private let silhouette: Estimate
  private let accuracy: Proportion

  init(_ evidence: Evidence<Exp013.Row>) {
    self.evidence = evidence
    map = evidence.rows(of: MapPromptRow.self)
    heldOut = evidence.rows(of: HeldOutRow.self)
    categories = Set(map.map(\.category) + heldOut.map(\.category)).sorted()
    homogeneity = Bootstrap(resamples: 1_000).mean(of: map.map(\.sameCategory))
    silhouette = Bootstrap(resamples: 1_000).mean(of: map.map(\.silhouette))
    accuracy = Proportion(of: heldOut.map(\.isRight))
  }

  var report: Report {
    var report = Report()
    report.judge(findings)
    report.conclude(conclusion)
    summarizeReading(in: &report)
    summarize(in: &report)
    tabulateSeparation(in: &report)
    tabulateConfusion(in: &report)
    report.tabulate("picture", "The map's prompts", map, isShown: false)
    if !map.isEmpty {
      report.draw(
        Figure(
          name: "map", title: "Prompts at the pivot layer (UMAP)", table: "picture",
          kind: .scatter(x: "x", y: "y", group: "category")))
    }
    if !heldOut.isEmpty {
      report.draw(
        Figure(
          name: "confusion", title: "What held-out prompts are taken for", table: "confusion",
          kind: .heatmap(x: "vote", y: "category", value: "share"),
          xLabel: "neighbours' vote", yLabel: "own category"))
    }
    return report
  }

  private var findings: [NamedFinding] {
    func mean(_ estimate: Estimate, _ threshold: Double, _ presentation: Presentation) -> Finding {
      map.isEmpty
        ? .open("no prompts were measured")
        : .atLeast(estimate, threshold: threshold, of: "prompts", show: presentation)
    }
    return [
      NamedFinding("held out", .atLeast(accuracy, threshold: Exp013.accuracy, of: "prompts")),
      NamedFinding("homogeneity", mean(homogeneity, Exp013.homogeneity, .decimals(3))),
      NamedFinding("silhouette", mean(silhouette, Exp013.silhouette, .decimals(4))),
    ]
  }

  private var conclusion: String {
    guard accuracy.trials > 0 else { return "" }
    return
      "Neighbours tell the category of \(accuracy.rate.shown(.percent(1))) of held-out prompts "
      + "(\(Exp013.accuracy.shown(.percent(0))) asked; always the most frequent: "
      + "\(majority.shown(.percent(1))))."
  }

  // MARK: - Figures

  private func summarizeReading(in report: inout Report) {
    // Probes that were on disk already were not timed.
    let windows = evidence.timings["window"] ?? []
    let timed = min(windows.count * CorpusProbes.window, evidence.rows.count)
    let seconds = windows.reduce(0, +)
    let tokens = evidence.rows.reduce(0) { $0 + $1.tokens }
    report.summarize(
      "reading_time", seconds,
      "reading \(timed) prompts through the pivot; all have \(tokens) tokens",
      .unchecked(1, unit: "s")
    )
    report.summarize(
      "prompts_per_second", Double(timed) / seconds, "prompts read a second", .unchecked(1))
  }

  private func summarize(in report: inout Report) {
    report.summarize(
      "homogeneity", homogeneity,
      "neighbours of the same category, leave-one-out; by chance " + chance.shown(.decimals(3)),
      .decimals(4, within: 0.01))
    report.summarize(
      "silhouette", silhouette, "mean silhouette of the map's prompts", .decimals(4, within: 0.01))
    report.summarize(
      "held_out_accuracy", accuracy.estimate,
      "k-NN accuracy, n = \(accuracy.trials), always the most frequent: "
        + majority.shown(.percent(1)), .share)
    report.summarize(
      "held_out_accuracy_centred", Proportion(of: heldOut.map(\.isRightCentred)).estimate,
      "the same with the map's mean probe taken off", .share)
  }

  private func count(_ category: String) -> Int { map.count { $0.category == category } }

  /// The expected share of neighbours of the same category if they were drawn at random.
  private var chance: Double {
    let same = categories.map { Double(count($0) * (count($0) - 1)) }.reduce(0, +)
    return same / Double(max(map.count * (map.count - 1), 1))
  }

  /// The accuracy of always voting for the map's most frequent category.
  private var majority: Double {
    let most = categories.min { (count($1), $0) < (count($0), $1) }
    return Proportion(of: heldOut.map { $0.category == most }).rate
  }

  // MARK: - Tables

  private func tabulateSeparation(in report: inout Report) {
    let groups = categories.map { category in
      (
        category: category, map: map.filter { $0.category == category },
        heldOut: heldOut.filter { $0.category == category }
      )
    }
    report.tabulate(
      "separation", "By category", groups,
      [
        .cell("category", "the category") { $0.category },
        .cell("prompts", "prompts of the map split") { $0.map.count },
        .cell("chance", "share of all map prompts", .share(within: 1e-6)) {
          Double($0.map.count) / Double(map.count)
        },
        .cell(
          "homogeneity", "neighbours of the same category, leave-one-out", .share(within: 0.01)
        ) { Bootstrap.mean($0.map.map(\.sameCategory)) },
        .cell(
          "silhouette", "mean silhouette, cosine distance", .decimals(3, within: 0.005)
        ) { Bootstrap.mean($0.map.map(\.silhouette)) },
        .cell("held_out", "prompts of the test split") { $0.heldOut.count },
        .estimate("recall", "of those, recognised by their neighbours' vote", .share) {
          Proportion(of: $0.heldOut.map(\.isRight)).estimate
        },
      ])
  }

  private func tabulateConfusion(in report: inout Report) {
    let pairs = categories.flatMap { own in categories.map { (own: own, vote: $0) } }
    report.tabulate(
      "confusion", "Taken for", pairs, isShown: false,
      [
        .cell("category", "the prompts' own category") { $0.own },
        .cell("vote", "their neighbours' vote") { $0.vote },
        .cell("share", "share of the category's held-out prompts", .share) { pair in
          Proportion(
            of: heldOut.filter { $0.category == pair.own }.map { $0.vote == pair.vote }
          ).rate
        },
      ])
  }
}
