import AISHarness
import AISKit

/// Searches for the best layers to replace with bridges, on the validation split.
struct LayerChoice {
  /// Lengths of the runs that are measured alone and added by the greedy search.
  private static let pieces = [4]
  /// The number of best sets that are shown, and measured again for each category.
  private static let finalists = 5

  /// What the search found.
  struct Found {
    /// The best set of the given number of layers.
    let main: [LayerRun]
    /// The best run for each of the other numbers of layers.
    let others: [[LayerRun]]
    /// The run of as many layers as `main` that costs least when simply left out.
    let hard: [LayerRun]
  }

  let language: LanguageModel
  let texts: BridgeTexts
  /// The first layer that may be left out; block 0 is indispensable.
  let first = 1

  /// Searches for the best set of `count` layers, and stores tables of the measurements.
  ///
  /// - Parameters:
  ///   - count: layers that are left out.
  ///   - others: other numbers of layers, for which only single runs are tried.
  ///   - lab: stores the tables.
  /// - Returns: the best sets.
  /// - Throws: what fitting and a forward pass throw.
  func search(
    _ count: Int, others: [Int], in lab: Lab<Exp024.Row>
  ) throws -> Found {
    let model = language.decoder
    let fitter = try fitter(max(count, others.max() ?? count))
    let comparison = try PlanComparison(
      model, texts: texts.search, firstPosition: texts.opening)
    let search = BridgeSearch(model, on: comparison, from: first) {
      try fitter.fit($0, .map).bridge
    }
    var rows: [SearchRow] = []
    var found = "single run"
    search.measured = { candidate in
      rows.append(SearchRow(found, candidate))
      lab.say(
        "  search   \(found): \(candidate.text), KL \((candidate.kl * 1_000).rounded() / 1_000)")
    }
    let cost = BridgeCost(model)
    var candidates = try search.contiguous(count)
    guard let single = candidates.min(by: { $0.kl < $1.kl }) else {
      throw RequestError(
        "layers to leave out", expected: "fewer than the model has after layer \(first)",
        found: "\(count)")
    }
    let otherSets = try others.compactMap { other in
      try search.contiguous(other).min { $0.kl < $1.kl }?.runs
    }
    for length in Self.pieces where length < count {
      found = "greedy, pieces of \(length)"
      if let greedy = try search.greedy(count, pieces: length) { candidates.append(greedy) }
    }
    found = "one end moved"
    candidates.sort { $0.kl < $1.kl }
    for start in candidates.prefix(2) { candidates.append(try search.improved(start)) }
    // Bridges cost work too: a set must save nearly as much as one run with one bridge.
    var seen = Set<String>()
    candidates = candidates.filter {
      seen.insert($0.text).inserted
        && ($0.runs == single.runs
          || cost.saving($0.runs) >= Exp024.saving * cost.saving(single.runs))
    }.sorted { $0.kl < $1.kl }
    lab.summarize(
      SummaryValue(
        "bridge_cost", cost.blocks, unit: "blocks",
        "operations of a map over a block's, prefill of one prompt", show: .decimals(3)))
    lab.tabulate(
      DerivedTable(
        "search", title: "Sets of layers that were measured",
        rows: rows.sorted { ($0.layersOut, $0.kl) < ($1.layersOut, $1.kl) }, isShown: false))
    lab.tabulate(
      DerivedTable(
        "finalists", title: "The best sets of \(count) layers, bridges fitted independently",
        rows: candidates.prefix(Self.finalists).map { candidate in
          rows.first { $0.layers == candidate.text } ?? SearchRow("", candidate)
        }))
    try CategoryChoice(language: language, texts: texts, first: first, fitter: fitter).search(
      count, beside: candidates.prefix(Self.finalists).map(\.runs), in: lab)
    return Found(
      main: candidates[0].runs, others: otherSets,
      hard: [try bestHard(count, search, comparison)])
  }

  /// The run that costs least when simply left out.
  private func bestHard(
    _ count: Int, _ search: BridgeSearch, _ comparison: PlanComparison
  ) throws -> LayerRun {
    let measured = try search.runs(of: count).map { run in
      let distances = try comparison.compare(DepthPlan.skipping(run.layers)).joined()
      return (run, Bootstrap.mean(distances.map(\.klBaseSkip)))
    }
    return measured.min { $0.1 < $1.1 }?.0 ?? LayerRun(first, first + count - 1)
  }

  /// A fitter that has read the texts for every run that may be tried.
  private func fitter(_ count: Int) throws -> BridgeFitter {
    let layers = language.decoder.config.layerCount
    let runs = (1...count).flatMap {
      BridgeSearch.runs(of: $0, layerCount: layers, from: first)
    }
    let fitter = try BridgeFitter(language.decoder, runs: runs)
    let meter = ProgressMeter(
      "search: tokens", total: texts.searchFit.reduce(0) { $0 + $1.count })
    try fitter.read(texts.searchFit, for: .fit) { meter.advance(by: $0) }
    return fitter
  }
}
