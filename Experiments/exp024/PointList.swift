import AISHarness
import AISKit

/// Makes the list of ways that are compared.
final class PointList {
  private static let alpha: Float = 0.7
  private static let thresholds = [0.85, 0.5]
  private let language: LanguageModel
  private let fits: BridgeFits
  private let routers: TokenRouters
  private let options: RouterOptions
  private let exits: Bridges
  private let validation: PlanComparison

  init(
    _ language: LanguageModel, _ texts: BridgeTexts, _ fits: BridgeFits, _ routers: TokenRouters,
    _ options: RouterOptions
  ) throws {
    self.language = language
    self.fits = fits
    self.routers = routers
    self.options = options
    validation = try PlanComparison(
      language.decoder, texts: texts.search, firstPosition: texts.opening)
    exits = try fits.exits(behind: routers.layers)
  }

  /// Each way with its settings.
  ///
  /// `main` is the set whose bridges have every form, `others` are sets of fewer and more layers,
  /// `hard` is the best hard skip of as many layers, and `quarter` is always the second quarter of
  /// the depth.
  func all(_ found: LayerChoice.Found, quarter: [LayerRun]) throws -> [Point] {
    let main = found.main
    var points = [ComputeType.f32, .bf16, .native, .int8].map {
      Point(kind: Exp024.Kind.format, setting: $0.rawValue, way: .format($0), answers: true)
    }
    var seen = Set<String>()
    for set in [main, quarter] + found.others + [found.hard]
    where seen.insert(Self.text(set)).inserted {
      let isShown = set == main || set == quarter
      let answers = isShown || set == found.hard
      points += try skips(set, isMain: set == main, answers: answers)
      if isShown, set.count == 1 {
        points.append(
          Point(
            kind: Exp024.Kind.passing, setting: Self.text(set),
            way: .plan(try fits.passing(set[0]).plan(for: language.decoder))))
      }
      // For the layers that suit hard skip best, no bridges are measured.
      guard isShown || found.others.contains(set) else { continue }
      for form in BridgeForm.allCases where isShown || form == .map || form == .both {
        points += try bridged(set, form, isMain: set == main, answers: isShown)
      }
    }
    return points + (try exitPoints())
  }

  private static func text(_ runs: [LayerRun]) -> String {
    runs.map(\.text).joined(separator: ",")
  }

  private func skips(_ set: [LayerRun], isMain: Bool, answers: Bool) throws -> [Point] {
    let layers = set.flatMap { Array($0.layers) }
    return [
      Point(
        kind: Exp024.Kind.hard, setting: Self.text(set), way: .plan(try .skipping(layers)),
        isMain: isMain, answers: answers),
      Point(
        kind: Exp024.Kind.soft, setting: Self.text(set),
        way: .plan(try .blending(layers, alpha: Self.alpha)), isMain: isMain, answers: answers),
    ]
  }

  private func bridged(
    _ set: [LayerRun], _ form: BridgeForm, isMain: Bool, answers: Bool
  ) throws -> [Point] {
    let hard = try DepthPlan.skipping(set.flatMap { Array($0.layers) })
    let rank = language.decoder.config.hiddenSize / 4
    let ranks = isMain && form.hasMap ? [nil, rank] : [nil]
    return try ranks.compactMap { rank in
      guard let bridges = try fits.bridges(set, form, rank: rank) else { return nil }
      let plan = try bridges.plan(for: language.decoder)
      var point = Point(
        kind: Exp024.Kind.bridge(form),
        setting: Self.text(set) + (rank.map { ", rank \($0)" } ?? ""), way: .plan(plan),
        isMain: isMain, answers: answers)
      guard isMain else { return point }
      point.hard = hard
      point.validationKL = Bootstrap.mean(
        try validation.compare(plan).joined().map(\.klBaseSkip))
      return point
    }
  }

  private func exitPoints() throws -> [Point] {
    let model = language.decoder
    let bridges = try ExitBridges(exits, model)
    return try Self.thresholds.flatMap { threshold in
      var exit = try TokenExit(
        routers: routers, model: model, configuration: options.configuration(threshold, routers))
      let plain = exit
      exit.exitBridges = bridges
      return [
        Point(kind: Exp024.Kind.exit, setting: "\(threshold)", way: .exit(plain)),
        Point(kind: Exp024.Kind.exitBridged, setting: "\(threshold)", way: .exit(exit)),
      ]
    }
  }

  /// How often a checkpoint's own readout has the full model's token, with and without its exit bridge.
  func tabulateLens(_ texts: BridgeTexts, in lab: Lab<Exp024.Row>) throws {
    let model = language.decoder
    let layers = exits.bridges.map { $0.run.first - 1 }
    let packed = try ExitBridges(exits, model)
    let capture = HiddenStateCapture(layers: layers)
    var agrees: [[[Double]]] = Array(repeating: [], count: 2 * layers.count)
    let meter = ProgressMeter("lens: prompts", total: texts.test.count)
    for text in texts.test where text.count > texts.opening {
      capture.rows = Array(texts.opening..<text.count)
      var context = try model.makeContext(capacity: text.count)
      try model.forward(PackedTokens(text), in: &context, observer: capture, logits: .all)
      let final = capture.rows.map { row in context.withLogits(row: row) { Int32($0.firstLargest) }
      }
      for (place, layer) in layers.enumerated() {
        let states = capture.captured[layer] ?? []
        for (way, bridge) in [nil, packed[layer]].enumerated() {
          let tops = try model.topTokens(
            ofHiddenStates: states, through: bridge, firstRows: texts.opening == 0 ? [0] : [])
          agrees[2 * place + way].append(zip(tops, final).map { $0 == $1 ? 1 : 0 })
        }
      }
      meter.advance()
    }
    let rows = layers.indices.flatMap { place in
      ["head alone", "exit bridge"].enumerated().map { way, name in
        let share = Bootstrap(resamples: 1_000).mean(ofClusters: agrees[2 * place + way])
        var row = LensRow()
        (row.layer, row.readout, row.agreement) = (layers[place], name, share.value)
        (row.lower, row.upper) = (share.interval.lower, share.interval.upper)
        return row
      }
    }
    lab.tabulate(DerivedTable("lens", title: "What layers say by themselves", rows: rows))
    lab.draw(
      Figure(
        name: "lens", title: "Agreement of a layer's own readout", table: "lens",
        kind: .lines(
          x: "layer", value: "agreement", lower: "lower", upper: "upper", series: "readout",
          ideal: nil)))
  }
}
