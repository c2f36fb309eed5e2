import AISHarness

/// A rate of this engine compared with another's, or with the machine's limit.
struct ComparisonRow: ResultRow {
  var work = ""
  var format = ""
  var rate = 0.0
  var against = ""
  var ratio = 0.0
  var lower = 0.0
  var upper = 0.0
  var asked = Double.nan

  init() {}

  init(_ row: Bench.Row, depth: Int) {
    work = row.work
    if row.layers != depth { work += ", \(row.layers) layers" }
    (format, rate, against) = (row.format, row.rate, row.against)
    (ratio, lower, upper) = (row.ratio, row.ratioLower, row.ratioUpper)
    asked = row.least ?? .nan
  }

  static let columns: [Column<ComparisonRow>] = [
    Column("work", \.work, "phase, sequences × tokens of each"),
    Column("format", \.format, "what the weights are"),
    number("tokens_per_s", \.rate, "1/s", "tokens of all sequences together, this engine", 1),
    Column("against", \.against, "what that is compared with"),
    number("ratio", \.ratio, "", "its rate over that, medians", 2),
    number("ratio_lower", \.lower, "", "lower end of the ratio's 95 % interval", 2),
    number("ratio_upper", \.upper, "", "upper end of it", 2),
    number("asked", \.asked, "", "the ratio that the claim asks for, where it asks", 2),
  ]

  private static func number(
    _ name: String, _ path: WritableKeyPath<ComparisonRow, Double> & Sendable, _ unit: String,
    _ description: String, _ digits: Int
  ) -> Column<ComparisonRow> {
    Column(name, path, unit: unit, description, compare: .ignored, show: .decimals(digits))
  }

  /// Every comparison of a run.
  static func tabulate(in lab: Lab<Bench.Row>) {
    let depth = lab.rows.map(\.layers).max() ?? 0
    lab.tabulate(
      DerivedTable(
        "comparisons", title: "Beside others",
        rows: lab.rows.filter { !$0.against.isEmpty }.map { ComparisonRow($0, depth: depth) }))
  }
}
