// exp014: does the topological map retrieve?
//
// The seed queried its map with the centroids of the map's own prompts, carried three fields that
// never changed, and never timed a look-up. Here held-out prompts are queries, and centroids are of
// held-out prompts too (in-sample ones are shown beside them). Look-ups are timed at the map's size
// and at a million entries, with an exact and an approximate index.
//
// Run: make exp-014. About three minutes on two cores once the corpus has been read; 7 GB of memory for
// the million entries (SYNTHETIC=0 leaves them out).

import AISHarness
import AISKit
import ArgumentParser

@main
struct Exp014: Experiment {
  static let card = ExperimentCard(
    id: "014", title: "The topological map",
    question: "Does the map find a prompt's category, and how fast?",
    claim: "The map retrieves: held-out prompts land among their own category.",
    criteria: [
      Criterion("itself", "every entry's nearest neighbour is itself, or a probe equal to it"),
      Criterion(
        "centroids",
        "held-out centroids: ≥ \(recall) of their 10 nearest entries are of their category (95 %)"
      ),
      Criterion(
        "vote", "the vote is right on held-out prompts at a rate ≥ \(accuracy) (95 %)"),
      Criterion(
        "confidence", "it is right more often at confidence ≥ \(sure) than below (intervals apart)"),
      Criterion("round trip", "a map that was saved and loaded answers in the same bits"),
      Criterion(
        "approximate",
        "at the larger size the approximate index keeps ≥ \(keptNeighbors) of the neighbours"),
    ],
    cost: "three minutes on two cores and 7 GB of memory (SYNTHETIC=0: seconds), after the corpus",
    showsRows: false)
  static let recall = 0.8
  static let accuracy = 0.65
  static let sure = 0.75
  static let keptNeighbors = 0.95
  static let dataFiles = [DataFiles.dolly]
  static let defaultCount: DefaultCount? = .items(MapStore.defaultPrompts)
  static let rawTables: [any RawRow.Type] = [EntryRow.self, CentroidRow.self, QueryRow.self]

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var output: OutputOptions
  @Option(help: "Neighbours that vote.") var neighbors: Int = 10
  @Option(help: "Entries of the large synthetic map; 0 leaves it out.")
  var synthetic: Int = 1_000_000

  func validate() throws {
    if neighbors < 1 { throw ValidationError("--neighbors \(neighbors): expected at least 1") }
    if synthetic < 0 { throw ValidationError("--synthetic \(synthetic): expected at least 0") }
  }

  func workload(in setting: WorkSetting) -> Workload? {
    let reading = setting.reading(
      corpusOf: data.count ?? MapStore.defaultPrompts, through: setting.config.defaultPivot,
      seed: data.seed, usesDisk: true)
    // Measured for a million entries on two cores; it does not depend on the model.
    return Workload(
      "\(reading.text), look-ups among \(Workload.count(synthetic, "entries"))",
      tokens: reading.tokens, extraSeconds: 150 * Double(synthetic) / 1e6)
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try lab.languageModel()
    let prompts = data.count ?? MapStore.defaultPrompts
    let store = lab.mapStore.seeded(lab.seed)
    let corpus = try store.corpus(prompts: prompts, language: language)
    if let shortage = corpus.shortage { lab.say("  fewer    \(shortage)") }
    let pivot = language.decoder.config.defaultPivot
    let probes = try store.probes(
      of: corpus, prompts: prompts, language: language, pivot: pivot, fresh: false)
    let meter = ProgressMeter("corpus: prompts", total: corpus.prompts.count)
    let values = try probes.compute { window, _ in meter.advance(by: window.count) }
    let map = try store.map(
      of: corpus, probes: values, width: probes.width, pivot: pivot,
      layerCount: language.decoder.config.layerCount)
    let heldOut = Array(values.dropFirst(corpus.mapCount * probes.width))
    let found = try map.lookUp(batch: heldOut, k: neighbors)
    try lab.measureEach(
      Array(found.indices), "held-out prompts", by: { corpus.mapCount + $0 }, rowKey: { $0.prompt },
      { index in
        let category = map.categories[corpus.heldOutLabels[index]]
        let vote = map.categories[found[index].category]
        return Row(
          prompt: corpus.mapCount + index, category: category, vote: vote,
          isRight: vote == category, confidence: found[index].confidence,
          similarity: Double(found[index].neighbors.first?.similarity ?? .nan))
      })
    let trial = MapTrial(map: map, corpus: corpus, probes: values, width: probes.width)
    try trial.retrieve(in: lab)
    try trial.roundTrip(heldOut, found, neighbors, store, in: lab)
    try LookUpTrial(probes: values, width: probes.width, mapCount: corpus.mapCount, seed: lab.seed)
      .run(synthetic: synthetic, in: lab)
  }

  static func report(_ evidence: Evidence<Row>) -> Report { MapReport(evidence).report }
}
