// exp016: do models with layers left out still predict the same tokens?
//
// The seed called three agreements of three a pass, accepted one category of eight, chose plans by
// the gold category instead of the prompt router's, and called another seed "held out". Here
// prompts come from the test split and the map chooses the plan; the gold category's plan is shown
// beside it. A category passes only if the interval of its agreement lies above 0.95. If layers are
// not run at all, the best fixed plan of that size, found on other prompts, runs beside the map's.
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
        "in every category the top-1 agreement's 95 % interval lies at or above \(agreement)",
        earlierWordings: [
          "in every category the top-1 agreement's 95 % interval (Wilson, each by itself) lies at "
            + "or above \(agreement)"
        ]),
      Criterion("something left out", "the map leaves layers out on some prompts"),
    ],
    cost: "about five minutes on two cores in float32, after exp015 and the map",
    showsRows: false)
  static let agreement = 0.95
  static let dataFiles = [DataFiles.dolly]
  static let wholeFrom: Int? = defaultPrompts
  /// 125 per category: the interval that is valid at every look lies above 0.95 from 116 prompts on
  /// if all agree, so fewer decide nothing.
  static let defaultPrompts = 1_000
  static let runsInShards = true
  static let defaultCount: DefaultCount? = .items(defaultPrompts)
  static let rawTables: [any RawRow.Type] = [BestPlanRow.self]

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var depth: DepthOptions
  @OptionGroup var skip: SkipOptions
  @OptionGroup var output: OutputOptions

  static let variantOptions: Set = ["mode", "alpha"]

  var variant: String { depth.label }

  /// The map is always needed: the rows state the category that it finds.
  var needs: [Need] { skip.needs + [.map] + depth.needs }

  var extents: [String: Int] { ["n": data.count ?? Self.defaultPrompts] }

  func workload(in setting: WorkSetting) -> Workload? {
    let sample = setting.prompts(
      data.count ?? Self.defaultPrompts, of: .test, atMost: Corpus.maximumTokens)
    // The best fixed plan may change any layer, so it shares no pass with the others.
    let passes = 1 + 2 * setting.afterPivot + (depth.mode == .hard ? 2 : 0)
    return Workload(
      "\(Workload.count(sample.count, "prompts")) × \(depth.mode == .hard ? 4 : 3) plans",
      tokens: sample.tokens * passes)
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try lab.languageModel()
    let map = try lab.topologicalMap(for: language)
    let router = try MapRouter(
      map: map, rule: skip.rule(layerCount: map.layerCount),
      plans: { try lab.plans(leavingOut: $0, depth, language) },
      config: language.decoder.config,
      k: skip.neighbors, confidence: skip.confidence)
    for (category, plan) in zip(map.categories, router.plans) {
      lab.say("  plan     \(category): \(plan.summary)")
    }
    try lab.note("layers", map.layerCount, "blocks of the full model", .hidden)
    try lab.note(
      "sink_layer", lab.sinkLayer(language) ?? -1,
      "the layer that makes the attention sink; −1: none does")
    let sample = try lab.prompts(
      data.count ?? Self.defaultPrompts, atMost: Corpus.maximumTokens, language)
    let trial = ValidationTrial(language.decoder, router)
    try lab.measureEach(
      Array(sample.prompts.indices), "prompts", by: { $0 }, rowKey: { $0.prompt },
      { try trial.row($0, sample.prompts[$0].category, sample.tokens[$0]) })
    if depth.mode == .hard, let size = LeftOut.commonSize(of: router.plans) {
      try measureBest(of: size, language, sample, in: lab)
    }
  }

  /// Runs the prompts under the fixed plan that costs least among those that leave out as much.
  private func measureBest(
    of size: Int, _ language: LanguageModel, _ sample: PromptDraw, in lab: Lab<Row>
  ) throws {
    let plan = try DepthPlan.skipping(lab.bestSkip(of: size, language).layers)
    lab.say("  plan     best fixed plan: \(plan.summary)")
    try lab.measureEach(
      raw: Array(sample.prompts.indices), "best fixed plan: prompts",
      by: { "\($0) \(plan.summary)" },
      rowKey: { (row: BestPlanRow) in "\(row.prompt) \(row.plan)" },
      { prompt in
        let comparison = LogitComparison(
          base: try language.logits(of: sample.tokens[prompt]),
          other: try language.logits(of: sample.tokens[prompt], policy: plan))
        return [
          BestPlanRow(
            prompt: prompt, plan: plan.summary, kl: comparison.klBaseSkip,
            topOneAgrees: comparison.topOneAgrees)
        ]
      })
  }

  static func report(_ evidence: Evidence<Row>) -> Report { AgreementReport(evidence).report }
}
