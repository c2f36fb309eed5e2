import AISHarness
import AISKit
import Foundation

/// One layer's figures over all rows.
struct LayerRow: ResultRow {
  var layer = 0
  var agreement = 0.0
  var agreementLower = 0.0
  var agreementUpper = 0.0
  var first = 0.0
  var stays = 0.0
  var settled = 0.0
  var settledAsSeed = 0.0
  var cosine = 0.0

  static let columns: [Column<LayerRow>] = [
    Column("layer", \.layer, "the layer whose output is looked at"),
    share("agreement", \.agreement, "own readout has the full model's top token"),
    share("agreement_lower", \.agreementLower, "lower end of its 95 % interval over prompts"),
    share("agreement_upper", \.agreementUpper, "upper end of its 95 % interval over prompts"),
    share("first_so_far", \.first, "some readout up to here has it: the oracle has left"),
    share("stays_so_far", \.stays, "readouts have it from here on"),
    share("settled", \.settled, "cosine to the last layer's output above the threshold"),
    share("settled_as_seed", \.settledAsSeed, "the same as the seed counts"),
    Column(
      "cosine", \.cosine, "mean cosine to the last layer's output", compare: .absolute(1e-3),
      show: .decimals(3)),
  ]

  private static func share(
    _ name: String, _ path: WritableKeyPath<LayerRow, Double> & Sendable, _ description: String
  ) -> Column<LayerRow> {
    Column(name, path, description, compare: .absolute(0.01), show: .percent(1))
  }
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

/// When tokens settle: the share at each layer, and the mean depth that an oracle would need.
struct Convergence {
  private let rows: [Exp019.Row]
  private let layers: Int
  /// The rows of each prompt, by layer.
  private let prompts: [[Exp019.Row]]

  init(_ rows: [Exp019.Row]) {
    self.rows = rows
    layers = (rows.map(\.layer).max() ?? -1) + 1
    prompts = Dictionary(grouping: rows, by: \.prompt).sorted { $0.key < $1.key }
      .map { $0.value.sorted { $0.layer < $1.layer } }
  }

  func report(in lab: Lab<Exp019.Row>, headShare: Double, threshold: Double) {
    let table = byLayer()
    lab.tabulate(DerivedTable("by_layer", title: "Layers, all prompts", rows: table))
    lab.tabulate(
      DerivedTable("curves", title: "Shares by layer", rows: curves(table), isShown: false))
    lab.draw(
      Figure(
        name: "convergence", title: "Tokens that have settled", table: "curves",
        kind: .lines(
          x: "layer", value: "share", lower: nil, upper: nil, series: "what", ideal: nil),
        xLabel: "layer", yLabel: "share of tokens"))
    summarize(in: lab, headShare: headShare, threshold: threshold)
  }

  private func summarize(in lab: Lab<Exp019.Row>, headShare: Double, threshold: Double) {
    func number(
      _ name: String, _ value: Double, in interval: Interval? = nil, _ description: String,
      digits: Int = 2
    ) {
      lab.summarize(
        SummaryValue(
          name, value, in: interval, description, compare: .absolute(0.05), show: .decimals(digits))
      )
    }
    lab.summarize(
      SummaryValue(
        "positions", prompts.reduce(0) { $0 + $1[0].positions },
        "positions of \(prompts.count) prompts, behind the template's opening"))
    number("threshold", threshold, "the cosine above which a state counts as settled")
    let first = depth(\.first)
    let stays = depth(\.stays)
    number(
      "first_depth", first.value, in: first.interval,
      "layers that an oracle runs which exits where the readout first agrees, of \(layers)")
    number(
      "stays_depth", stays.value, in: stays.interval,
      "the same for one that exits where the readout agrees from there on")
    number(
      "first_speedup", speedup.value, in: speedup.interval,
      "the bound on the speed-up of the blocks that follows for the first")
    number("stays_speedup", Double(layers) / stays.value, "for the second")
    let left = headShare + (1 - headShare) * first.value / Double(layers)
    number(
      "first_speedup_with_head", 1 / left,
      "the first, with an LM head for every token (\(Int((headShare * 100).rounded())) % of the work)"
    )
    let most = best()
    lab.summarize(
      SummaryValue(
        "most_settled", most.value,
        "the largest share with a cosine above the threshold before the last layer, behind layer "
          + "\(most.layer)", compare: .absolute(0.01), show: .percent(1)))
  }

  private func byLayer() -> [LayerRow] {
    var (first, stays) = (0, 0)
    return (0..<layers).map { layer in
      let cells = prompts.map { $0[layer] }
      let positions = Double(cells.reduce(0) { $0 + $1.positions })
      func share(_ count: (Exp019.Row) -> Int) -> Double {
        Double(cells.reduce(0) { $0 + count($1) }) / positions
      }
      let agreement = estimate(layer, \.agrees)
      first += cells.reduce(0) { $0 + $1.first }
      stays += cells.reduce(0) { $0 + $1.stays }
      var row = LayerRow()
      row.layer = layer
      row.agreement = agreement.value
      row.agreementLower = agreement.interval.lower
      row.agreementUpper = agreement.interval.upper
      row.first = Double(first) / positions
      row.stays = Double(stays) / positions
      row.settled = share(\.settled)
      row.settledAsSeed = share(\.settledAsSeed)
      row.cosine =
        cells.reduce(0) { $0 + $1.cosine * Double($1.positions) } / positions
      return row
    }
  }

  private func curves(_ table: [LayerRow]) -> [CurveRow] {
    let kinds: [(String, (LayerRow) -> Double)] = [
      ("same top token", \.agreement), ("some readout so far", \.first),
      ("from here on", \.stays), ("cosine", \.settled), ("as the seed counts", \.settledAsSeed),
    ]
    return kinds.flatMap { kind in
      table.map { row in
        var point = CurveRow()
        (point.layer, point.what, point.share) = (row.layer, kind.0, kind.1(row))
        return point
      }
    }
  }

  /// A share of positions after a layer; prompts are resampled as a whole.
  private func estimate(_ layer: Int, _ count: (Exp019.Row) -> Int) -> Estimate {
    ratio(prompts.map { (Double(count($0[layer])), Double($0[layer].positions)) })
  }

  private func ratio(_ parts: [(sum: Double, size: Double)]) -> Estimate {
    func ratio(_ parts: [(sum: Double, size: Double)]) -> Double {
      let total = parts.reduce(into: (0.0, 0.0)) { $0 = ($0.0 + $1.sum, $0.1 + $1.size) }
      return total.0 / total.1
    }
    return Bootstrap(resamples: 1_000).estimate(count: parts.count, whole: ratio(parts)) {
      indices in ratio(indices.map { parts[$0] })
    }
  }

  /// The mean number of layers run by an oracle that exits where `count` says.
  private func depth(_ count: (Exp019.Row) -> Int) -> Estimate {
    ratio(
      prompts.map { rows in
        (
          rows.reduce(0) { $0 + Double(count($1) * ($1.layer + 1)) },
          Double(rows.first?.positions ?? 0)
        )
      })
  }

  /// The largest speed-up of the blocks by exits where the readout first agrees.
  var speedup: Estimate {
    let depth = depth(\.first)
    return Estimate(
      value: Double(layers) / depth.value,
      interval: Interval(
        lower: Double(layers) / depth.interval.upper, upper: Double(layers) / depth.interval.lower),
      count: depth.count)
  }

  /// The layer, other than the last, after which most states count as settled by their cosine.
  private func best() -> (layer: Int, value: Double, interval: Interval) {
    let all = (0..<max(layers - 1, 0)).map { layer in
      let share = estimate(layer, \.settled)
      return (layer: layer, value: share.value, interval: share.interval)
    }
    return all.max { $0.value < $1.value } ?? (0, 0, Interval(lower: 0, upper: 1))
  }

  /// Whether, after some layer other than the last, at least `share` of the states are settled.
  func settledSomewhere(atLeast share: Double) -> Finding {
    let most = best()
    return .atLeast(
      Estimate(value: most.value, interval: most.interval, count: prompts.count),
      threshold: share, of: "prompts, after layer \(most.layer)", show: .percent(1))
  }
}
