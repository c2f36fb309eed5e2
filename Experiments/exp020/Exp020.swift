// exp020: can a small router know whether a token has settled?
//
// TIDE trained its exit routers on raw states and scored normed ones. It used all of its texts at
// once, without a seed, without checking how rare its labels were, and fell back to a few sentences
// about a fox when its data were missing. Its threshold was a number that looked good. Here routers
// are trained on the states that they will see, and stopped by other texts. Their threshold is
// chosen on texts of a further split, so that a stated share of wrong exits is exceeded with at
// most a stated probability (Learn then Test): once for decisions on the full model's states, once
// for exits that are really executed. All of it is then tested on a fourth part.
//
// Run: make exp-020. About twenty-five minutes on two cores with the default model in float32.

import AISHarness
import AISKit
import ArgumentParser

@main
struct Exp020: Experiment {
  static let card = ExperimentCard(
    id: "020", title: "Routers for token exit, with a guaranteed threshold",
    question: "Can a small router know that a token has settled, and what may then exit?",
    claim: "A small router ranks tokens by whether they have settled, and some may exit safely.",
    criteria: [
      Criterion(
        "ranking", "AUROC on test texts ≥ \(area) after every layer where tokens may exit (95 %)"),
      Criterion(
        "guarantee",
        "of \(draws) draws of the texts that choose the threshold at most \(mostViolations) exceed the "
          + "share allowed, for every share (ε = \(epsilon); the binomial's 99 % quantile)"),
      Criterion(
        "yield",
        "with wrong exits of at most \(Int(judged * 100)) % of all tokens, more test tokens exit than "
          + "could if chance chose them, after the checkpoint where most have settled (95 %)"),
      Criterion(
        "executed",
        "with a threshold chosen on executed exits, the executed test texts do not exceed the share "
          + "allowed (mean over texts; no 95 % interval lies above it), for every share with one"),
    ],
    cost: "about twenty-five minutes on two cores in float32, 2 GB of memory", showsRows: false)
  static let area = 0.7
  static let epsilon = 0.1
  static let draws = 200
  static let mostViolations = 30
  static let judged = 0.05
  /// The shares of wrong exits that a threshold is chosen for.
  static let risks = [0.01, 0.02, 0.05, 0.1, 0.2]
  /// Those for which exits are executed too.
  static let executedRisks = risks.filter { $0 <= 0.1 }
  /// The thresholds at which exits are executed, fixed before any data are seen.
  static let executedThresholds = [
    0.98, 0.95, 0.925, 0.9, 0.875, 0.85, 0.825, 0.8, 0.775, 0.75, 0.7, 0.65, 0.6, 0.5, 0.4,
  ]
  static let rawTables: [any RawRow.Type] = [
    CheckpointRow.self, ValidationRow.self, ScoreRow.self, ExecutedRow.self,
  ]
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
    let calibration = parts.reduce(0) { $0 + $1.tokens } * 2
    // Two thirds of the grid before it ends, and about as many chosen thresholds on test texts.
    let passes = Double(Self.executedThresholds.count) * 2 / 3 + 1
    return Workload(
      Workload.count(parts.reduce(0) { $0 + $1.count }, "prompts of three splits")
        + ", two of them with executed exits at several thresholds",
      tokens: calibration + passes * (parts[1].tokens + parts[2].tokens))
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try lab.languageModel()
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
    let minLayers = calibration.configuration.minLayers
    try lab.note("min_layers", minLayers, "layers that must run before an exit")
    let routers = try CalibrationTrial(calibration: calibration, sample: sample).routers(in: lab)
    func outcomes() -> Outcomes {
      Outcomes(
        scores: lab.rows(of: ScoreRow.self), validation: lab.rows(of: ValidationRow.self),
        executed: lab.rows(of: ExecutedRow.self), minLayers: minLayers)
    }
    let decided = outcomes()
    let items = Self.risks.flatMap { risk in
      sample.test.indices.map { (risk: risk, prompt: $0) }
    }
    try lab.measureEach(
      items, "prompts × shares", by: { "\($0.risk) \($0.prompt)" },
      rowKey: { "\($0.risk) \($0.prompt)" },
      { decided.row(risk: $0.risk, prompt: $0.prompt, sample.categories[$0.prompt]) })
    let trial = ExecutedTrial(
      model: language.decoder, routers: routers, bridges: calibration.exitBridges,
      opening: sample.opening)
    try trial.calibrate(sample.choosing, in: lab)
    try trial.judge(sample.test, at: outcomes().executedThresholds, in: lab)
  }

  static func report(_ evidence: Evidence<Row>) -> Report { RouterReport(evidence).report }
}

extension Outcomes {
  /// One test prompt under the threshold chosen for a share, decided on the full model's states.
  fileprivate func row(risk: Double, prompt: Int, _ category: String) -> Exp020.Row {
    var row = Exp020.Row()
    (row.risk, row.prompt, row.category) = (risk, prompt, category)
    row.threshold = threshold(.states, risk)
    guard let test else { return row }
    // Every prompt has rows, since its template continues after the opening.
    row.positions = test.rows[prompt]
    if let place = test.thresholds.firstIndex(of: row.threshold) {
      row.exits = test.exits[place][prompt]
      row.disagreements = test.disagreements[place][prompt]
    }
    return row
  }
}
