// exp013: do prompt categories separate at the pivot layer?
//
// The seed ran all layers to read one, cut prompts at 300 characters and dropped their context
// silently. It passed by an alternative clause after its own criterion had failed. Here the pass
// stops at the pivot, prompts are whole (longer ones are left out and counted), and held-out
// prompts come from a split that no map is made from.
//
// Run: make exp-013 DTYPE=bf16. About two minutes on two cores, twice that in float32.

import AISHarness
import AISKit
import ArgumentParser

@main
struct Exp013: Experiment {
  static let card = ExperimentCard(
    id: "013", title: "Corpus: categories at the pivot layer",
    question: "Do prompts of one category lie together in the hidden states of the pivot layer?",
    claim: "Categories separate: a prompt's neighbours tell its category.",
    criteria: [
      Criterion(
        "held out",
        "k-NN accuracy on prompts of the test split ≥ \(accuracy) (95 % interval above)"),
      Criterion(
        "homogeneity",
        "neighbours of the same category ≥ \(homogeneity), leave-one-out (interval above)"),
      Criterion("silhouette", "mean silhouette ≥ \(silhouette), the seed's own criterion"),
    ],
    cost: "two minutes in bf16 on two cores for 5,000 prompts, four in float32", showsRows: false)
  static let accuracy = 0.65
  static let homogeneity = 0.5
  static let silhouette = 0.02
  static let dataFiles = [DataFiles.dolly]
  static let defaultCount: DefaultCount? = .items(MapStore.defaultPrompts)
  static let rawTables: [any RawRow.Type] = [MapPromptRow.self, HeldOutRow.self]

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var output: OutputOptions
  @Option(help: "The layer whose output is read. (default: a third of the layers)")
  var pivot: Int?
  @Option(help: "Neighbours that vote.") var neighbors: Int = 10

  func validate() throws {
    if !(1...1_000_000).contains(neighbors) {
      throw ValidationError("--neighbors \(neighbors): expected 1 to 1000000")
    }
    let needed = ClusterTrial.fewestMapPrompts(neighbors: neighbors)
    let fewest = MapStore.fewestPrompts(forMapOf: needed)
    if let count = data.count, count < fewest {
      throw ValidationError(
        "--n \(count): expected at least \(fewest), of which the map gets five sixths, \(needed): "
          + "each of its prompts is compared with \(needed - 1) others")
    }
  }

  func workload(in setting: WorkSetting) -> Workload? {
    setting.reading(
      corpusOf: data.count ?? MapStore.defaultPrompts,
      through: pivot ?? setting.config.defaultPivot, seed: data.seed, usesDisk: false)
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try lab.languageModel()
    let prompts = data.count ?? MapStore.defaultPrompts
    let store = lab.mapStore.seeded(lab.seed)
    let corpus = try store.corpus(prompts: prompts, language: language)
    if let shortage = corpus.shortage { lab.say("  fewer    \(shortage)") }
    let needed = ClusterTrial.fewestMapPrompts(neighbors: neighbors)
    guard corpus.mapCount >= needed else {
      throw RequestError(
        "prompts of the map split", expected: "at least \(needed), for --neighbors \(neighbors)",
        found: "\(corpus.mapCount)")
    }
    let layer = pivot ?? language.decoder.config.defaultPivot
    let tokens = corpus.tokens.reduce(0) { $0 + $1.count }
    lab.say(
      "  corpus   \(corpus.mapCount) prompts of the map split, "
        + "\(corpus.prompts.count - corpus.mapCount) held out, \(tokens) tokens; "
        + "\(corpus.leftOutCount) of the data are longer than \(Corpus.maximumTokens)")
    let probes = try store.probes(
      of: corpus, prompts: prompts, language: language, pivot: layer, fresh: !lab.isResumed)
    let meter = ProgressMeter("prompts", total: corpus.prompts.count)
    let values = try probes.compute { window, seconds in
      if let seconds { try lab.keepTimes("window", seconds: [seconds]) }
      for prompt in window where prompt >= lab.rows.count {
        try lab.record(
          Row(
            prompt: prompt, split: (prompt < corpus.mapCount ? Split.map : .test).rawValue,
            category: corpus.prompts[prompt].category, tokens: corpus.tokens[prompt].count))
      }
      meter.advance(by: window.count)
    }
    try lab.note("pivot", layer, "the layer whose output is read")
    try lab.note(
      "left_out", corpus.leftOutCount,
      "prompts of the data set longer than \(Corpus.maximumTokens) tokens")
    try ClusterTrial(
      corpus: corpus, probes: values, width: probes.width, neighbors: neighbors, seed: lab.seed
    ).run(in: lab)
  }

  static func report(_ evidence: Evidence<Row>) -> Report { ClusterReport(evidence).report }
}
