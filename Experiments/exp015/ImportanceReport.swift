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
    let (free, effect) = (freeLayer, CategoryEffect(routable))
    report.judge("free layer", free)
    report.judge("category", effect.finding)
    report.conclude(conclusion(free, effect))
    summarize(effect, in: &report)
    report.tabulate(
      DerivedTable(
        ImportanceTable.name, title: "Every part, every category", rows: cells, isShown: false))
    report.tabulate(
      DerivedTable("category_effect", title: "Do categories differ?", rows: effect.tests))
    report.tabulate(DerivedTable("by_layer", title: "Layers, all prompts", rows: byLayer))
    report.tabulate(DerivedTable("by_group", title: "Groups, by category", rows: byGroup))
    report.tabulate(DerivedTable("heat", title: "Layers by category", rows: heat, isShown: false))
    report.draw(
      Figure(
        name: "importance", title: "Cost of leaving one layer out", table: "heat",
        kind: .heatmap(x: "layer", y: "category", value: "log10_kl"), xLabel: "layer",
        yLabel: "category"))
    return report
  }

  private func summarize(_ effect: CategoryEffect, in report: inout Report) {
    let layers = byLayer
    report.summarize(
      SummaryValue(
        "prompts", Set(rows.map(\.prompt)).count, "prompts, each with every part left out once"))
    report.summarize(
      SummaryValue(
        "influence_correlation",
        Correlation.spearman(layers.map(\.blockInfluence), layers.map(\.kl.value)),
        "Spearman correlation over layers of block influence with KL", compare: .absolute(0.05),
        show: .decimals(2)))
    report.summarize(
      SummaryValue(
        "last_position_correlation",
        Correlation.spearman(layers.map(\.klLast), layers.map(\.kl.value)),
        "Spearman correlation over layers of KL at the last position with KL at all",
        compare: .absolute(0.05), show: .decimals(2)))
    let cheapest = cheapestLayer
    report.summarize(
      SummaryValue(
        "cheapest_layer", cheapest?.first ?? -1,
        "after the pivot, the layer of the lowest mean cost"))
    report.summarize(
      SummaryValue(
        "cheapest_layer_kl", cheapest?.kl ?? .nan,
        in: cheapest.map { Interval(lower: $0.klLower, upper: $0.klUpper) }, unit: "nats",
        "its mean cost over all prompts", compare: .absolute(1e-3), show: .decimals(4)))
    let safest = dearestCosts.min { $0.cost.value < $1.cost.value }
    report.summarize(
      SummaryValue(
        "cheapest_at_worst", safest?.layer ?? -1,
        "after the pivot, the layer that costs least in its dearest category"))
    report.summarize(
      SummaryValue(
        "cheapest_at_worst_kl", safest?.cost.value ?? .nan, in: safest?.cost.interval,
        unit: "nats", "its mean cost in that category, \(safest?.category ?? "none")",
        compare: .absolute(1e-3), show: .decimals(4)))
    report.summarize(
      SummaryValue(
        "category_share", effect.whole.share,
        "share of the variance of the layers' relative costs that categories explain",
        compare: .absolute(0.02), show: .percent(1)))
    report.summarize(
      SummaryValue(
        "category_p", effect.whole.pValue, "how often shuffled categories explain as much",
        compare: .absolute(0.02), show: .decimals(4)))
  }

  private func conclusion(_ free: Finding, _ effect: CategoryEffect) -> String {
    guard let layer = cheapestLayer else { return "" }
    let cost = NumberFormat.text(layer.kl, .decimals(3), unit: "nats")
    let judged = [.holds: ", and is free", .fails: ", so none is free"][free.outcome] ?? ""
    return "Leaving out the cheapest layer, \(layer.first), costs \(cost)\(judged); "
      + "\(effect.words)."
  }

  // MARK: - Costs

  /// Mean costs of every part, for all prompts and for each category.
  private static func cells(
    _ rows: [Exp015.Row], _ categories: [String]
  ) -> [ImportanceTable.Row] {
    var order: [String] = []
    var units: [String: [Exp015.Row]] = [:]
    for row in rows {
      let key = "\(row.part) \(row.first) \(row.last)"
      if units[key] == nil { order.append(key) }
      units[key, default: []].append(row)
    }
    return ([ImportanceTable.allCategories] + categories).flatMap { category in
      order.map { key in
        let chosen = (units[key] ?? []).filter {
          category == ImportanceTable.allCategories || $0.category == category
        }
        return cell(category, chosen)
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

  private var byLayer: [LayerCostRow] {
    let all = cells.filter { $0.category == ImportanceTable.allCategories }
    func cost(_ part: AblationUnit.Part, _ layer: Int) -> Double {
      all.first { $0.part == part.rawValue && $0.first == layer }?.kl ?? .nan
    }
    let influence = Dictionary(
      grouping: rows.filter { $0.part == AblationUnit.Part.layer.rawValue }, by: \.first)
    return all.filter { $0.part == AblationUnit.Part.layer.rawValue }.map { cell in
      var row = LayerCostRow()
      row.layer = cell.first
      row.kl = cell.cost
      row.klLast = cell.klLast
      row.attentionKL = cost(.attention, cell.first)
      row.feedForwardKL = cost(.feedForward, cell.first)
      row.topOneAgreement = cell.topOneAgreement
      row.blockInfluence = Bootstrap.mean((influence[cell.first] ?? []).map(\.blockInfluence))
      return row
    }
  }

  private var byGroup: [GroupCostRow] {
    cells(.group).map { cell in
      var row = GroupCostRow()
      row.category = cell.category
      row.group = LayerRun(cell.first, cell.last).text
      row.kl = cell.cost
      return row
    }
  }

  private var heat: [HeatRow] {
    cells(.layer).map {
      HeatRow(layer: $0.first, category: $0.category, logKL: log10(max($0.kl, 1e-6)))
    }
  }
}

extension ImportanceTable.Row {
  /// The mean cost as cells of another table.
  fileprivate var cost: EstimateCells {
    var cells = EstimateCells()
    (cells.value, cells.lower, cells.upper) = (kl, klLower, klUpper)
    return cells
  }
}
