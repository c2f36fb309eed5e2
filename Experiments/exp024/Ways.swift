import AISHarness
import AISKit

/// Lists the points, and makes of each what computes it.
final class Ways {
  private static let alpha: Float = 0.7
  private static let thresholds = ["0.85", "0.5"]
  /// The number formats that a device computes, in the order of their points.
  static func formats(on device: ComputeDevice) -> [ComputeType] {
    [.f32, .bf16, .native, .int8].filter(device.option.computeTypes.contains)
  }

  let language: LanguageModel
  private let lab: Workbench
  private let options: RouterOptions
  private let fits: BridgeFits
  private var formats: [ComputeType: DecoderModel] = [:]
  private var routers: TokenRouters?
  private var exitBridges: [ComputeType: ExitBridges] = [:]

  init(_ language: LanguageModel, _ fits: BridgeFits, _ options: RouterOptions, in lab: Workbench) {
    self.language = language
    self.fits = fits
    self.options = options
    self.lab = lab
  }

  /// The points over the sets found, and the number formats and exits beside them.
  ///
  /// Forms over the main set are compared on validation prompts, so that test prompts choose nothing.
  func points(
    _ found: LayerChoice.Found, quarter: LayerRun, sink: Int?, validation: PlanComparison
  ) throws -> [Point] {
    var sets: [(layers: String, choice: Point.Choice)] = []
    let main = found.candidates.first?.layers ?? quarter.text
    for set in [(main, Point.Choice.bridges), (found.hard, .hard), (quarter.text, .seed)]
      + found.others.map({ ($0, .other) }) where !sets.contains(where: { $0.0 == set.0 })
    {
      sets.append(set)
    }
    func point(
      _ kind: Point.Kind, _ setting: String, layers: String = "", _ choice: Point.Choice = .none
    ) -> Point {
      var point = Point()
      (point.kindText, point.setting, point.layers) = (kind.rawValue, setting, layers)
      point.choiceText = choice.rawValue
      point.leavesOutSink = kind != .soft && sink.map(point.skipped.contains) ?? false
      return point
    }
    var points = Self.formats(on: lab.device).map { point(.format, $0.rawValue) }
    let quarterOfWidth = language.decoder.config.hiddenSize / 4
    for (layers, choice) in sets {
      for kind in Point.Kind.allCases
      where Self.isCompared(kind, choice, runs: LayerRun.runs(in: layers).count) {
        guard kind.form.map(fits.isPossible) ?? true else { continue }
        points.append(point(kind, layers, layers: layers, choice))
        guard choice == .bridges, kind.form?.hasMap == true, kind != .passing else { continue }
        var bounded = point(kind, "\(layers), rank \(quarterOfWidth)", layers: layers, choice)
        bounded.rank = quarterOfWidth
        points.append(bounded)
      }
    }
    points += Self.thresholds.flatMap { [point(.exit, $0), point(.exitBridged, $0)] }
    points += Self.formats(on: lab.device).filter { $0 != .f32 }.flatMap { format in
      points.filter { isInEveryFormat($0, bestHard: found.hard) }.map { $0.computed(in: format) }
    }
    return try points.map { point in
      var point = point
      point.isAsked =
        point.kind == .format
        || point.kind == .hard && point.choice != .other && point.format == .f32
        || point.isMain && point.rank == 0 && [.map, .merged, .both].contains(point.kind)
      if point.isMain, point.kind != .passing, point.kind.form != nil {
        point.validationKL = Bootstrap.mean(
          try validation.compare(policy(of: point)).joined().map(\.klBaseSkip))
      }
      return point
    }
  }

  /// Whether a kind is compared over a set of layers: every kind over the main set and the seed's.
  private static func isCompared(
    _ kind: Point.Kind, _ choice: Point.Choice, runs: Int
  ) -> Bool {
    switch kind {
    case .format, .exit, .exitBridged: false
    case .hard, .soft: true
    case .passing: [.bridges, .seed].contains(choice) && runs == 1
    case .map, .both: choice != .hard
    case .merged, .graft: [.bridges, .seed].contains(choice)
    }
  }

  /// Whether a way is measured in the narrower formats, too: the best hard skip and those of other
  /// numbers of layers, bridges with grafts, and exits with bridges.
  private func isInEveryFormat(_ point: Point, bestHard: String) -> Bool {
    switch point.kind {
    case .hard: point.choice == .other || point.layers == bestHard
    case .both: point.rank == 0 && [.bridges, .other].contains(point.choice)
    // Bridges alone, if the layers before the runs cannot take grafts.
    case .map: !fits.isPossible(.both) && point.rank == 0 && point.choice != .seed
    case .exitBridged: true
    default: false
    }
  }

  /// The model that computes a point.
  func model(of point: Point) throws -> DecoderModel {
    if point.format == .f32 { return language.decoder }
    if let known = formats[point.format] { return known }
    let other = try lab.languageModel(point.format).decoder
    formats[point.format] = other
    return other
  }

  /// What decides which layers it runs.
  func policy(of point: Point) throws -> any DepthPolicy {
    switch point.kind {
    case .format: return DepthPlan.full
    case .exit, .exitBridged:
      let (routers, bridges) = try routersAndBridges(for: point)
      return try options.exit(
        above: point.threshold ?? 1, routers, point.kind == .exitBridged ? bridges : nil,
        model(of: point))
    case .hard: return try DepthPlan.skipping(point.skipped)
    case .soft: return try DepthPlan.blending(point.skipped, alpha: Self.alpha)
    case .passing, .map, .merged, .graft, .both:
      guard let form = point.kind.form else { return DepthPlan.full }
      return try fits.bridges(
        "exp024, \(point.kindText) over \(point.layers), rank \(point.rank)", over: point.runs,
        form,
        rank: point.rank > 0 ? point.rank : nil, shiftsFirst: point.kind != .passing
      ).plan(for: model(of: point))
    }
  }

  /// The routers, and the bridges from each of their layers to the end of the depth, packed for the
  /// model that computes a point; by default for the full float32 model.
  func routersAndBridges(
    for point: Point = Point()
  ) throws -> (routers: TokenRouters, bridges: ExitBridges) {
    let routers = try self.routers ?? lab.routers(option: options.router)
    self.routers = routers
    if let known = exitBridges[point.format] { return (routers, known) }
    var readout = ReadoutOptions()
    readout.readout = .bridge
    guard
      let bridges = try lab.exitBridges(
        behind: routers.layers, readout, language, on: model(of: point))
    else { throw RequestError("exit bridges", expected: "some", found: "none") }
    exitBridges[point.format] = bridges
    return (routers, bridges)
  }
}
