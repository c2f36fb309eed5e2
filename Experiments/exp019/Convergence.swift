import AISHarness
import AISKit

/// When tokens settle: the share after each layer, and the mean depth that an oracle would need.
///
/// Tokens of a prompt are alike, so prompts are the units.
struct Convergence {
  private let evidence: Evidence<Exp019.Row>
  /// The layers' number; 0 without rows.
  private let layers: Int
  /// The rows of each whole prompt, by layer.
  ///
  /// Shape: [prompts][layers].
  private let prompts: [[Exp019.Row]]

  init(_ evidence: Evidence<Exp019.Row>) {
    self.evidence = evidence
    let layers =
      evidence.number("layers").flatMap { Int(exactly: $0) }
      ?? (evidence.rows.map(\.layer).max() ?? -1) + 1
    self.layers = layers
    prompts = Dictionary(grouping: evidence.rows, by: \.prompt).sorted { $0.key < $1.key }
      .map { $0.value.sorted { $0.layer < $1.layer } }
      .filter { $0.map(\.layer) == Array(0..<layers) && layers > 0 }
  }

  var report: Report {
    var report = Report()
    guard let most, !prompts.isEmpty else {
      report.judge("depth", .open("no prompts were measured"))
      report.judge("cosine", .open("no prompts were measured"))
      return report
    }
    report.judge(
      "depth",
      .atLeast(
        speedup(\.first), threshold: Exp019.speedup, of: "prompts", show: .decimals(2)))
    report.judge(
      "cosine",
      .atLeast(
        most.share, threshold: Exp019.settled, of: "prompts, after layer \(most.layer)",
        show: .percent(1)))
    let (fast, share) = (
      NumberFormat.text(speedup(\.first).value, .decimals(2), unit: ""),
      NumberFormat.text(most.share.value, .percent(1), unit: "")
    )
    report.conclude(
      "An oracle exiting at first agreement runs \(fast) times as fast; before the last layer, "
        + "cosine shows at most \(share) of states settled.")
    let table = (0..<layers).map(row)
    report.tabulate(DerivedTable("by_layer", title: "Layers, all prompts", rows: table))
    report.tabulate(
      DerivedTable("curves", title: "Shares by layer", rows: curves(table), isShown: false))
    report.draw(
      Figure(
        name: "convergence", title: "Tokens that have settled", table: "curves",
        kind: .lines(
          x: "layer", value: "share", lower: nil, upper: nil, series: "what", ideal: nil),
        xLabel: "layer", yLabel: "share of tokens"))
    summarize(in: &report, most)
    return report
  }

  private func summarize(in report: inout Report, _ most: (layer: Int, share: Estimate)) {
    func figure(_ name: String, _ estimate: Estimate, _ description: String) {
      report.summarize(
        name, estimate, description, compare: .absolute(0.05), show: .decimals(2))
    }
    report.summarize(
      SummaryValue(
        "positions", prompts.reduce(0) { $0 + $1[0].positions },
        "positions of \(prompts.count) prompts, after the template's opening"))
    let first = depth(\.first)
    figure(
      "first_depth", first,
      "layers that an oracle runs which exits where the readout first agrees, of \(layers)")
    figure(
      "stays_depth", depth(\.stays),
      "the same for one that exits where the readout agrees from there on")
    figure(
      "first_speedup", speedup(\.first),
      "the bound on the speed-up of the blocks that follows for the first")
    figure("stays_speedup", speedup(\.stays), "for the second")
    if let head = evidence.number("head_share") {
      let layers = Double(layers)
      figure(
        "first_speedup_with_head", first.mapped { 1 / (head + (1 - head) * $0 / layers) },
        "the first, with an LM head for every token "
          + "(\(NumberFormat.text(head, .percent(0), unit: "")) of the work)")
    }
    report.summarize(
      "most_settled", most.share,
      "the largest share with a cosine above the threshold before the last layer, after layer "
        + "\(most.layer); the interval is for all layers together", compare: .absolute(0.01),
      show: .percent(1))
  }

  /// One layer's figures over all prompts.
  private func row(_ layer: Int) -> LayerRow {
    let positions = prompts.map { Double($0[layer].positions) }
    func soFar(_ count: (Exp019.Row) -> Int) -> Double {
      let sum = prompts.reduce(0) { $0 + $1.prefix(layer + 1).reduce(0) { $0 + count($1) } }
      return Double(sum) / positions.reduce(0, +)
    }
    let agreement = share(layer, \.agrees)
    var row = LayerRow()
    row.layer = layer
    row.agreement = EstimateCells(agreement.estimate)
    row.designEffect = agreement.designEffect
    row.first = soFar(\.first)
    row.stays = soFar(\.stays)
    row.settled = EstimateCells(share(layer, \.settled).estimate)
    row.settledAsSeed = share(layer, \.settledAsSeed).rows.rate
    row.cosine = EstimateCells(
      Bootstrap().ratio(
        zip(prompts, positions).map { $0[layer].cosine * $1 }, over: positions))
    return row
  }

  private func curves(_ table: [LayerRow]) -> [CurveRow] {
    let kinds: [(String, (LayerRow) -> Double)] = [
      ("same top token", { $0.agreement.value }), ("some readout so far", \.first),
      ("from here on", \.stays), ("cosine", { $0.settled.value }),
    ]
    return kinds.flatMap { kind in
      table.map { CurveRow(layer: $0.layer, what: kind.0, share: kind.1($0)) }
    }
  }

  /// The share of positions after a layer, clustered by prompt.
  private func share(_ layer: Int, _ count: (Exp019.Row) -> Int) -> ClusteredShare {
    ClusteredShare(
      successes: prompts.map { count($0[layer]) }, trials: prompts.map { $0[layer].positions })
  }

  /// The mean number of layers run by an oracle that exits where `count` says.
  private func depth(_ count: (Exp019.Row) -> Int) -> Estimate {
    Bootstrap().ratio(
      prompts.map { $0.reduce(0) { $0 + Double(count($1) * ($1.layer + 1)) } },
      over: prompts.map { Double($0[0].positions) })
  }

  /// The largest speed-up of the blocks by exits where `count` says.
  private func speedup(_ count: (Exp019.Row) -> Int) -> Estimate {
    let layers = Double(layers)
    return depth(count).mapped { layers / $0 }
  }

  /// The layer before the last after which most states count as settled by their cosine; `nil`
  /// without such a layer.
  private var most: (layer: Int, share: Estimate)? {
    let shares = (0..<max(layers - 1, 0)).map { share($0, \.settled) }
    let best = shares.indices.max { shares[$0].rows.rate < shares[$1].rows.rate }
    return best.map { ($0, shares[$0].estimate.amongst(shares.count)) }
  }
}

/// One layer's figures over all prompts.
struct LayerRow: ResultRow {
  var layer = 0
  var agreement = EstimateCells()
  var designEffect = Double.nan
  var first = 0.0
  var stays = 0.0
  var settled = EstimateCells()
  var settledAsSeed = 0.0
  var cosine = EstimateCells()

  static let columns = Column<LayerRow>.list(
    [Column("layer", \.layer, "the layer whose output is looked at")],
    Column.estimate(
      "agreement", \.agreement, "own readout has the full model's top token; prompts are resampled",
      compare: .absolute(0.01), show: .percent(1)),
    [
      Column(
        "design_effect", \.designEffect,
        "the agreement's variance over that of as many independent tokens",
        compare: .absolute(0.5), show: .decimals(1)),
      Column.share(
        "first_so_far", \.first, "some readout up to here has it: the oracle has exited",
        within: 0.01),
      Column.share("stays_so_far", \.stays, "readouts have it from here on", within: 0.01),
    ],
    Column.estimate(
      "settled", \.settled, "cosine to the last layer's output above the threshold",
      compare: .absolute(0.01), show: .percent(1)),
    [Column.share("settled_as_seed", \.settledAsSeed, "the same as the seed counts", within: 0.01)],
    Column.estimate(
      "cosine", \.cosine, "mean cosine to the last layer's output", compare: .absolute(1e-3),
      show: .decimals(3)))
}

/// A point of one of several curves: a share, by layer.
struct CurveRow: ResultRow {
  var layer = 0
  var what = ""
  var share = 0.0

  static let columns: [Column<CurveRow>] = [
    Column("layer", \.layer, "the layer"),
    Column("what", \.what, "which share"),
    Column("share", \.share, "of all positions", compare: .absolute(0.01), show: .percent(1)),
  ]
}
