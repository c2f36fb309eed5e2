import AISHarness

/// Tables of the rows, by batch size.
enum SpeedTables {
  static func report(in lab: Lab<Exp022.Row>) {
    for phase in SpeedPhase.allCases {
      let rows = lab.rows.filter { $0.phase == phase.rawValue }
      lab.tabulate(
        DerivedTable(
          "\(phase.rawValue)_speed", title: "\(phase.rawValue) by variant", rows: rows,
          isShown: false))
      lab.draw(
        Figure(
          name: "\(phase.rawValue)_speedup", title: "Speed-up of \(phase.rawValue) by token exit",
          table: "\(phase.rawValue)_speed",
          kind: .lines(
            x: "batch", value: "speedup", lower: "speedup_lower", upper: "speedup_upper",
            series: "variant", ideal: nil),
          xLabel: "sequences in the batch", yLabel: "speed-up", reference: 1,
          referenceLabel: "full model", logX: true))
    }
    let variants = SpeedVariant.all(of: .decode)
    lab.tabulate(
      DerivedTable(
        "variants", title: "Variants",
        rows: variants.map { VariantRow(name: $0.name, meaning: $0.meaning) }))
    for row in lab.rows where row.variant == SpeedVariant.overhead.name {
      lab.summarize(
        SummaryValue(
          "overhead_\(row.phase)_\(row.batch)", 1 / row.speedup - 1,
          in: Interval(lower: 1 / row.speedupUpper - 1, upper: 1 / row.speedupLower - 1),
          "\(row.phase) of \(row.batch): time added by routers while no token exits",
          compare: .ignored, show: .percent(1)))
    }
  }
}

/// A variant's description in words.
struct VariantRow: ResultRow {
  var name = ""
  var meaning = ""

  static let columns: [Column<VariantRow>] = [
    Column("variant", \.name, "its name in the rows"),
    Column("meaning", \.meaning, "who leaves where"),
  ]
}
