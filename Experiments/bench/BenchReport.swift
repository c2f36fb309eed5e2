import AISHarness

/// What the page says about rates and ratios of rates.
struct BenchReport {
  private let evidence: Evidence<Bench.Row>
  private let rows: [BenchRow]

  init(_ evidence: Evidence<Bench.Row>) {
    self.evidence = evidence
    rows = Self.loads(evidence) + Self.items(evidence) + Self.peers(evidence)
  }

  private static func items(_ evidence: Evidence<Bench.Row>) -> [BenchRow] {
    evidence.rows(of: WorkItem.self).compactMap { item in
      guard let comparison = evidence.comparison(item.comparison) else { return nil }
      var row = BenchRow(
        format: item.format, phase: item.phase, sequences: item.sequences, tokens: item.tokens,
        layers: item.layers, against: item.against)
      row.milliseconds = comparison.variantMilliseconds / Double(item.steps)
      if item.phase != "products" {
        row.rate = rate(row)
        row.gigabytes = item.bytes / row.milliseconds / 1e6
      }
      row.gigaflops = item.operations / row.milliseconds / 1e6
      let share = item.share
      row.ratio = comparison.speedup.mapped { $0 * share }
      return row
    }
  }

  /// Tokens in a second.
  private static func rate(_ row: BenchRow) -> Double {
    let made = row.sequences * (row.phase == "decode" ? 1 : row.tokens)
    return Double(made) / row.milliseconds * 1_000
  }

  private static func loads(_ evidence: Evidence<Bench.Row>) -> [BenchRow] {
    evidence.rows(of: LoadRow.self).grouped(by: \.format).map(\.rows).flatMap { loads in
      func ratio(_ sides: (LoadRow) -> (over: Double, own: Double)) -> Estimate? {
        TimingComparison(
          loads.map {
            let (over, own) = sides($0)
            return TimedPair("", process: $0.process, pair: $0.load, baseline: over, variant: own)
          })?.speedup
      }
      let (format, layers) = (loads[0].format, loads[0].layers)
      var loading = BenchRow(
        format: format, phase: Bench.loading, layers: layers, against: "\(Bench.loadSeconds) s")
      loading.milliseconds = Bootstrap.median(loads.map(\.milliseconds))
      loading.gigabytes = loads[0].weightBytes / loading.milliseconds / 1e6
      loading.ratio = ratio { (Bench.loadSeconds * 1_000, $0.milliseconds) }
      guard loads.allSatisfy({ $0.peakBytes.isFinite }) else { return [loading] }
      let memory = BenchRow(
        format: format, phase: Bench.memory, layers: layers, against: "peak memory",
        ratio: ratio { ($0.weightBytes, $0.peakBytes) })
      return [loading, memory]
    }
  }

  /// Each round's times of two engines are a pair.
  private static func peers(_ evidence: Evidence<Bench.Row>) -> [BenchRow] {
    evidence.rows(of: PeerTime.self).grouped(by: \.work).flatMap { work in
      let sides = work.rows.grouped(by: \.side).map(\.rows)
      func median(_ side: [PeerTime]) -> Double { Bootstrap.median(side.map(\.milliseconds)) }
      func row(_ side: [PeerTime], against: String = "") -> BenchRow {
        let first = side[0]
        var row = BenchRow(
          engine: first.engine, format: first.format, phase: first.phase,
          sequences: first.sequences, tokens: first.tokens, layers: first.layers, against: against)
        row.milliseconds = median(side) / Double(first.steps)
        row.rate = rate(row)
        return row
      }
      let others = sides.filter { $0[0].engine != Bench.own }
      let fastest = others.filter { $0[0].engine == "llama.cpp" }.min { median($0) < median($1) }
      let compared = sides.filter { $0[0].engine == Bench.own }.flatMap { own in
        (PeerTrial.opponents[own[0].format] ?? []).compactMap { name -> BenchRow? in
          let other = name == PeerTrial.fastest ? fastest : others.first { $0[0].side == name }
          return other.map { other in
            let pairs = own.compactMap { time in
              other.first { $0.process == time.process && $0.round == time.round }.map {
                TimedPair(
                  name, process: time.process, pair: time.round, baseline: $0.milliseconds,
                  variant: time.milliseconds)
              }
            }
            var compared = row(own, against: name)
            compared.ratio = TimingComparison(pairs)?.speedup
            return compared
          }
        }
      }
      return others.map { row($0) } + compared
    }
  }

  var report: Report {
    var report = Report()
    for row in rows {
      guard let ratio = row.ratio, let least = row.least else { continue }
      report.judge(row.name, .timed(ratio, atLeast: least, show: .decimals(2)))
    }
    report.conclude(conclusion)
    report.tabulate(
      "comparisons", "Compared with others", rows.filter { !$0.against.isEmpty }, BenchRow.cells)
    let others = rows.filter { $0.against.isEmpty }
    if !others.isEmpty { report.tabulate("engines", "Other engines", others, BenchRow.cells) }
    if !evidence.rows.isEmpty {
      report.tabulate(
        "format_quality", "Distance of the formats to float32",
        evidence.rows.grouped(by: \.format), Self.qualityCells)
    }
    if !evidence.rows(of: WorkItem.self).isEmpty { draw(&report) }
    return report
  }

  private var conclusion: String {
    let judged = rows.filter { $0.ratio != nil && $0.least != nil }
    func range(_ rows: [BenchRow]) -> String? {
      let ratios = rows.compactMap(\.ratio?.value)
      guard let least = ratios.min(), let most = ratios.max() else { return nil }
      let ends = [least, most].map { $0.shown(.decimals(2)) }
      return Set(ends).count == 1 ? ends[0] : ends.joined(separator: " to ")
    }
    func times(_ phase: String, _ against: String?) -> String? {
      range(judged.filter { $0.phase == phase && (against == nil || $0.against == against) })
    }
    if !evidence.rows(of: PeerTime.self).isEmpty {
      let parts = ["prefill", "decode"].compactMap { phase in
        times(phase, nil).map { "\(phase) \($0) times as fast" }
      }
      return "Beside others in the same kind of weights: " + parts.joined(separator: ", ") + "."
    }
    let parts = [
      times("prefill", "products").map { "prefill at \($0) of the matrix products' rate" },
      times("decode", "memory").map { "decode at \($0) of the rate of reading memory" },
    ].compactMap { $0 }
    return parts.isEmpty ? "" : "It computes " + parts.joined(separator: " and ") + "."
  }

  /// How speed grows with length, batch and depth.
  private func draw(_ report: inout Report) {
    let depth = rows.map(\.layers).max() ?? 0
    let prefill = rows.filter { $0.phase == "prefill" }
    let processes = evidence.rows(of: TimingProcess.self).count
    func curve(
      _ name: String, _ title: String, _ rows: [BenchRow], x: String, _ label: String, log: Bool
    ) {
      report.tabulate(name, title, rows, isShown: false, BenchRow.cells)
      var picture = Figure.lines(
        name, title, "tokens_per_s", by: x, hasBand: false, series: "format", xLabel: label,
        yLabel: "tokens per second", logX: log)
      picture.sample = Workload.count(processes, "processes")
      report.draw(picture)
    }
    curve(
      "prefill_by_length", "Prefill of one sequence by its length",
      prefill.filter { $0.sequences == 1 && $0.layers == depth }, x: "tokens", "tokens", log: true)
    curve(
      "prefill_by_batch", "Prefill of sequences of 40 tokens by their number",
      prefill.filter { $0.tokens == 40 }, x: "sequences", "sequences", log: true)
    curve(
      "prefill_by_depth", "Prefill of 128 tokens by depth",
      prefill.filter { $0.sequences == 1 && $0.tokens == 128 }.sorted {
        ($0.format, $0.layers) < ($1.format, $1.layers)
      }, x: "layers", "blocks", log: false)
    curve(
      "decode_by_batch", "Decode after 64 tokens by the number of sequences",
      rows.filter { $0.phase == "decode" && $0.tokens == 64 }, x: "sequences", "sequences",
      log: true)
  }

  /// A format's distance to float32; intervals resample prompts, not positions.
  private static var qualityCells: [Cells<RowGroup<String, Bench.Row>>] {
    func ratio(_ rows: [Bench.Row], _ value: (Bench.Row) -> Double) -> Estimate {
      Bootstrap().ratio(rows.map(value), over: rows.map { Double($0.tokens) })
    }
    return [
      .cell("format", "how products are computed", \.key),
      .cell("prompts", "prompts of the starter set, in the model's chat template", \.rows.count),
      .cell("tokens", "positions compared, all of each prompt") {
        $0.rows.reduce(0) { $0 + $1.tokens }
      },
      .estimate(
        "kl", "mean KL(f32‖format) of the next token", .unchecked(5, unit: "nats")
      ) { ratio($0.rows, \.kl) },
      .estimate(
        "top1", "positions with the same most probable token", .uncheckedShare(digits: 2)
      ) { ratio($0.rows) { Double($0.agreeing) } },
      .cell("largest", "largest difference of a logit", .unchecked(3)) {
        $0.rows.map(\.largest).max() ?? 0
      },
    ]
  }
}
