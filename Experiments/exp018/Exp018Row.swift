import AISHarness

extension Exp018 {
  /// One prompt's next token under a plan whose speed is measured.
  struct Row: ResultRow {
    var plan = ""
    var prompt = 0
    var category = ""
    var kl = 0.0
    var topOneAgrees = false

    static let columns: [Column<Row>] = [
      Column("plan", \.plan, "which plan: the seed's, or the best one found"),
      Column("prompt", \.prompt, "index of the prompt in the sample"),
      Column("category", \.category, "its category"),
      Column(
        "kl_base_skip", \.kl, unit: "nats", "KL(base‖skip) of the next token",
        compare: .absolute(1e-2), show: .decimals(3)),
      Column("top1_agrees", \.topOneAgrees, "the same most probable token"),
    ]
  }
}

/// One phase at one batch size under one plan.
struct SpeedRow: ResultRow {
  var phase = ""
  var batch = 0
  var plan = ""
  var fullMilliseconds = 0.0
  var leftMilliseconds = 0.0
  var fullRate = 0.0
  var leftRate = 0.0
  var speedup = EstimateCells()
  var ideal = 0.0
  var efficiency = EstimateCells()
  var gigaflops = 0.0
  var gigabytes = 0.0

  static let columns = Column<SpeedRow>.list(
    [
      Column("phase", \.phase, "prefill: whole prompts; decode: one token for each sequence"),
      Column("batch", \.batch, "sequences"),
      Column("plan", \.plan, "which plan"),
      Column.timing("full", \.fullMilliseconds, unit: "ms", "median time of the full model"),
      Column.timing("left", \.leftMilliseconds, unit: "ms", "median time with the layers left out"),
      Column.timing(
        "full_rate", \.fullRate, unit: "1/s", "requests (prefill) or tokens (decode), full",
        digits: 1),
      Column.timing(
        "left_rate", \.leftRate, unit: "1/s", "the same with the layers left out", digits: 1),
    ],
    Column.estimate(
      "speedup", \.speedup, "full over left, median of the pairs' ratios", compare: .ignored,
      show: .decimals(3)),
    [
      Column.timing(
        "ideal", \.ideal, "speed-up of the work left at the machine's ceilings", digits: 3)
    ],
    Column.estimate(
      "efficiency", \.efficiency, "speed-up over ideal", compare: .ignored, show: .decimals(3)),
    [
      Column.timing(
        "gflop_per_s", \.gigaflops, unit: "GFLOP/s", "arithmetic with the layers left out",
        digits: 0),
      Column.timing(
        "gb_per_s", \.gigabytes, unit: "GB/s", "weights read with the layers left out", digits: 1),
    ])
}
