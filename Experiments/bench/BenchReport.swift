import AISHarness

/// What the page says about rates and ratios of rates.
struct BenchReport {
  private let evidence: Evidence<Bench.Row>
  private let rows: [(row: BenchRow, ratio: Estimate?)]

  init(_ evidence: Evidence<Bench.Row>) {
    self.evidence = evidence
    let all = Self.loads(evidence) + Self.items(evidence) + Self.peers(evidence)
    rows = all.map { row, ratio in
      var row = row
      row.ratio = EstimateCells(ratio)
      row.processes = ratio?.count ?? 0
      if ratio != nil { row.asked = row.least ?? .nan }
      return (row, ratio)
    }
  }

  private typealias Compared = (row: BenchRow, ratio: Estimate?)

  private static func items(_ evidence: Evidence<Bench.Row>) -> [Compared] {
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
      return (row, comparison.speedup.mapped { $0 * share })
    }
  }

  /// Tokens in a second.
  private static func rate(_ row: BenchRow) -> Double {
    let made = row.sequences * (row.phase == "decode" ? 1 : row.tokens)
    return Double(made) / row.milliseconds * 1_000
  }

  private static func loads(_ evidence: Evidence<Bench.Row>) -> [Compared] {
    grouped(evidence.rows(of: LoadRow.self), by: \.format).flatMap { loads -> [Compared] in
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
      let memory = BenchRow(
        format: format, phase: Bench.memory, layers: layers, against: "peak memory")
      return [
        (loading, ratio { (Bench.loadSeconds * 1_000, $0.milliseconds) }),
        (memory, ratio { ($0.weightBytes, $0.peakBytes) }),
      ]
    }
  }

  /// Each round's times of two engines are a pair.
  private static func peers(_ evidence: Evidence<Bench.Row>) -> [Compared] {
    grouped(evidence.rows(of: PeerTime.self), by: \.work).flatMap { work -> [Compared] in
      let sides = grouped(work, by: \.side)
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
      let compared = sides.filter { $0[0].engine == Bench.own }.flatMap { own -> [Compared] in
        (PeerTrial.opponents[own[0].format] ?? []).compactMap { name in
          let other = name == PeerTrial.fastest ? fastest : others.first { $0[0].side == name }
          return other.map { other in
            let pairs = own.compactMap { time in
              other.first { $0.process == time.process && $0.round == time.round }.map {
                TimedPair(
                  name, process: time.process, pair: time.round, baseline: $0.milliseconds,
                  variant: time.milliseconds)
              }
            }
            return (row(own, against: name), TimingComparison(pairs)?.speedup)
          }
        }
      }
      return others.map { (row($0), nil) } + compared
    }
  }

  /// Rows with the same text together, in the order of their first ones; no group is empty.
  private static func grouped<Item>(_ rows: [Item], by text: (Item) -> String) -> [[Item]] {
    let groups = Dictionary(grouping: rows, by: text)
    var seen: Set<String> = []
    return rows.map(text).filter { seen.insert($0).inserted }.compactMap { groups[$0] }
  }

  var report: Report {
    var report = Report()
    for (row, ratio) in rows {
      guard let ratio, let least = row.least else { continue }
      report.judge(
        row.name,
        .atLeast(
          ratio, threshold: least, of: "processes", show: .decimals(2),
          fewest: Finding.fewestProcesses))
    }
    report.conclude(conclusion)
    report.tabulate(
      DerivedTable(
        "comparisons", title: "Compared with others",
        rows: rows.map(\.row).filter { !$0.against.isEmpty }))
    let others = rows.map(\.row).filter { $0.against.isEmpty }
    if !others.isEmpty {
      report.tabulate(DerivedTable("engines", title: "Other engines", rows: others))
    }
    if !evidence.rows.isEmpty {
      report.tabulate(
        DerivedTable(
          "format_quality", title: "Distance of the formats to float32",
          rows: Self.grouped(evidence.rows, by: \.format).map { FormatQuality($0) }))
    }
    if !evidence.rows(of: WorkItem.self).isEmpty { draw(&report) }
    return report
  }

  private var conclusion: String {
    let judged = rows.compactMap { $0.ratio == nil || $0.row.least == nil ? nil : $0.row }
    func range(_ rows: [BenchRow], _ digits: Int = 2) -> String? {
      let ratios = rows.map(\.ratio.value)
      guard let least = ratios.min(), let most = ratios.max() else { return nil }
      let ends = [least, most].map { NumberFormat.text($0, .decimals(digits), unit: "") }
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
    let own = rows.map(\.row)
    let depth = own.map(\.layers).max() ?? 0
    let prefill = own.filter { $0.phase == "prefill" }
    func curve(
      _ name: String, _ title: String, _ rows: [BenchRow], x: String, _ label: String, log: Bool
    ) {
      report.tabulate(DerivedTable(name, title: title, rows: rows, isShown: false))
      report.draw(
        Figure(
          name: name, title: title, table: name,
          kind: .lines(
            x: x, value: "tokens_per_s", lower: nil, upper: nil, series: "format", ideal: nil),
          xLabel: label, yLabel: "tokens per second", logX: log))
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
      own.filter { $0.phase == "decode" && $0.tokens == 64 }, x: "sequences", "sequences",
      log: true)
  }
}
