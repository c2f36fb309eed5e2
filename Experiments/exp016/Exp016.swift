// exp016: do models with layers left out still predict the same tokens?
//
// The seed called three agreements of three a pass, accepted one category of eight, chose plans by
// the gold category instead of the prompt router's, and called another seed "held out". Here
// prompts come from the test split and the map chooses the plan; the gold category's plan is shown
// beside it. A category passes only if the interval of its agreement lies above 0.95.
//
// Run: make exp-016 MODE=soft ALPHA=0.7. About five minutes on two cores in float32, once the map
// and the ablation are there.

import AISHarness
import AISKit
import ArgumentParser

@main
struct Exp016: Experiment {
  static let card = ExperimentCard(
    id: "016", title: "Validation of routed skipping",
    question: "Do models with layers left out, as the map chooses, still say the same?",
    claim: "The most probable next token stays the same in every category of prompt.",
    criteria: [
      Criterion(
        "agreement",
        "in every category the top-1 agreement's 95 % interval (Wilson, each by itself) lies at "
          + "or above \(agreement)"),
      Criterion("something left out", "the map leaves layers out on some prompts"),
    ],
    cost: "about five minutes on two cores in float32, after exp015 and the map",
    showsRows: false)
  static let agreement = 0.95
  static let dataFiles = [DataFiles.dolly]
  static let wholeFrom: Int? = defaultPrompts
  /// 125 per category: with fewer than 73 even perfect agreement decides nothing.
  static let defaultPrompts = 1_000
  static let runsInShards = true
  static let defaultCount: DefaultCount? = .items(defaultPrompts)

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var depth: DepthOptions
  @OptionGroup var skip: SkipOptions
  @OptionGroup var output: OutputOptions

  static let variantOptions: Set = ["mode", "alpha"]

  var variant: String { depth.label }

  /// The map is always needed: the rows state the category that it finds.
  var needs: [Need] { skip.needs + [.map] + depth.needs }

  func workload(in setting: WorkSetting) -> Workload? {
    let sample = setting.prompts(
      data.count ?? Self.defaultPrompts, of: .test, atMost: Corpus.maximumTokens)
    return Workload(
      "\(Workload.count(sample.count, "prompts")) × 3 plans",
      tokens: sample.tokens * (1 + 2 * setting.afterPivot))
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try LanguageModel(path: lab.model.path, type: lab.computeType)
    let map = try lab.topologicalMap(for: language)
    let router = try MapRouter(
      map: map, rule: skip.rule(layerCount: map.layerCount),
      plans: { try lab.plans(leavingOut: $0, depth, language) },
      config: language.decoder.config,
      k: skip.neighbors, confidence: skip.confidence)
    for (category, plan) in zip(map.categories, router.plans) {
      lab.say("  plan     \(category): \(plan.summary)")
    }
    let sample = try PromptDraw(
      data: DataFiles.prompts(lab.dataFile(DataFiles.dolly)), language: language, split: .test,
      count: data.count ?? Self.defaultPrompts, maximumTokens: Corpus.maximumTokens,
      seed: lab.seed)
    lab.sayShortages(sample)
    let trial = ValidationTrial(language.decoder, router)
    try lab.measureEach(
      Array(sample.prompts.indices), "prompts", by: { $0 }, rowKey: { $0.prompt },
      { try trial.row($0, sample.prompts[$0].category, sample.tokens[$0]) })
    CategoryTable(rows: lab.rows).report(in: lab)
  }

  static func findings(_ table: ResultTable<Row>) -> [NamedFinding] {
    let byCategory = Dictionary(grouping: table.rows, by: \.category)
    return byCategory.sorted { $0.key < $1.key }.map { category, rows in
      NamedFinding(
        "agreement, \(category)",
        .atLeast(
          Proportion(of: rows.map(\.topOneAgrees)), threshold: agreement, of: "prompts"))
    } + [
      NamedFinding(
        "something left out",
        .somethingLeftOut(table.rows.map { $0.plan != DepthPlan.full.summary }, of: "prompts"))
    ]
  }
}
