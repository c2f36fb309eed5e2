// exp021: how many tokens exit at which threshold, and are the predictions still the same?
//
// The seed ran every layer, then picked an earlier layer's output for tokens whose exit router said
// yes. It called that an exit, counted the model's own last layer as one, and compared the output
// with nothing. Here rows are removed from the pass, the loop counts the layers that run, and every
// position's prediction is compared with the full model's. Two other ways are shown beside it:
// decisions on the full model's states, as the seed made them, and an oracle that knows when a
// layer's own readout has the final token. A placebo goes through the same comparison: the full
// model in other number formats.
//
// Run: make exp-021. About eight minutes on two cores in float32, once the routers are there.

import AISHarness
import AISKit
import ArgumentParser

@main
struct Exp021: Experiment {
  static let card = ExperimentCard(
    id: "021", title: "Token exit in prefill",
    question: "How many tokens exit at which threshold, where, and do predictions stay the same?",
    claim: "Most tokens exit early without changing what is predicted.",
    criteria: [
      Criterion(
        "identity",
        "above threshold 1 the logits of every prompt are bit-identical to the full model's"),
      Criterion(
        "exits",
        "at \(judged) at least \(exiting) of the tokens exit (95 %, over prompts)"),
      Criterion(
        "agreement",
        "at \(judged) top-1 agreement over all tokens is ≥ \(agreement) (95 %, over prompts)"),
    ],
    cost: "about eight minutes on two cores in float32, 1 GB of memory", showsRows: false)
  static let judged = 0.85
  static let exiting = 0.5
  static let agreement = 0.95
  static let usualThresholds = [1.01, 1, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]
  static let dataFiles = [DataFiles.dolly]
  static let wholeFrom: Int? = defaultPrompts
  /// Fifteen per category.
  static let defaultPrompts = 120
  static let runsInShards = true
  static let defaultCount: DefaultCount? = .items(defaultPrompts)

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var exit: RouterOptions
  @OptionGroup var readout: ReadoutOptions
  @OptionGroup var output: OutputOptions
  @Option(help: "Longer prompts are left out, not cut.") var tokens: Int = 256

  static let variantOptions: Set = ["router", "readout"]

  var variant: String { readout.label(exit) }
  var needs: [Need] { exit.needs + readout.needs }
  var inputFiles: [(name: String, path: String)] { exit.inputFiles }
  var extents: [String: Int] { ["n": data.count ?? Self.defaultPrompts] }

  func validate() throws {
    if tokens < 2 { throw ValidationError("--tokens \(tokens): expected at least 2") }
  }

  func workload(in setting: WorkSetting) -> Workload? {
    let sample = setting.prompts(data.count ?? Self.defaultPrompts, of: .test, atMost: tokens)
    // The given thresholds, or the usual ones and the guaranteed one; the oracle; the full pass;
    // the placebos, each with a full pass.
    let placebos = FormatPlacebo.all(besides: model.dtype, on: model.device).count
    let settings =
      (exit.thresholds?.split(separator: ",").count ?? Self.usualThresholds.count + 1)
      + 2 + 2 * placebos
    return Workload(
      "\(Workload.count(sample.count, "prompts")) × \(settings) passes",
      tokens: sample.tokens * Double(settings))
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try lab.languageModel()
    let routers = try lab.routers(option: exit.router)
    let settings =
      try exit.settings(
        usual: Self.usualThresholds, routers, readout: readout.readout) + [ExitSetting.oracle]
    let sample = try lab.sample(data.count ?? Self.defaultPrompts, atMost: tokens, language)
    let trial = try ExitTrial(
      language.decoder, routers, exit,
      lab.exitBridges(behind: routers.layers, readout, language),
      opening: PromptDraw.sharedOpening(language).count)
    let placebos = PlaceboModels(of: lab)
    // One other number format after another, so that no more than two models are in memory.
    let items =
      sample.prompts.indices.flatMap { prompt in settings.map { (prompt, $0) } }
      + FormatPlacebo.all(besides: lab.computeType, on: lab.device.option).flatMap { placebo in
        sample.prompts.indices.map { ($0, placebo.setting) }
      }
    try lab.measureEach(
      items, "prompts × thresholds", by: { "\($0.0) \($0.1.label)" },
      rowKey: { "\($0.prompt) \($0.setting)" },
      { prompt, setting in
        var row = Row()
        (row.prompt, row.category) = (prompt, sample.prompts[prompt].category)
        (row.setting, row.threshold) = (setting.label, setting.threshold ?? .nan)
        if let placebo = FormatPlacebo(label: setting.label) {
          try trial.fill(&row, sample.tokens[prompt], placebos.model(of: placebo))
        } else {
          try trial.fill(&row, sample.tokens[prompt], setting)
        }
        return row
      })
  }

  static func report(_ evidence: Evidence<Row>) -> Report { ExitReport(evidence.rows).report }
}

extension ExitSetting {
  /// A row exits after the first checkpoint whose own readout has the full model's token.
  static let oracle = ExitSetting(label: "oracle")
}
