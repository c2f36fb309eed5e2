import AISKit

/// Searches for the best layers to replace with bridges, on the validation split.
package final class LayerChoice {
  /// The length of the runs that the greedy search adds.
  private static let piece = 4
  /// The number of sets that are measured again for each category.
  private static let finalists = 10
  /// The number of those that are shown.
  package static let shown = 5
  /// The first layer that may be left out; block 0 is indispensable.
  private static let first = 1

  /// The sets that were chosen, as `11-18`.
  package struct Found {
    /// Sets of the given number of layers that save nearly as much as one run, the best first.
    package var candidates: [SearchRow] = []
    /// The best run for each of the other numbers of layers.
    package var others: [String] = []
    /// The set of as many layers that costs least when simply left out.
    package var hard = ""

    /// Chooses from what was measured.
    ///
    /// Bridges cost work too, so a set must save nearly as much as one run with one bridge.
    ///
    /// - Parameters:
    ///   - rows: the sets that were measured.
    ///   - count: the number of layers that are left out.
    ///   - others: other numbers of layers.
    ///   - bridgeCost: a bridge's work, in blocks.
    ///   - leastSaving: the least share of one run's saving that a set must have.
    package init(
      _ rows: [SearchRow], count: Int, others: [Int], bridgeCost: Double, leastSaving: Double
    ) {
      func best(_ rows: [SearchRow]) -> [SearchRow] { rows.sorted { $0.kl < $1.kl } }
      func saving(_ bridges: Int) -> Double { Double(count) - bridgeCost * Double(bridges) }
      let bridged = rows.filter { $0.bridges > 0 }
      candidates = best(
        bridged.filter {
          $0.layersOut == count && saving($0.bridges) >= leastSaving * saving(1)
        })
      self.others = others.compactMap { other in
        best(bridged.filter { $0.layersOut == other && $0.bridges == 1 }).first?.layers
      }
      hard = best(rows.filter { $0.bridges == 0 }).first?.layers ?? ""
    }
  }

  private let language: LanguageModel
  private let texts: BridgeTexts
  private let lengths: Set<Int>
  private var reader: BridgeFitter?
  private var bridges: [LayerRun: Bridge] = [:]

  private let count: Int
  private let others: [Int]

  /// A choice among sets of `count` layers, and among single runs of other numbers of layers.
  package init(language: LanguageModel, texts: BridgeTexts, count: Int, others: [Int]) {
    (self.language, self.texts, self.count, self.others) = (language, texts, count, others)
    lengths = Set(1...count).union(others)
  }

  /// Measures sets with bridges, and plans that simply leave as many layers out.
  package func search(in lab: Workbench) throws -> [SearchRow] {
    let comparison = try compare(texts.search)
    let search = BridgeSearch(
      language.decoder, on: comparison, from: Self.first, makeBridge: bridge)
    var rows: [SearchRow] = []
    var found = "single run"
    search.measured = { candidate in
      rows.append(SearchRow(found, candidate))
      let kl = NumberFormat.text(candidate.kl, .decimals(3), unit: "")
      lab.say("  search   \(found): \(candidate.text), KL \(kl)")
    }
    var candidates = try search.contiguous(count)
    for other in others { _ = try search.contiguous(other) }
    if Self.piece < count {
      found = "greedy, pieces of \(Self.piece)"
      if let greedy = try search.greedy(count, pieces: Self.piece) { candidates.append(greedy) }
    }
    found = "one end moved"
    for start in candidates.sorted(by: { $0.kl < $1.kl }).prefix(2) {
      _ = try search.improved(start)
    }
    let greedy = LayerRun.runs(of: try lab.bestSkip(of: count, language).layers)
    return try rows
      + (search.runs(of: count).map { [$0] } + [greedy]).map { runs in
        let plan = try DepthPlan.skipping(runs.flatMap { Array($0.layers) })
        let rows = try comparison.compare(plan).joined()
        let candidate = BridgeSearch.Candidate(
          runs: runs, kl: Bootstrap.mean(rows.map(\.klBaseSkip)),
          topOneAgreement: Proportion(of: rows.map(\.topOneAgrees)).rate)
        return SearchRow("hard skip", candidate, bridges: 0)
      }
  }

  /// Measures the best sets on texts of each category that choose, and the best one of the category
  /// and of all categories on others that judge the choice.
  package func categories(_ found: Found) throws -> [CategoryRow] {
    let meter = ProgressMeter("categories", total: texts.categories.count)
    let sets = found.candidates.prefix(Self.finalists).map(\.layers)
    return try texts.categories.sorted { $0.key < $1.key }.flatMap { category, texts in
      let chosen = try measure(sets, on: texts.choose, category, isJudging: false)
      let own = Self.best(of: chosen)
      let judged = try measure(
        Set([own, sets.first].compactMap { $0 }).sorted(), on: texts.judge, category,
        isJudging: true)
      meter.advance()
      return chosen + judged
    }
  }

  /// The set with the lowest mean KL on the texts of one category that choose.
  package static func best(of rows: [CategoryRow]) -> String? {
    Dictionary(grouping: rows.filter { !$0.isJudging }, by: \.layers).min {
      (mean($0.value), $0.key) < (mean($1.value), $1.key)
    }?.key
  }

  package static func mean(_ rows: [CategoryRow]) -> Double {
    rows.reduce(0) { $0 + $1.kl } / Double(rows.reduce(0) { $0 + $1.positions })
  }

  private func measure(
    _ sets: [String], on texts: [[Int32]], _ category: String, isJudging: Bool
  ) throws -> [CategoryRow] {
    let comparison = try compare(texts)
    return try sets.flatMap { layers in
      let plan = try Bridges(LayerRun.runs(in: layers).map(bridge)).plan(for: language.decoder)
      return try comparison.compare(plan).enumerated().map { text, rows in
        var row = CategoryRow()
        (row.category, row.layers, row.isJudging, row.text) = (category, layers, isJudging, text)
        (row.positions, row.kl) = (rows.count, rows.reduce(0) { $0 + $1.klBaseSkip })
        return row
      }
    }
  }

  private func compare(_ texts: [[Int32]]) throws -> PlanComparison {
    try PlanComparison(language.decoder, texts: texts, firstPosition: self.texts.opening)
  }

  /// The bridge over a run, fitted independently of others.
  private func bridge(_ run: LayerRun) throws -> Bridge {
    if let known = bridges[run] { return known }
    let bridge = try fitter().fit(run, .map).bridge
    bridges[run] = bridge
    return bridge
  }

  /// A fitter that has read the texts for every run that may be tried.
  private func fitter() throws -> BridgeFitter {
    if let reader { return reader }
    let layers = language.decoder.config.layerCount
    let fitter = try BridgeFitter(
      language.decoder,
      runs: lengths.sorted().flatMap {
        BridgeSearch.runs(of: $0, layerCount: layers, from: Self.first)
      })
    let meter = ProgressMeter(
      "search: tokens", total: texts.searchFit.reduce(0) { $0 + $1.count })
    try fitter.read(texts.searchFit, for: .fit) { meter.advance(by: $0) }
    reader = fitter
    return fitter
  }
}
