import AISHarness
import AISKit

/// One category's agreement with the full model, and the outcome by its interval.
struct CategoryRow: ResultRow {
  var category = ""
  var prompts = 0
  var topOne = 0.0
  var topOneLower = 0.0
  var topOneUpper = 0.0
  var goldTopOne = 0.0
  var topFive = 0.0
  var kl = 0.0
  var klLower = 0.0
  var klUpper = 0.0
  var routedRight = 0.0
  var outcome = ""

  static let columns: [Column<CategoryRow>] = [
    Column("category", \.category, "the prompts' own category"),
    Column("prompts", \.prompts, "prompts of the test split"),
    Column(
      "top1_agreement", \.topOne, "the same most probable token", compare: .absolute(0.03),
      show: .percent(1)),
    Column(
      "top1_lower", \.topOneLower, "lower end of its 95 % interval (Wilson)",
      compare: .absolute(0.03), show: .percent(1)),
    Column(
      "top1_upper", \.topOneUpper, "upper end of its 95 % interval", compare: .absolute(0.03),
      show: .percent(1)),
    Column(
      "gold_top1_agreement", \.goldTopOne, "the same under the plan of the prompt's own category",
      compare: .absolute(0.03), show: .percent(1)),
    Column(
      "top5_overlap", \.topFive, "tokens in both top fives", compare: .absolute(0.03),
      show: .percent(1)),
    Column(
      "kl_base_skip", \.kl, unit: "nats", "mean KL(base‖skip) of the next token",
      compare: .absolute(1e-2), show: .decimals(3)),
    Column(
      "kl_lower", \.klLower, unit: "nats", "lower end of its 95 % interval (bootstrap)",
      compare: .absolute(1e-2), show: .decimals(3)),
    Column(
      "kl_upper", \.klUpper, unit: "nats", "upper end of its 95 % interval",
      compare: .absolute(1e-2), show: .decimals(3)),
    Column(
      "routed_right", \.routedRight, "prompts that the map put into their own category",
      compare: .absolute(0.03), show: .percent(1)),
    Column("outcome", \.outcome, "pass, fail, or the prompts that would settle it"),
  ]
}

/// The rows by category: table, picture, figures.
struct CategoryTable {
  let rows: [Exp016.Row]

  func report(in lab: Lab<Exp016.Row>) {
    let categories = Set(rows.map(\.category)).sorted()
    let lines =
      categories.map { category in line(category, rows.filter { $0.category == category }) }
      + [line("all", rows)]
    lab.tabulate(DerivedTable("categories", title: "Agreement by category", rows: lines))
    lab.draw(
      Figure(
        name: "agreement", title: "Same most probable token as the full model",
        table: "categories",
        kind: .intervals(
          category: "category", value: "top1_agreement", lower: "top1_lower",
          upper: "top1_upper", series: nil),
        yLabel: "top-1 agreement", reference: Exp016.agreement,
        referenceLabel: "threshold"))
    lab.summarize(
      SummaryValue(
        "distinct_plans", Set(rows.map(\.plan)).count, "different plans in use on these prompts"))
    lab.summarize(
      SummaryValue(
        "mean_executed_layers", Bootstrap.mean(rows.map { Double($0.executedLayers) }),
        "blocks computed for a prompt, mean", compare: .absolute(0.1), show: .decimals(2)))
    lab.summarize(
      SummaryValue(
        "fallback_rate", Proportion(of: rows.map(\.isFallback)).rate,
        "prompts that the full model answered", compare: .absolute(0.02), show: .percent(1)))
    let pairs = Paired(
      baseline: rows.map(\.goldTopOneAgrees), variant: rows.map(\.topOneAgrees))
    lab.summarize(
      SummaryValue(
        "routed_against_gold_p", pairs.pValue,
        "McNemar: agreement by the map's category (\(pairs.gained) more) against the prompt's own "
          + "(\(pairs.lost) more)", compare: .absolute(0.05), show: .decimals(3)))
  }

  private func line(_ category: String, _ rows: [Exp016.Row]) -> CategoryRow {
    let agreement = Proportion(of: rows.map(\.topOneAgrees))
    let kl = Bootstrap().mean(of: rows.map(\.kl))
    var line = CategoryRow()
    line.category = category
    line.prompts = rows.count
    line.topOne = agreement.rate
    (line.topOneLower, line.topOneUpper) = (agreement.wilson().lower, agreement.wilson().upper)
    line.goldTopOne = Proportion(of: rows.map(\.goldTopOneAgrees)).rate
    line.topFive = Bootstrap.mean(rows.map(\.topFiveOverlap))
    (line.kl, line.klLower, line.klUpper) = (kl.value, kl.interval.lower, kl.interval.upper)
    line.routedRight = Proportion(of: rows.map { $0.routed == $0.category }).rate
    line.outcome = outcome(agreement)
    return line
  }

  private func outcome(_ agreement: Proportion) -> String {
    switch Finding.atLeast(agreement, threshold: Exp016.agreement, of: "prompts").outcome {
    case .holds: return "pass"
    case .fails: return "fail"
    case .open:
      let needed = agreement.trialsToSettle(against: Exp016.agreement)
      return needed.map { "open, n ≈ \($0)" } ?? "open"
    }
  }
}
