// exp023: what happens to generated text when its tokens exit early?
//
// The seed printed one prompt's text at three thresholds and called it "equally coherent". Its end
// token was hard-coded, and ended sequences went on. Here a hundred prompts are continued greedily
// at every threshold, in batches from which finished sequences are removed. Each text is compared
// with the full model's token by token. The full model also reads it: how probable it finds the
// text (perplexity), and how far the distributions that chose each token were from its own (KL). A
// text that repeats itself has a low perplexity, so repetition is counted too. Greedy texts diverge
// by themselves after a first difference; so texts of the full model in other number formats, a
// placebo, go through the same comparison.
//
// Run: make exp-023. About thirteen minutes on two cores in float32, once the routers are there.

import AISHarness
import AISKit
import ArgumentParser

@main
struct Exp023: Experiment {
  static let card = ExperimentCard(
    id: "023", title: "Text generated with token exit",
    question: "What happens to generated text when tokens exit early?",
    claim: "Exiting early keeps the text that the model writes.",
    criteria: [
      Criterion(
        "identity", "above threshold 1 every text is the full model's, token by token"),
      Criterion(
        "prefix",
        "at \(judged) the part before the first difference is ≥ \(prefix) of a text, mean (95 %, over "
          + "prompts)"),
      Criterion(
        "perplexity",
        "at \(judged) the full model's perplexity of the texts is ≤ \(perplexityRatio) times that of "
          + "its own (95 %, over prompts)"),
      Criterion(
        "reading",
        "reading its own texts in one pass, the full model is within \(readingNats) nats of the "
          + "distributions it wrote them from, mean: else nothing here means anything"),
    ],
    cost: "about thirteen minutes on two cores in float32, 2 GB of memory", showsRows: false)
  static let judged = 0.85
  static let prefix = 0.9
  static let perplexityRatio = 1.05
  static let readingNats = 1e-3
  /// The seed's own, with the first raised above 1 so that it really switches exits off.
  static let usualThresholds = [1.01, 0.85, 0.5]
  static let dataFiles = [DataFiles.dolly]
  static let wholeFrom: Int? = defaultPrompts
  /// Thirteen per category, in full batches of eight.
  static let defaultPrompts = 104
  static let defaultCount: DefaultCount? = .items(defaultPrompts)
  /// Longer prompts are left out.
  static let longestPrompt = 160
  static let runsInShards = true

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var exit: RouterOptions
  @OptionGroup var readout: ReadoutOptions
  @OptionGroup var output: OutputOptions
  @Option(help: "New tokens of each text at most.") var tokens: Int = 100
  @Option(help: "Prompts continued together.") var batch: Int = 8

  static let variantOptions: Set = ["router", "readout"]

  var variant: String { readout.label(exit) }
  var needs: [Need] { exit.needs + readout.needs }
  var inputFiles: [(name: String, path: String)] { exit.inputFiles }
  // Rows of a batch do not depend on each other, so a smaller run's rows stay as they are.
  var extents: [String: Int] { ["n": data.count ?? Self.defaultPrompts] }

  func validate() throws {
    if tokens < 1 { throw ValidationError("--tokens \(tokens): expected at least 1") }
    if !(1...1_024).contains(batch) {
      throw ValidationError("--batch \(batch): expected 1 to 1024")
    }
  }

  func workload(in setting: WorkSetting) -> Workload? {
    let sample = setting.prompts(
      data.count ?? Self.defaultPrompts, of: .test, atMost: Self.longestPrompt)
    // The full model, and the placebos, of which each batch needs the full model's text again.
    let placebos = FormatPlacebo.all(besides: model.dtype, on: model.device).count
    let settings =
      (exit.thresholds?.split(separator: ",").count ?? Self.usualThresholds.count + 1)
      + 1 + 2 * placebos
    let batches = (sample.count + batch - 1) / batch
    let written = Workload.decoding(steps: tokens * batches, batch: min(batch, sample.count))
    let read = sample.tokens + Double(sample.count * tokens)
    return Workload(
      "\(Workload.count(sample.count, "prompts")) × \(settings) settings × \(tokens) tokens",
      tokens: Double(settings) * (written + read))
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try lab.languageModel()
    let routers = try lab.routers(option: exit.router)
    let settings =
      [ExitSetting.full]
      + (try exit.settings(
        usual: Self.usualThresholds, routers, readout: readout.readout))
    let sample = try lab.sample(
      data.count ?? Self.defaultPrompts, atMost: Self.longestPrompt, language)
    let trial = try GenerationTrial(
      language, routers, exit, lab.exitBridges(behind: routers.layers, readout, language),
      PlaceboModels(of: lab), prompts: sample.tokens, batch: batch, maxTokens: tokens)
    for (prompt, shown) in sample.prompts.prefix(TextReport.shownPrompts).enumerated() {
      try lab.note(
        Self.promptName(prompt), shown.text, "what prompt \(prompt) asks",
        ValueStyle(compare: .ignored, show: .hidden))
    }
    let batches = stride(from: 0, to: sample.prompts.count, by: batch).map {
      $0..<min($0 + batch, sample.prompts.count)
    }
    // One other number format after another, so that no more than two models are in memory.
    let items =
      batches.flatMap { batch in settings.flatMap { setting in batch.map { ($0, setting) } } }
      + FormatPlacebo.all(besides: lab.computeType, on: lab.device.option).flatMap { placebo in
        sample.prompts.indices.map { ($0, placebo.setting) }
      }
    try lab.measureEach(
      items, "prompts × thresholds", by: { "\($0.0) \($0.1.label)" },
      rowKey: { "\($0.prompt) \($0.setting)" },
      { try trial.row($0, sample.prompts[$0].category, $1) })
  }

  /// The fact that holds a prompt's text.
  static func promptName(_ prompt: Int) -> String { "prompt_\(prompt)" }

  static func report(_ evidence: Evidence<Row>) -> Report { TextReport(evidence).report }
}

extension ExitSetting {
  /// No exits, and no routers.
  static let full = ExitSetting(label: "full")
}
