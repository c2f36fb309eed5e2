import AISHarness
import AISKit
import Foundation

/// Tables, pictures and the two findings from the ablation's rows.
struct ImportanceSummary {
  private let rows: [Exp015.Row]
  private let pivot: Int
  private let categories: [String]

  init(rows: [Exp015.Row], pivot: Int) {
    self.rows = rows
    self.pivot = pivot
    categories = Set(rows.map(\.category)).sorted()
  }

  func report(in lab: Lab<Exp015.Row>) throws {
    let cells = cells()
    lab.tabulate(
      DerivedTable(
        ImportanceTable.name, title: "Every part, every category", rows: cells, isShown: false))
    lab.tabulate(DerivedTable("by_layer", title: "Layers, all prompts", rows: byLayer(cells)))
    lab.tabulate(
      DerivedTable("by_group", title: "Groups, by category", rows: byGroup(cells)))
    lab.tabulate(
      DerivedTable("heat", title: "Layers by category", rows: heat(cells), isShown: false))
    lab.draw(
      Figure(
        name: "importance", title: "Cost of leaving one layer out", table: "heat",
        kind: .heatmap(x: "layer", y: "category", value: "log10_kl"), xLabel: "layer",
        yLabel: "category"))
    summarize(cells, in: lab)
  }

  private func summarize(_ cells: [ImportanceTable.Row], in lab: Lab<Exp015.Row>) {
    let layers = byLayer(cells)
    lab.summarize(
      SummaryValue("pivot", pivot, "the layer behind which routing may leave layers out"))
    lab.summarize(
      SummaryValue(
        "prompts", Set(rows.map(\.prompt)).count, "prompts, each with every part left out once"))
    lab.summarize(
      SummaryValue(
        "influence_correlation",
        Correlation.spearman(layers.map(\.blockInfluence), layers.map(\.kl)),
        "Spearman correlation over layers of block influence with KL", compare: .absolute(0.05),
        show: .decimals(2)))
    lab.summarize(
      SummaryValue(
        "last_position_correlation",
        Correlation.spearman(layers.map(\.klLast), layers.map(\.kl)),
        "Spearman correlation over layers of KL at the last position with KL at all",
        compare: .absolute(0.05), show: .decimals(2)))
    let cheapest = freeLayers().min { $0.worstUpper < $1.worstUpper }
    lab.summarize(
      SummaryValue(
        "cheapest_layer", cheapest?.layer ?? -1,
        "behind the pivot, the layer whose dearest category has the lowest upper end"))
    lab.summarize(
      SummaryValue(
        "cheapest_layer_kl", cheapest?.worst ?? .nan, unit: "nats",
        "its KL in that category, 95 % up to \(format(cheapest?.worstUpper ?? .nan))",
        compare: .absolute(1e-3), show: .decimals(4)))
    let test = categoryTest()
    lab.summarize(
      SummaryValue(
        "category_share", test.share,
        "share of the variance of the layers' relative costs that categories explain",
        compare: .absolute(0.02), show: .percent(1)))
    lab.summarize(
      SummaryValue(
        "category_p", test.pValue, "how often shuffled categories explain as much",
        compare: .absolute(0.02), show: .decimals(4)))
  }

  /// Mean costs of every part, for all prompts and for each category.
  private func cells() -> [ImportanceTable.Row] {
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

  private func cell(_ category: String, _ rows: [Exp015.Row]) -> ImportanceTable.Row {
    let kl = Bootstrap(resamples: 1_000).mean(of: rows.map(\.kl))
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

  /// Mean block influence of a layer.
  func influence(of layer: Int) -> Double {
    Bootstrap.mean(
      rows.filter { $0.part == AblationUnit.Part.layer.rawValue && $0.first == layer }
        .map(\.blockInfluence))
  }

  /// Each layer after the pivot, with its cost in the category where it is highest.
  private func freeLayers() -> [(layer: Int, worst: Double, worstUpper: Double, worstLower: Double)]
  {
    let layers = rows.filter { $0.part == AblationUnit.Part.layer.rawValue && $0.first > pivot }
    return Dictionary(grouping: layers, by: \.first).sorted { $0.key < $1.key }.map { layer, rows in
      let costs = categories.map { category in
        Bootstrap(resamples: 1_000).mean(of: rows.filter { $0.category == category }.map(\.kl))
      }
      return (
        layer, costs.map(\.value).max() ?? .nan, costs.map(\.interval.upper).max() ?? .nan,
        costs.map(\.interval.lower).max() ?? .nan
      )
    }
  }

  /// Whether some layer after the pivot costs at most `nats` in every category.
  func freeLayer(atMost nats: Double) -> Finding {
    let layers = freeLayers()
    let fewest =
      Dictionary(grouping: rows, by: \.category).values
      .map { Set($0.map(\.prompt)).count }.min() ?? 0
    guard let best = layers.min(by: { $0.worstUpper < $1.worstUpper }) else {
      return .open("no layer lies after the pivot")
    }
    let cheapest = Finding.atMost(
      Estimate(
        value: best.worst, interval: Interval(lower: best.worstLower, upper: best.worstUpper),
        count: fewest), threshold: nats, of: "prompts in the smallest category",
      show: .decimals(4), unit: "nats", fewest: Finding.fewestObservations)
    // It fails only if every layer costs too much, not just the cheapest.
    return cheapest.needing(
      cheapest.outcome != .fails || layers.allSatisfy { $0.worstLower > nats },
      "another layer may cost less")
  }

  /// Whether the layers' relative costs depend on the category.
  func categoriesDiffer() -> Finding {
    let test = categoryTest()
    let measured =
      "\(NumberFormat.text(test.share, .percent(1), unit: "")) of the variance, p = "
      + format(test.pValue)
    if test.pValue >= 0.05 { return .open("shuffled labels explain as much", measured: measured) }
    return .met(
      true, measured: measured, asked: "p < 0.05",
      sample: "\(Set(rows.map(\.prompt)).count) prompts")
  }

  private func categoryTest() -> (share: Double, pValue: Double) {
    let layers = rows.filter { $0.part == AblationUnit.Part.layer.rawValue && $0.first > pivot }
    let prompts = Dictionary(grouping: layers, by: \.prompt).sorted { $0.key < $1.key }
    let profiles = prompts.map { _, rows in
      // Costs are relative, since on some prompts all layers cost more.
      let logs = rows.sorted { $0.first < $1.first }.map { log10(max($0.kl, 1e-6)) }
      let mean = Bootstrap.mean(logs)
      return logs.map { $0 - mean }
    }
    // Categories differ in prompt length, which may affect costs, so its effect is removed.
    let lengths = prompts.map { log(Double($0.value[0].tokens)) }
    let labels = prompts.map { categories.firstIndex(of: $0.value[0].category) ?? 0 }
    return GroupedVariance.permutationTest(
      GroupedVariance.residuals(profiles, without: lengths), labels: labels, shuffles: 2_000)
  }

  private func format(_ value: Double) -> String { String(format: "%.4f", value) }
}
