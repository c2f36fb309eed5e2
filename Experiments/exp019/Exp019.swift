// exp019: when does a token settle?
//
// TIDE calls a token converged at a layer if the cosine of its state and the final state is above
// 0.98. As the final state it took the last entry of its framework's list, which lies *after* the
// final norm, and compared states before the norm with it. It also tested the last layer, whose
// state it thereby compared with itself: its "100 % converge" are that layer's. Here every layer's
// state is compared with the last block's output, both before the norm. The rows also have what
// matters more: whether the layer's own readout already has the full model's token.
//
// Run: make exp-019. About two minutes on two cores with the default model in float32.

import AISHarness
import AISKit
import ArgumentParser

@main
struct Exp019: Experiment {
  static let card = ExperimentCard(
    id: "019", title: "Convergence of tokens over the layers",
    question: "After which layer does a token settle, and does its state's cosine show it?",
    claim: "Tokens settle well before the last layer, and the cosine to the final state shows it.",
    criteria: [
      Criterion(
        "depth",
        "an oracle that exits where the readout first agrees runs the blocks ≥ \(speedup) times as "
          + "fast (95 %)"),
      Criterion(
        "cosine",
        "after some layer before the last ≥ \(Int(settled * 100)) % of tokens have a cosine above "
          + "the threshold (95 % for all layers together)"),
    ],
    cost: "about two minutes on two cores in float32, 2 GB of memory", showsRows: false)
  static let speedup = 1.25
  static let settled = 0.1
  static let dataFiles = [DataFiles.dolly]
  static let runsInShards = true
  /// Twenty per category.
  static let defaultPrompts = 160
  static let defaultCount: DefaultCount? = .items(defaultPrompts)

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var exit: ReadoutOptions
  @OptionGroup var output: OutputOptions
  @Option(help: "The cosine above which a state counts as settled.")
  var threshold: Double = TokenExitConfiguration().convergenceThreshold
  @Option(help: "Longer prompts are left out, not cut.") var tokens: Int = 256

  static let variantOptions: Set = ["readout"]

  var variant: String { exit.label }

  func validate() throws {
    if tokens < 2 { throw ValidationError("--tokens \(tokens): expected at least 2") }
    if !(-1...1).contains(threshold) {
      throw ValidationError("--threshold \(threshold): expected a cosine, −1 to 1")
    }
  }

  var needs: [Need] { exit.needs }
  var extents: [String: Int] { ["n": data.count ?? Self.defaultPrompts] }

  func workload(in setting: WorkSetting) -> Workload? {
    let sample = setting.prompts(data.count ?? Self.defaultPrompts, of: .test, atMost: tokens)
    // Every position is read out after every layer.
    return Workload(
      "\(Workload.count(sample.count, "prompts")) read out after \(setting.layerCount) layers",
      tokens: sample.tokens * (1 + setting.readoutShare * Double(setting.layerCount - 1)))
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try lab.languageModel()
    let config = language.decoder.config
    let sample = try lab.sample(data.count ?? Self.defaultPrompts, atMost: tokens, language)
    let opening = try PromptDraw.sharedOpening(language).count
    var keeping = LabelReader.Keeping()
    keeping.cosinesToNormed = true
    let reader = try LabelReader(
      model: language.decoder, layers: Array(0..<config.layerCount), keeping: keeping,
      exitBridges: lab.exitBridges(behind: Array(0..<config.layerCount), exit, language))
    try note(config, in: lab)
    try lab.measureEach(
      Array(sample.prompts.indices), of: config.layerCount, "prompts × layers",
      by: { "\($0) \($1)" }, rowKey: { "\($0.prompt) \($0.layer)" },
      { prompt in
        try Row.rows(
          reader.read([sample.tokens[prompt]], firstPositions: [opening]), prompt: prompt,
          category: sample.prompts[prompt].category, threshold: threshold)
      })
  }

  /// Keeps what the report needs to know of the model.
  private func note(_ config: ModelConfig, in lab: Lab<Row>) throws {
    let head = try ModelWork(
      config: config, plan: .skipping(0..<config.layerCount), rows: 1, weights: .f32)
    let whole = ModelWork(config: config, rows: 1, weights: .f32)
    try lab.note("layers", config.layerCount, "layers of the model", .hidden)
    try lab.note(
      "head_share", head.floatingPointOperations / whole.floatingPointOperations,
      "the LM head's share of a token's work", ValueStyle(compare: .absolute(1e-6), show: .hidden))
    try lab.note(
      "threshold", threshold, "the cosine above which a state counts as settled",
      .decimals(2, within: 1e-9))
  }

  static func report(_ evidence: Evidence<Row>) -> Report { Convergence(evidence).report }
}
