import AISHarness

extension Exp018 {
  /// One phase at one batch size.
  struct Row: ResultRow {
    var phase = ""
    var batch = 0
    var fullMilliseconds = 0.0
    var leftMilliseconds = 0.0
    var fullRate = 0.0
    var leftRate = 0.0
    var speedup = 0.0
    var speedupLower = 0.0
    var speedupUpper = 0.0
    var ideal = 0.0
    var efficiency = 0.0
    var efficiencyLower = 0.0
    var efficiencyUpper = 0.0
    var gigaflops = 0.0
    var gigabytes = 0.0

    static let columns: [Column<Row>] = [
      Column("phase", \.phase, "prefill: whole prompts; decode: one token for each sequence"),
      Column("batch", \.batch, "sequences"),
      timing("full", \.fullMilliseconds, "ms", "median time of the full model", 2),
      timing("left", \.leftMilliseconds, "ms", "median time with the layers left out", 2),
      timing("full_rate", \.fullRate, "1/s", "requests (prefill) or tokens (decode), full", 1),
      timing("left_rate", \.leftRate, "1/s", "the same with the layers left out", 1),
      timing("speedup", \.speedup, "", "full over left, medians", 3),
      timing("speedup_lower", \.speedupLower, "", "lower end of its 95 % interval", 3),
      timing("speedup_upper", \.speedupUpper, "", "upper end of its 95 % interval", 3),
      timing("ideal", \.ideal, "", "speed-up of the work left at the machine's ceilings", 3),
      timing("efficiency", \.efficiency, "", "speedup over ideal", 3),
      timing("efficiency_lower", \.efficiencyLower, "", "lower end of its 95 % interval", 3),
      timing("efficiency_upper", \.efficiencyUpper, "", "upper end of its 95 % interval", 3),
      timing("gflop_per_s", \.gigaflops, "GFLOP/s", "arithmetic with the layers left out", 0),
      timing("gb_per_s", \.gigabytes, "GB/s", "weights read with the layers left out", 1),
    ]

    private static func timing(
      _ name: String, _ path: WritableKeyPath<Row, Double> & Sendable, _ unit: String,
      _ description: String, _ digits: Int
    ) -> Column<Row> {
      Column(name, path, unit: unit, description, compare: .ignored, show: .decimals(digits))
    }
  }
}
