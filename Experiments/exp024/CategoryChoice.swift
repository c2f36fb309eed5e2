import AISHarness
import AISKit

/// Tests whether the best layers to replace with bridges differ by category of prompts.
struct CategoryChoice {
  let language: LanguageModel
  let texts: BridgeTexts
  /// The first layer that may be left out.
  let first: Int
  /// A fitter that has read the texts for bridges over all runs.
  let fitter: BridgeFitter

  /// Measures every single run of `count` layers, and some sets, on each category's own prompts.
  ///
  /// - Parameters:
  ///   - count: layers that are left out.
  ///   - sets: further sets to choose from; the first is the best one for all categories.
  ///   - lab: stores the table.
  /// - Throws: what fitting and a forward pass throw.
  func search(_ count: Int, beside sets: [[LayerRun]], in lab: Lab<Exp024.Row>) throws {
    let model = language.decoder
    var bridges: [LayerRun: Bridge] = [:]
    func bridge(_ run: LayerRun) throws -> Bridge {
      if let known = bridges[run] { return known }
      let bridge = try fitter.fit(run, .map).bridge
      bridges[run] = bridge
      return bridge
    }
    var gains: [[Double]] = []
    let meter = ProgressMeter("categories", total: texts.categories.count)
    let rows = try texts.categories.sorted { $0.key < $1.key }.map { category, texts in
      let search = BridgeSearch(
        model, on: try comparison(texts.choose), from: first, makeBridge: bridge)
      let candidates = try sets.map { try search.candidate($0) } + search.contiguous(count)
      var row = CategoryRow()
      row.category = category
      guard let best = candidates.min(by: { $0.kl < $1.kl }) else { return row }
      let judging = try comparison(texts.judge)
      func distances(_ runs: [LayerRun]) throws -> [[Double]] {
        try judging.compare(Bridges(runs.map(bridge)).plan(for: model)).map {
          $0.map(\.klBaseSkip)
        }
      }
      let (own, common) = (try distances(best.runs), try distances(sets[0]))
      gains += zip(common, own).map { zip($0, $1).map { $0 - $1 } }
      (row.layers, row.kl) = (best.text, Bootstrap.mean(Array(own.joined())))
      row.everywhere = Bootstrap.mean(Array(common.joined()))
      meter.advance()
      return row
    }
    lab.tabulate(
      DerivedTable("categories", title: "Layers chosen for each category", rows: rows))
    let gain = Bootstrap().mean(ofClusters: gains)
    lab.summarize(
      SummaryValue(
        "category_gain", gain.value, in: gain.interval, unit: "nats",
        "KL spared by choosing layers for each category, on validation prompts that did not choose, "
          + "bridges fitted independently",
        compare: .absolute(0.02), show: .decimals(3)))
  }

  private func comparison(_ texts: [[Int32]]) throws -> PlanComparison {
    try PlanComparison(language.decoder, texts: texts, firstPosition: self.texts.opening)
  }
}
