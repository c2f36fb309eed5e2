// exp020: can a small router know whether a token has settled?
//
// TIDE trained its exit routers on raw states and scored normed ones. It used all of its texts at
// once, without a seed, without checking how rare its labels were, and fell back to a few sentences
// about a fox when its data were missing. Its threshold was a number that looked good. Here routers
// are trained on the states that they will see, and stopped by other texts. Their threshold is
// chosen on texts of a further split, so that a stated share of wrong exits is exceeded with at
// most a stated probability (Learn then Test). All of it is then tested on a fourth part.
//
// Run: make exp-020. About five minutes on two cores with the default model in float32.

import AISHarness
import AISKit
import ArgumentParser
import Foundation

@main
struct Exp020: Experiment {
  static let card = ExperimentCard(
    id: "020", title: "Routers for token exit, with a guaranteed threshold",
    question: "Can a small router know that a token has settled, and what may then leave?",
    claim: "A small router ranks tokens by whether they have settled, and some may leave safely.",
    criteria: [
      Criterion(
        "ranking", "AUROC on test texts ≥ \(area) behind every layer where tokens may leave (95 %)"),
      Criterion(
        "guarantee",
        "of \(draws) draws of the texts that choose the threshold at most \(mostViolations) exceed the "
          + "share allowed, for every share (ε = \(epsilon); the binomial's 99 % quantile)"),
      Criterion(
        "yield",
        "with wrong exits of at most \(Int(judged * 100)) % of all tokens, more test tokens leave than "
          + "could if chance chose them, behind the checkpoint where most have settled (95 %)"),
    ],
    cost: "about five minutes on two cores in float32, 2 GB of memory", showsRows: false)
  static let area = 0.7
  static let epsilon = 0.1
  static let draws = 200
  static let mostViolations = 30
  static let judged = 0.05
  /// The shares of wrong exits that a threshold is chosen for.
  static let risks = [0.01, 0.02, 0.05, 0.1, 0.2]
  static let dataFiles = [DataFiles.dolly]
  static let defaultPrompts = Prerequisite.routerPrompts
  static let defaultCount: DefaultCount? = .items(defaultPrompts)

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var exit: ReadoutOptions
  @OptionGroup var output: OutputOptions
  @Option(help: "Longer prompts are left out, not cut.")
  var tokens: Int = Prerequisite.routerTokens
  @Option(help: "What counts as settled: agreement, cosine.")
  var labels: RouterCalibration.Label = .agreement
  @Option(help: "How rows of the two labels weigh in training: rows, classes.")
  var balance: RouterTraining.Balance = .rows

  static let variantOptions: Set = ["readout"]

  var variant: String { exit.label }

  func validate() throws {
    if tokens < 2 { throw ValidationError("--tokens \(tokens): expected at least 2") }
  }

  var needs: [Need] { exit.needs }

  func workload(in setting: WorkSetting) -> Workload? {
    let count = Double(data.count ?? Self.defaultPrompts)
    let parts = [(Split.calibration, 0.4), (.validation, 0.3), (.test, 0.3)].map { split, share in
      setting.prompts(max(1, Int(count * share)), of: split, atMost: tokens)
    }
    // A third of the positions is also read out after every checkpoint, and routers are trained.
    return Workload(
      Workload.count(parts.reduce(0) { $0 + $1.count }, "prompts of three splits"),
      tokens: parts.reduce(0) { $0 + $1.tokens } * 2)
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try LanguageModel(path: lab.model.path, type: lab.computeType)
    let sample = try CalibrationSample(
      lab, language, count: data.count ?? Self.defaultPrompts, maximumTokens: tokens)
    lab.say(sample.summary)
    var calibration = RouterCalibration(model: language.decoder)
    calibration.label = labels
    calibration.exitBridges = try lab.exitBridges(
      behind: calibration.configuration.checkpoints(
        layerCount: language.decoder.config.layerCount), exit, language)
    calibration.labelEvery = 3
    calibration.training.balance = balance
    calibration.risk = RiskControl(risk: Self.judged, error: Self.epsilon)
    calibration.seed = lab.seed
    let trial = CalibrationTrial(calibration, sample)
    let (routers, report) = try trial.train(in: lab)
    let outcomes = try trial.test(routers, report, in: lab)
    let items = Self.risks.flatMap { risk in
      sample.test.indices.map { (risk: risk, prompt: $0) }
    }
    try lab.measureEach(
      items, "prompts × shares", by: { "\($0.risk) \($0.prompt)" },
      rowKey: { "\($0.risk) \($0.prompt)" }, { outcomes.row(risk: $0.risk, prompt: $0.prompt) })
    outcomes.report(in: lab)
  }

  static func findings(_ table: ResultTable<Row>) -> [NamedFinding] {
    let layers = table.summary.map(\.column.name).filter { $0.hasPrefix("auroc_layer_") }
    let minLayers = Int(table.number("min_layers") ?? 0)
    let rankings = layers.compactMap { name -> NamedFinding? in
      guard let layer = Int(name.dropFirst("auroc_layer_".count)), layer + 1 >= minLayers else {
        return nil
      }
      func number(_ part: String) -> Double { table.number("\(part)_layer_\(layer)") ?? .nan }
      return NamedFinding(
        "ranking, layer \(layer)",
        .atLeast(
          Estimate(
            value: number("auroc"),
            interval: Interval(lower: number("auroc_lower"), upper: number("auroc_upper")),
            count: Int(table.number("test_prompts") ?? 0)), threshold: area, of: "texts"))
    }
    let violations = risks.map { risk in
      let chosen = table.number(SimulationRow.chosenName(risk)) ?? 0
      let exceeding = table.number(SimulationRow.name(risk)) ?? .infinity
      return NamedFinding(
        "guarantee, \(risk)",
        .met(
          exceeding <= Double(mostViolations),
          measured: "\(NumberFormat.text(.real(exceeding), .decimals(0))) exceed the share",
          asked: "≤ \(mostViolations)", sample: "\(draws) draws"
        ).needing(
          chosen >= Double(draws) / 2, "a threshold was found in \(Int(chosen)) draws alone"))
    }
    let yields = NamedFinding(
      "yield",
      .atLeast(
        ExitSummary(table.rows, risk: judged).exitRate,
        threshold: table.number("chance_exits") ?? .infinity, of: "prompts", show: .percent(1)))
    return rankings + violations + [yields]
  }
}
