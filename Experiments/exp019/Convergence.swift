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
    report.conclude(
      "An oracle exiting at first agreement runs \(speedup(\.first).value.shown(.decimals(2))) times "
        + "as fast; before the last layer, cosine shows at most "
        + "\(most.share.value.shown(.percent(1))) of states settled.")
    tabulate(in: &report)
    report.draw(
      .lines(
        "convergence", "Tokens that have settled", of: "curves", "share", by: "layer",
        hasBand: false, series: "what", xLabel: "layer", yLabel: "share of tokens"))
    summarize(in: &report, most)
    return report
  }

  private func summarize(in report: inout Report, _ most: (layer: Int, share: Estimate)) {
    func figure(_ name: String, _ estimate: Estimate, _ description: String) {
      report.summarize(name, estimate, description, .decimals(2, within: 0.05))
    }
    report.summarize(
      "positions", prompts.reduce(0) { $0 + $1[0].positions },
      "positions of \(prompts.count) prompts, after the template's opening")
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
          + "(\(head.shown(.percent(0))) of the work)")
    }
    report.summarize(
      "most_settled", most.share,
      "the largest share with a cosine above the threshold before the last layer, after layer "
        + "\(most.layer); the interval is for all layers together", .share(within: 0.01))
  }

  private func tabulate(in report: inout Report) {
    report.tabulate(
      "by_layer", "Layers, all prompts", 0..<layers,
      [
        .cell("layer", "the layer whose output is looked at") { $0 },
        .estimate(
          "agreement", "own readout has the full model's top token; prompts are resampled",
          .share(within: 0.01)
        ) { share($0, \.agrees).estimate },
        .cell(
          "design_effect", "the agreement's variance over that of as many independent tokens",
          .decimals(1, within: 0.5)
        ) { share($0, \.agrees).designEffect },
        .cell(
          "first_so_far", "some readout up to here has it: the oracle has exited",
          .share(within: 0.01)
        ) { soFar($0, \.first) },
        .cell("stays_so_far", "readouts have it from here on", .share(within: 0.01)) {
          soFar($0, \.stays)
        },
        .estimate(
          "settled", "cosine to the last layer's output above the threshold", .share(within: 0.01)
        ) { share($0, \.settled).estimate },
        .cell("settled_as_seed", "the same as the seed counts", .share(within: 0.01)) {
          share($0, \.settledAsSeed).rows.rate
        },
        .estimate(
          "cosine", "mean cosine to the last layer's output", .decimals(3, within: 1e-3)
        ) { layer in
          let positions = prompts.map { Double($0[layer].positions) }
          return Bootstrap().ratio(
            zip(prompts, positions).map { $0[layer].cosine * $1 }, over: positions)
        },
      ])
    let kinds: [(what: String, share: (Int) -> Double)] = [
      ("same top token", { share($0, \.agrees).estimate.value }),
      ("some readout so far", { soFar($0, \.first) }),
      ("from here on", { soFar($0, \.stays) }),
      ("cosine", { share($0, \.settled).estimate.value }),
    ]
    report.tabulate(
      "curves", "Shares by layer",
      kinds.flatMap { kind in (0..<layers).map { (layer: $0, kind: kind) } }, isShown: false,
      [
        .cell("layer", "the layer") { $0.layer },
        .cell("what", "which share") { $0.kind.what },
        .cell("share", "of all positions", .share(within: 0.01)) { $0.kind.share($0.layer) },
      ])
  }

  /// The share of positions for which something came true up to a layer.
  private func soFar(_ layer: Int, _ count: (Exp019.Row) -> Int) -> Double {
    let sum = prompts.reduce(0) { $0 + $1.prefix(layer + 1).reduce(0) { $0 + count($1) } }
    return Double(sum) / Double(prompts.reduce(0) { $0 + $1[layer].positions })
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
