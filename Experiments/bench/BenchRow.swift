import AISHarness

/// One piece of work by one engine: its rate, and the rate that it is compared with.
struct BenchRow: ResultRow {
  var engine = Bench.own
  var format = ""
  var phase = ""
  var sequences = 1
  var tokens = 0
  var layers = 0
  var milliseconds = Double.nan
  var rate = Double.nan
  var gigaflops = Double.nan
  var gigabytes = Double.nan
  var against = ""
  var ratio = EstimateCells()
  var asked = Double.nan
  var processes = 0

  static let columns = Column<BenchRow>.list(
    [
      Column("engine", \.engine, "who computes"),
      Column("format", \.format, "what the weights are"),
      Column(
        "phase", \.phase,
        "products, prefill of all tokens, decode of one each, loading, or memory held"),
      Column("sequences", \.sequences, "sequences in the batch"),
      Column("tokens", \.tokens, "tokens of each; in decode, tokens before the timed ones"),
      Column("layers", \.layers, "blocks that run"),
      .timing("ms", \.milliseconds, unit: "ms", "median time; in decode, of one step"),
      .timing(
        "tokens_per_s", \.rate, unit: "1/s", "tokens of all sequences together", digits: 1),
      .timing("gflop_per_s", \.gigaflops, unit: "GFLOP/s", "products and attention", digits: 0),
      .timing(
        "gb_per_s", \.gigabytes, unit: "GB/s",
        "weights, keys and values read; of loading, weights made ready", digits: 1),
      Column(
        "against", \.against,
        "what its rate is compared with; of memory, the bytes that the weights' are divided by"),
    ],
    Column.estimate(
      "ratio", \.ratio, "its rate over that, median of the pairs' ratios", compare: .ignored,
      show: .decimals(3)),
    [
      .timing("asked", \.asked, "the ratio that the claim asks for, where it asks"),
      Column("processes", \.processes, "processes that timed both sides in turns"),
    ])

  /// The name of a finding: the criterion, the work, and both sides.
  var name: String {
    let size = tokens == 0 ? "" : "\(sequences) × \(tokens)"
    let work = criterion == phase ? size : "\(phase) \(size)"
    return [criterion, work, "\(format) / \(against)"].filter { !$0.isEmpty }
      .joined(separator: ", ")
  }

  /// The name of the criterion about this row.
  private var criterion: String {
    switch (phase, against) {
    case ("decode", "one sequence"): "batched"
    case (Bench.loading, _), (Bench.memory, _): phase
    default: ["oneDNN", "products", "memory"].contains(against) ? phase : "peers"
    }
  }

  /// The smallest ratio that the claims require; `nil` for rows that no claim is about.
  var least: Double? {
    switch (phase, against) {
    case ("products", "oneDNN"): return 0.95
    case ("prefill", "products"):
      return sequences == 1 && tokens == 512 && format != "int8" && format != "native"
        ? Bench.prefillShare : nil
    case ("decode", "memory"):
      return sequences == 1 && tokens == 64 && format != "int8" ? Bench.decodeShare : nil
    case ("decode", "one sequence"): return sequences == 8 ? 4 : nil
    case (Bench.loading, _): return 1
    case (Bench.memory, _): return 1 / 1.2
    default: break
    }
    switch (phase, sequences, format, against) {
    case ("prefill", 1, "bf16", "transformers bf16"), ("prefill", 8, "bf16", "transformers bf16"):
      return 1.7
    case ("prefill", 1, "bf16", PeerTrial.fastest): return tokens == 512 ? 2 : nil
    case ("decode", 1, "f32", "llama.cpp F32"), ("decode", 1, "bf16", "llama.cpp BF16"):
      return 1.15
    case ("decode", 1, "native Q8_0", "llama.cpp Q8_0"): return 1.5
    case ("decode", 1, "native", "llama.cpp as stored"): return 2
    default: return nil
    }
  }
}
