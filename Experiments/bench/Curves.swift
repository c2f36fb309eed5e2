import AISHarness

/// How speed grows with length, batch and depth.
enum Curves {
  static func draw(in lab: Lab<Bench.Row>) {
    let prefill = lab.rows.filter { $0.phase == "prefill" }
    let depth = lab.rows.map(\.layers).max() ?? 0
    curve(
      "prefill_by_length", "Prefill of one sequence by its length", lab,
      prefill.filter { $0.sequences == 1 && $0.layers == depth }, x: "tokens", "tokens", log: true)
    curve(
      "prefill_by_batch", "Prefill of sequences of 40 tokens by their number", lab,
      prefill.filter { $0.tokens == 40 }, x: "sequences", "sequences", log: true)
    curve(
      "prefill_by_depth", "Prefill of 128 tokens by depth", lab,
      prefill.filter { $0.sequences == 1 && $0.tokens == 128 }.sorted {
        ($0.format, $0.layers) < ($1.format, $1.layers)
      }, x: "layers", "blocks", log: false)
    curve(
      "decode_by_batch", "Decode behind 64 tokens by the number of sequences", lab,
      lab.rows.filter { $0.phase == "decode" && $0.tokens == 64 }, x: "sequences", "sequences",
      log: true)
  }

  private static func curve(
    _ name: String, _ title: String, _ lab: Lab<Bench.Row>, _ rows: [Bench.Row], x: String,
    _ label: String, log: Bool
  ) {
    lab.tabulate(DerivedTable(name, title: title, rows: rows, isShown: false))
    lab.draw(
      Figure(
        name: name, title: title, table: name,
        kind: .lines(
          x: x, value: "tokens_per_s", lower: nil, upper: nil, series: "format", ideal: nil),
        xLabel: label, yLabel: "tokens per second", logX: log))
  }
}
