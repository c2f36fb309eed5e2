// exp021: how many tokens exit at which threshold, and are the predictions still the same?
//
// The seed ran every layer, then picked an earlier layer's output for tokens whose exit router said
// yes. It called that an exit, counted the model's own last layer as one, and compared the output
// with nothing. Here rows are removed from the pass, the loop counts the layers that run, and every
// position's prediction is compared with the full model's. Two other ways are shown beside it:
// decisions on the full model's states, as the seed made them, and an oracle that knows when a
// layer's own readout has the final token.
//
// Run: make exp-021. About seven minutes on two cores in float32, once the routers are there.

import AISHarness
import AISKit
import ArgumentParser

@main
struct Exp021: Experiment {
  static let card = ExperimentCard(
    id: "021", title: "Token exit in prefill",
    question: "How many tokens leave at which threshold, where, and do they still say the same?",
    claim: "Most tokens leave early without changing what is said.",
    criteria: [
      Criterion(
        "identity",
        "above threshold 1 the logits of every prompt are bit-identical to the full model's"),
      Criterion(
        "exits",
        "at \(judged) at least \(leaving) of the tokens leave (95 %, bootstrap over prompts)"),
      Criterion(
        "agreement",
        "at \(judged) top-1 agreement over all tokens is ≥ \(agreement) (95 %, bootstrap over "
          + "prompts)"),
    ],
    cost: "about seven minutes on two cores in float32, 1 GB of memory", showsRows: false)
  static let judged = 0.85
  static let leaving = 0.5
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

  func validate() throws {
    if tokens < 2 { throw ValidationError("--tokens \(tokens): expected at least 2") }
  }

  func workload(in setting: WorkSetting) -> Workload? {
    let sample = setting.prompts(data.count ?? Self.defaultPrompts, of: .test, atMost: tokens)
    // The given thresholds, or the usual ones and the guaranteed one; the oracle; the full pass.
    let settings =
      (exit.thresholds?.split(separator: ",").count ?? Self.usualThresholds.count + 1) + 2
    return Workload(
      "\(Workload.count(sample.count, "prompts")) × \(settings) passes",
      tokens: sample.tokens * Double(settings))
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try LanguageModel(path: lab.model.path, type: lab.computeType)
    let routers = try lab.routers(option: exit.router)
    let settings =
      try exit.settings(
        usual: Self.usualThresholds, routers, readout: readout.readout) + [ExitSetting.oracle]
    let sample = try PromptDraw(
      data: DataFiles.prompts(lab.dataFile(DataFiles.dolly)), language: language, split: .test,
      count: data.count ?? Self.defaultPrompts, maximumTokens: tokens, seed: lab.seed)
    lab.sayShortages(sample)
    lab.say(
      "  sample   \(sample.prompts.count) prompts of the test split, \(sample.tokenCount) tokens; "
        + "\(sample.leftOutCount) of the data are longer than \(tokens)")
    let trial = try ExitTrial(
      language.decoder, routers, exit,
      lab.exitBridges(behind: routers.layers, readout, language),
      opening: PromptDraw.sharedOpening(language).count)
    let items = sample.prompts.indices.flatMap { prompt in
      settings.map { (prompt: prompt, setting: $0) }
    }
    try lab.measureEach(
      items, "prompts × thresholds", by: { "\($0.prompt) \($0.setting.label)" },
      rowKey: { "\($0.prompt) \($0.setting)" },
      {
        try trial.row(
          $0.prompt, sample.prompts[$0.prompt].category, sample.tokens[$0.prompt], $0.setting)
      })
    ExitSummary(rows: lab.rows, layerCount: language.decoder.config.layerCount).report(in: lab)
  }

  static func findings(_ table: ResultTable<Row>) -> [NamedFinding] {
    ExitFindings(rows: table.rows).all
  }
}

extension ExitSetting {
  /// A row exits after the first checkpoint whose own readout has the full model's token.
  static let oracle = ExitSetting(label: "oracle")
}
