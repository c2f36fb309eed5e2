import AISHarness

/// One piece of work by one engine: its rate, and the rate that it is compared with.
struct BenchRow {
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
  /// The rate over that; `nil` if both were not timed in turns.
  var ratio: Estimate?

  static var cells: [Cells<BenchRow>] {
    [
      .cell("engine", "who computes", \.engine),
      .cell("format", "what the weights are", \.format),
      .cell(
        "phase", "products, prefill of all tokens, decode of one each, loading, or memory held",
        \.phase),
      .cell("sequences", "sequences in the batch", \.sequences),
      .cell("tokens", "tokens of each; in decode, tokens before the timed ones", \.tokens),
      .cell("layers", "blocks that run", \.layers),
      .cell("ms", "median time; in decode, of one step", .unchecked(unit: "ms"), \.milliseconds),
      .cell("tokens_per_s", "tokens of all sequences together", .unchecked(1, unit: "1/s"), \.rate),
      .cell("gflop_per_s", "products and attention", .unchecked(0, unit: "GFLOP/s"), \.gigaflops),
      .cell(
        "gb_per_s", "weights, keys and values read; of loading, weights made ready",
        .unchecked(1, unit: "GB/s"), \.gigabytes),
      .cell(
        "against",
        "what its rate is compared with; of memory, the bytes that the weights' are divided by",
        \.against),
      .estimate("ratio", "its rate over that, median of the pairs' ratios", .unchecked(3), \.ratio),
      .cell("asked", "the ratio that the claim asks for, where it asks", .unchecked()) {
        $0.ratio == nil ? .nan : $0.least ?? .nan
      },
      .cell("processes", "processes that timed both sides in turns") { $0.ratio?.count ?? 0 },
    ]
  }

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
