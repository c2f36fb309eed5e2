import AISHarness

extension Bench {
  /// One piece of work by one engine: its rate, and the rate that it is compared with.
  struct Row: ResultRow {
    var engine = ""
    var format = ""
    var phase = ""
    var sequences = 0
    var tokens = 0
    var layers = 0
    var milliseconds = 0.0
    var rate = Double.nan
    var gigaflops = Double.nan
    var gigabytes = Double.nan
    var against = ""
    var ratio = Double.nan
    var ratioLower = Double.nan
    var ratioUpper = Double.nan
    var runs = 0

    static let columns: [Column<Row>] = [
      Column("engine", \.engine, "who computes"),
      Column("format", \.format, "what the weights are"),
      Column(
        "phase", \.phase,
        "products, prefill of all tokens, decode of one each, loading, or memory held"),
      Column("sequences", \.sequences, "sequences in the batch"),
      Column("tokens", \.tokens, "tokens of each; in decode, tokens before the timed ones"),
      Column("layers", \.layers, "blocks that run"),
      timing("ms", \.milliseconds, "ms", "median time; in decode, of one step", 2),
      timing("tokens_per_s", \.rate, "1/s", "tokens of all sequences together", 1),
      timing("gflop_per_s", \.gigaflops, "GFLOP/s", "products and attention", 0),
      timing(
        "gb_per_s", \.gigabytes, "GB/s",
        "weights, keys and values read; of loading, weights made ready", 1),
      Column(
        "against", \.against,
        "what its rate is compared with; of memory, the bytes that the weights' are divided by"),
      timing("ratio", \.ratio, "", "its rate over that, medians", 3),
      timing("ratio_lower", \.ratioLower, "", "lower end of the ratio's 95 % interval", 3),
      timing("ratio_upper", \.ratioUpper, "", "upper end of it", 3),
      Column("runs", \.runs, "timed runs of each side"),
    ]

    private static func timing(
      _ name: String, _ path: WritableKeyPath<Row, Double> & Sendable, _ unit: String,
      _ description: String, _ digits: Int
    ) -> Column<Row> {
      Column(name, path, unit: unit, description, compare: .ignored, show: .decimals(digits))
    }

    /// The work, without the number of blocks.
    var work: String { tokens == 0 ? phase : "\(phase) \(sequences) × \(tokens)" }

    /// The name of a claim: the criterion, the work, and both sides.
    var name: String {
      (criterion == phase ? "" : "\(criterion): ") + "\(work), \(format) / \(against)"
    }

    /// The name of the criterion about this row.
    var criterion: String {
      switch (phase, against) {
      case ("decode", "one sequence"): "batched"
      case (Bench.loading, _), (Bench.memory, _): phase
      default: engine != Bench.own || Bench.ownBaselines.contains(against) ? phase : "peers"
      }
    }

    /// The smallest ratio that the claims require; `nil` for rows that no claim is about.
    var least: Double? { Bench.least(self) }
  }

  static let own = "AIS"
  static let ownBaselines: Set<String> = ["oneDNN", "products", "memory", "one sequence"]

  /// The claims, row by row.
  private static func least(_ row: Row) -> Double? {
    switch (row.phase, row.against) {
    case ("products", "oneDNN"): return 0.95
    case ("prefill", "products"):
      return row.sequences == 1 && row.tokens == 512 && row.format != "int8"
        && row.format != "native" ? prefillShare : nil
    case ("decode", "memory"):
      return row.sequences == 1 && row.tokens == 64 && row.format != "int8" ? decodeShare : nil
    case ("decode", "one sequence"): return row.sequences == 8 ? 4 : nil
    case (loading, _): return 1
    case (memory, _): return 1 / 1.2
    default: break
    }
    guard row.engine == own else { return nil }
    switch (row.phase, row.sequences, row.format, row.against) {
    case ("prefill", 1, "bf16", "transformers bf16"), ("prefill", 8, "bf16", "transformers bf16"):
      return 1.7
    case ("prefill", 1, "bf16", "llama.cpp, its fastest"): return row.tokens == 512 ? 2 : nil
    case ("decode", 1, "f32", "llama.cpp F32"), ("decode", 1, "bf16", "llama.cpp BF16"):
      return 1.15
    case ("decode", 1, "native Q8_0", "llama.cpp Q8_0"): return 1.5
    case ("decode", 1, "native", "llama.cpp as stored"): return 2
    default: return nil
    }
  }
}
