import AISKit

/// What a page says about a search for layers and about fits, from a run's raw rows.
package struct StudyTables {
  private static let budget = "budget"
  private static let cost = "bridge_cost"

  private let search: [SearchRow]
  private let categories: [CategoryRow]
  private let fits: [FitRow]
  private let found: LayerChoice.Found

  /// Keeps the facts of a run that its tables need.
  ///
  /// - Parameters:
  ///   - budget: layers that are left out.
  ///   - cost: a bridge's work, in blocks.
  ///   - lab: keeps them.
  /// - Throws: `ResultWriteError` if they cannot be kept.
  package static func note<Row>(budget: Int, cost: Double, in lab: Lab<Row>) throws {
    try lab.note(
      Self.cost, cost, "operations of a map over a block's, prefill of one prompt",
      ValueStyle(unit: "blocks", show: .decimals(3)))
    try lab.note(Self.budget, budget, "layers left out", .hidden)
  }

  /// The tables of a run; `leastSaving` as in `LayerChoice.Found`.
  package init<Row>(_ evidence: Evidence<Row>, leastSaving: Double) {
    search = evidence.rows(of: SearchRow.self)
    categories = evidence.rows(of: CategoryRow.self)
    fits = evidence.rows(of: FitRow.self)
    found = LayerChoice.Found(
      search, count: Int(evidence.number(Self.budget) ?? 0), others: [],
      bridgeCost: evidence.number(Self.cost) ?? 0, leastSaving: leastSaving)
  }

  /// Adds the sets that the search found, what they are worth to each category, and the fits.
  package func tabulate(in report: inout Report) {
    report.tabulate(
      "finalists", "The best sets of layers, bridges fitted independently",
      Array(found.candidates.prefix(LayerChoice.shown)))
    report.tabulate(
      "hard_skips", "The best hard skips of as many layers",
      Array(search.filter { $0.bridges == 0 }.sorted { $0.kl < $1.kl }.prefix(LayerChoice.shown)))
    tabulateCategories(found.candidates.first?.layers, in: &report)
    let run = fits.first?.run ?? ""
    report.tabulate(
      "curve", "How much text a bridge over \(run) takes", fits.filter { $0.study == "tokens" })
    report.tabulate(
      "ranks", "How much rank a bridge over \(run) needs", fits.filter { $0.study == "rank" })
    report.draw(
      .lines(
        "curve", "Distance from the full model by fitted tokens", "kl", by: "tokens",
        hasBand: false, series: "form", xLabel: "tokens that the bridge was fitted to",
        yLabel: "KL, validation prompts", logX: true))
  }

  /// What each category's own set is worth on texts that did not choose it.
  private func tabulateCategories(_ everywhere: String?, in report: inout Report) {
    let groups = Dictionary(grouping: categories, by: \.category)
    typealias Choice = (category: String, layers: String, own: [CategoryRow], common: [CategoryRow])
    let choices: [Choice] = groups.sorted { $0.key < $1.key }.map { category, rows in
      func judged(_ layers: String?) -> [CategoryRow] {
        rows.filter { $0.isJudging && $0.layers == layers }.sorted { $0.text < $1.text }
      }
      let best = LayerChoice.best(of: rows)
      return (category, best ?? "", judged(best), judged(everywhere))
    }
    report.tabulate(
      "categories", "Layers chosen for each category", choices,
      [
        .cell("category", "the category") { $0.category },
        .cell("layers", "the set with the least KL on some of its validation prompts") {
          $0.layers
        },
        .cell("kl", "its KL on others of them", .nats()) { LayerChoice.mean($0.own) },
        .cell("kl_of_best", "KL there of the set that is best over all categories", .nats()) {
          LayerChoice.mean($0.common)
        },
      ])
    let gains = choices.flatMap { choice in
      zip(choice.common, choice.own).map { (sum: $0.kl - $1.kl, positions: $0.positions) }
    }
    report.summarize(
      "category_gain",
      Bootstrap().ratio(gains.map(\.sum), over: gains.map { Double($0.positions) }),
      "KL spared by choosing layers for each category, on validation prompts that did not choose, "
        + "bridges fitted independently", .nats())
  }
}
