import AISHarness
import AISKit
import Foundation

/// What the page says about layers' costs, from the ablation's rows.
struct ImportanceReport {
  static let pivotFact = "pivot"
  /// Enough for intervals of three digits; a page has nearly a thousand.
  private static let bootstrap = Bootstrap(resamples: 1_000)

  private let rows: [Exp015.Row]
  private let categories: [String]
  /// The rows of whole layers after the pivot.
  private let routable: [Exp015.Row]
  let cells: [ImportanceTable.Row]

  init(_ evidence: Evidence<Exp015.Row>) {
    rows = evidence.rows
    categories = Set(rows.map(\.category)).sorted()
    let pivot = Int(evidence.number(Self.pivotFact) ?? 0)
    routable = rows.filter { $0.part == AblationUnit.Part.layer.rawValue && $0.first > pivot }
    cells = Self.cells(rows, categories)
  }

  var report: Report {
    var report = Report()
    let (free, effect) = (freeLayer, categoryEffect)
    report.judge("free layer", free)
    report.judge("category", effect.finding)
    report.conclude(conclusion(free, effect))
    summarize(effect, in: &report)
    report.tabulate(ImportanceTable.name, "Every part, every category", cells, isShown: false)
    report.tabulate(
      "category_effect", "Do categories differ?", effect.tests,
      [
        .cell("left_out", "the category whose prompts are left out", \.leftOut),
        .cell("prompts", "prompts of the others", \.count),
        .cell(
          "share", "share of the variance of the layers' relative costs that categories explain",
          .share, \.share),
        .cell(
          "p", "how often shuffled categories explain as much; counts for one look",
          .decimals(4, within: 0.02), \.pValue),
      ])
    tabulateLayers(in: &report)
    tabulateGroups(in: &report)
    tabulateHeat(in: &report)
    report.draw(
      Figure(
        name: "importance", title: "Cost of leaving one layer out", table: "heat",
        kind: .heatmap(x: "layer", y: "category", value: "log10_kl"), xLabel: "layer",
        yLabel: "category"))
    return report
  }

  private func summarize(_ effect: GroupEffect, in report: inout Report) {
    let layers = layerCells
    report.summarize(
      "prompts", Set(rows.map(\.prompt)).count, "prompts, each with every part left out once")
    report.summarize(
      "influence_correlation", Correlation.spearman(layers.map(blockInfluence), layers.map(\.kl)),
      "Spearman correlation over layers of block influence with KL", .decimals(2, within: 0.05))
    report.summarize(
      "last_position_correlation", Correlation.spearman(layers.map(\.klLast), layers.map(\.kl)),
      "Spearman correlation over layers of KL at the last position with KL at all",
      .decimals(2, within: 0.05))
    let cheapest = cheapestLayer
    report.summarize(
      "cheapest_layer", cheapest?.first ?? -1, "after the pivot, the layer of the lowest mean cost")
    report.summarize(
      "cheapest_layer_kl", cheapest?.cost, "its mean cost over all prompts",
      .nats(4, within: 1e-3))
    let safest = dearestCosts.min { $0.cost.value < $1.cost.value }
    report.summarize(
      "cheapest_at_worst", safest?.layer ?? -1,
      "after the pivot, the layer that costs least in its dearest category")
    report.summarize(
      "cheapest_at_worst_kl", safest?.cost,
      "its mean cost in that category, \(safest?.category ?? "none")", .nats(4, within: 1e-3))
    report.summarize(
      "category_share", effect.whole.share,
      "share of the variance of the layers' relative costs that categories explain", .share)
    report.summarize(
      "category_p", effect.whole.pValue, "how often shuffled categories explain as much",
      .decimals(4, within: 0.02))
  }

  private func conclusion(_ free: Finding, _ effect: GroupEffect) -> String {
    guard let layer = cheapestLayer else { return "" }
    let cost = layer.kl.shown(.decimals(3), unit: "nats")
    let judged = [.holds: ", and is free", .fails: ", so none is free"][free.outcome] ?? ""
    return "Leaving out the cheapest layer, \(layer.first), costs \(cost)\(judged); "
      + "\(effect.words("categories"))."
  }

  /// Whether the relative costs of whole layers after the pivot depend on the category.
  private var categoryEffect: GroupEffect {
    let prompts = Dictionary(grouping: routable, by: \.prompt).sorted { $0.key < $1.key }
      .map { $0.value.sorted { $0.first < $1.first } }
    let width = prompts.map(\.count).max() ?? 0
    let whole = prompts.filter { $0.count == width }
    let profiles = whole.map { rows in
      // Costs are relative, since on some prompts all layers cost more.
      let logs = rows.map { log10(max($0.kl, 1e-6)) }
      let mean = Bootstrap.mean(logs)
      return logs.map { $0 - mean }
    }
    // Categories differ in prompt length, which may affect costs, so its effect is removed.
    return GroupEffect(
      profiles, groups: whole.map { $0[0].category },
      without: whole.map { log(Double($0[0].tokens)) }, items: "prompts")
  }

  // MARK: - Costs

  /// Mean costs of every part, for all prompts and for each category.
  private static func cells(
    _ rows: [Exp015.Row], _ categories: [String]
  ) -> [ImportanceTable.Row] {
    let units = rows.grouped { "\($0.part) \($0.first) \($0.last)" }
    return ([ImportanceTable.allCategories] + categories).flatMap { category in
      units.map { unit in
        cell(
          category,
          unit.rows.filter {
            category == ImportanceTable.allCategories || $0.category == category
          })
      }
    }
  }

  private static func cell(_ category: String, _ rows: [Exp015.Row]) -> ImportanceTable.Row {
    let kl = bootstrap.mean(of: rows.map(\.kl))
    var cell = ImportanceTable.Row()
    cell.category = category
    cell.part = rows.first?.part ?? ""
    cell.first = rows.first?.first ?? 0
    cell.last = rows.first?.last ?? 0
    cell.prompts = rows.count
    cell.kl = kl.value
    cell.klLower = kl.interval.lower
    cell.klUpper = kl.interval.upper
    cell.klLast = Bootstrap.mean(rows.map(\.klLast))
    cell.topOneAgreement = Bootstrap.mean(rows.map(\.topOneAgreement))
    return cell
  }

  private func cells(_ part: AblationUnit.Part) -> [ImportanceTable.Row] {
    cells.filter { $0.part == part.rawValue }
  }

  /// The layer after the pivot of the lowest mean cost.
  private var cheapestLayer: ImportanceTable.Row? {
    let layers = Set(routable.map(\.first))
    return cells(.layer)
      .filter { $0.category == ImportanceTable.allCategories && layers.contains($0.first) }
      .min { $0.kl < $1.kl }
  }

  /// Each layer after the pivot, with its cost in the category where it is highest.
  ///
  /// Each end of the interval is the highest of the categories' own, since the layer must be cheap
  /// in all of them.
  private var dearestCosts: [(layer: Int, category: String, cost: Estimate)] {
    let fewest =
      Dictionary(grouping: rows, by: \.category).values.map { Set($0.map(\.prompt)).count }.min()
    let costs = Dictionary(
      grouping: cells(.layer).filter { $0.category != ImportanceTable.allCategories },
      by: \.first)
    return Set(routable.map(\.first)).sorted().compactMap { layer in
      let own = costs[layer] ?? []
      guard let dearest = own.max(by: { $0.kl < $1.kl }), let lower = own.map(\.klLower).max(),
        let upper = own.map(\.klUpper).max()
      else { return nil }
      return (
        layer, dearest.category,
        Estimate(
          value: dearest.kl, interval: Interval(lower: lower, upper: upper), count: fewest ?? 0)
      )
    }
  }

  /// Whether some layer after the pivot costs little in every category.
  private var freeLayer: Finding {
    let findings = dearestCosts.sorted { $0.cost.value < $1.cost.value }.map {
      Finding.atMost(
        $0.cost, threshold: Exp015.freeLayerNats, of: "prompts in the smallest category",
        show: .decimals(4), unit: "nats")
    }
    guard let cheapest = findings.first else { return .open("no layer lies after the pivot") }
    // It fails only if every layer costs too much, not just the cheapest.
    return cheapest.needing(
      cheapest.outcome != .fails || findings.allSatisfy { $0.outcome == .fails },
      "another layer may cost less")
  }

  // MARK: - Tables

  /// The costs of single layers over all prompts.
  private var layerCells: [ImportanceTable.Row] {
    cells(.layer).filter { $0.category == ImportanceTable.allCategories }
  }

  private func blockInfluence(_ cell: ImportanceTable.Row) -> Double {
    Bootstrap.mean(
      rows.filter { $0.part == AblationUnit.Part.layer.rawValue && $0.first == cell.first }
        .map(\.blockInfluence))
  }

  private func tabulateLayers(in report: inout Report) {
    func cost(of part: AblationUnit.Part, _ layer: Int) -> Double {
      cells(part).first {
        $0.category == ImportanceTable.allCategories && $0.first == layer
      }?.kl ?? .nan
    }
    let style = ValueStyle.nats(4, within: 1e-3)
    report.tabulate(
      "by_layer", "Layers, all prompts", layerCells,
      [
        .cell("layer", "the layer left out", \.first),
        .estimate("kl_base_skip", "cost of the whole layer", style, \.cost),
        .cell("kl_last", "cost at the last position", style, \.klLast),
        .cell("kl_attention", "cost of its attention alone", style) {
          cost(of: .attention, $0.first)
        },
        .cell("kl_feed_forward", "cost of its feed-forward network alone", style) {
          cost(of: .feedForward, $0.first)
        },
        .cell(
          "top1_agreement", "share of positions with the same top token", .share,
          \.topOneAgreement),
        .cell(
          "block_influence", "1 − cos(input, output)", .decimals(4, within: 1e-3), blockInfluence),
      ])
  }

  private func tabulateGroups(in report: inout Report) {
    report.tabulate(
      "by_group", "Groups, by category", cells(.group),
      [
        .cell("category", "the prompts' category", \.category),
        .cell("group", "the layers left out together") { LayerRun($0.first, $0.last).text },
        .estimate("kl_base_skip", "cost of the whole group", .nats(within: 1e-3), \.cost),
      ])
  }

  private func tabulateHeat(in report: inout Report) {
    report.tabulate(
      "heat", "Layers by category", cells(.layer), isShown: false,
      [
        .cell("layer", "the layer left out", \.first),
        .cell("category", "the prompts' category", \.category),
        .cell("log10_kl", "log10 of KL(base‖skip) in nats", .decimals(2, within: 0.02)) {
          log10(max($0.kl, 1e-6))
        },
      ])
  }
}

extension ImportanceTable.Row {
  /// The mean cost with its interval.
  fileprivate var cost: Estimate {
    Estimate(value: kl, interval: Interval(lower: klLower, upper: klUpper), count: prompts)
  }
}
