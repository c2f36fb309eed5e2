// exp015: which layers matter, for which category of prompt?
//
// The seed left out groups of layers on three prompts per category, and looked only at the last
// position. It rescaled the costs to 0…1 in each category, so the least important of four important
// groups became "0", and every prompt was given that group to skip. Here every layer is left out
// alone, whole and by halves, and groups too, on twenty prompts of each category, at all positions.
// Costs stay in nats. One category may make all of the difference between categories, so they are
// compared with each left out, too.
//
// Run: make exp-015. About twenty minutes on two cores with the default model in float32.

import AISHarness
import AISKit
import ArgumentParser

@main
struct Exp015: Experiment {
  static let card = ExperimentCard(
    id: "015", title: "Layer importance by category",
    question: "Which layers matter, and do different categories of prompt need different ones?",
    claim: "Some layer can be left out at little cost, and which ones depends on the category.",
    criteria: [
      Criterion(
        "free layer",
        "a layer after the pivot costs ≤ \(freeLayerNats) nats in every category (95 %, "
          + "\(Finding.fewestObservations) prompts each at the least)",
        earlierWordings: [
          "a layer behind the pivot costs ≤ \(freeLayerNats) nats in every category (95 %, "
            + "\(Finding.fewestObservations) prompts each at the least)"
        ]),
      Criterion(
        "category",
        "the layers' relative costs, length allowed for, differ between categories, permutation "
          + "test p < 0.05"),
    ],
    cost: "about twenty minutes on two cores in float32, 2 GB of memory", showsRows: false)
  static let freeLayerNats = 0.05
  static let dataFiles = [DataFiles.dolly]
  static let runsInShards = true
  static let defaultPrompts = Prerequisite.ablationPrompts
  static let defaultCount: DefaultCount? = defaultPrompts

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var output: OutputOptions
  @Option(help: "Groups that the depth is cut into.")
  var groups: Int = SkipOptions.defaultGroups
  @Option(help: "Longer prompts are left out, not cut.")
  var tokens: Int = Prerequisite.ablationTokens

  func validate() throws {
    if tokens < 2 { throw ValidationError("--tokens \(tokens): expected at least 2") }
    if groups < 1 { throw ValidationError("--groups \(groups): expected at least 1") }
  }

  private func count(isStarter: Bool) -> Int {
    data.count ?? Self.defaultPrompts.number(isStarter: isStarter)
  }

  /// A folder that cannot be used is an error of the run, which says so.
  var extents: [String: Int] {
    ["n": count(isStarter: (try? data.find(DataFiles.dolly)) == nil)]
  }

  func workload(in setting: WorkSetting) -> Workload? {
    let parts = 3 * setting.layerCount + groups
    let sample = setting.prompts(
      count(isStarter: !setting.hasPromptFile), of: .calibration, atMost: tokens)
    // The layers before a part are computed once; every position is read out.
    let pass = setting.readoutShare + (1 - setting.readoutShare) / 2
    return Workload(
      "\(Workload.count(sample.count, "prompts")) × \(parts) parts",
      tokens: sample.tokens * (1 + Double(parts) * pass))
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try lab.languageModel()
    let units = try AblationUnit.all(
      layerCount: language.decoder.config.layerCount, groups: groups)
    let sample = try lab.sample(
      count(isStarter: lab.dataFile(DataFiles.dolly) == nil), of: .calibration, atMost: tokens,
      language)
    try lab.note(
      ImportanceReport.pivotFact, language.decoder.config.defaultPivot,
      "the layer after which routing may leave layers out")
    let ablation = Ablation(model: language.decoder, units: units)
    let opening = try PromptDraw.sharedOpening(language).count
    try lab.measureEach(
      Array(sample.prompts.indices), of: units.count, "prompts × parts",
      by: { "\($0) \(units[$1].part.rawValue) \(units[$1].run.text)" },
      rowKey: { "\($0.prompt) \($0.part) \(LayerRun($0.first, $0.last).text)" },
      { try Self.rows(ablation, units, sample, $0, from: opening) })
  }

  private static func rows(
    _ ablation: Ablation, _ units: [AblationUnit], _ sample: PromptDraw, _ prompt: Int,
    from opening: Int
  ) throws -> [Row] {
    let effects = try ablation.effects(on: sample.tokens[prompt], from: opening)
    return zip(units, effects).map { unit, effect in
      Row(
        prompt: prompt, category: sample.prompts[prompt].category,
        tokens: sample.tokens[prompt].count, part: unit.part.rawValue, first: unit.run.first,
        last: unit.run.last, kl: effect.klAllPositions, klLast: effect.klLastPosition,
        topOneAgreement: effect.topOneAgreement, lastTopOneAgrees: effect.lastTopOneAgrees,
        blockInfluence: unit.part == .group
          ? .nan : ablation.blockInfluence[unit.run.first])
    }
  }

  static func report(_ evidence: Evidence<Row>) -> Report { ImportanceReport(evidence).report }
}
