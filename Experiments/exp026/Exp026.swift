// exp026: is per-category routing worth anything?
//
// The seed routed all of its 100 prompts to the same plan, and never asked whether a fixed plan
// would have done as well. Here every candidate plan leaves out equally many layers after the
// pivot, and each test prompt is run under all of them. So any way of choosing can be judged on the
// same passes: the map's vote, a trained network on the same probes, the prompt's own category,
// chance, the one plan that is best for all, and an oracle. Plans are chosen on the validation
// split and judged on the test split. The power of the trial is stated, so that a null result means
// something.
//
// Run: make exp-026. About twenty minutes on two cores in float32, once the map and the ablation are
// there.

import AISHarness
import AISKit
import ArgumentParser

@main
struct Exp026: Experiment {
  static let card = ExperimentCard(
    id: "026", title: "Routing on trial",
    question: "Is per-category routing worth anything?",
    claim:
      "At equal executed layers a router that picks the plan by the prompt's category says the "
      + "same as the full model on \(points) percentage points more of the positions than the best "
      + "static plan.",
    criteria: [
      Criterion("equal depth", "the loop counts as many executed layers under every plan"),
      Criterion(
        "plans in use",
        "k-NN and MLP each hand out at least \(standard.plans) distinct plans to the test prompts, "
          + "by one of their two assignments at least"),
      Criterion(
        "power",
        "a gain of \(points) points would be seen with power ≥ \(standard.power) in each of the "
          + "four comparisons (k-NN, MLP; plans chosen on validation, plans of the ablation), at "
          + "least \(standard.prompts) prompts; or one is seen"),
      Criterion(
        "gain",
        "in one of the four the paired difference in top-1 agreement lies at or above \(points) "
          + "points (95 % for all together: bootstrap over prompts, Bonferroni); it fails where all "
          + "four lie below and the other criteria hold"),
    ],
    cost: "about half an hour on two cores in float32, after exp015 and the map",
    showsRows: false)
  static let points = 2.0
  static let standard = RoutingFindings.Standard(
    gain: points / 100, power: 0.8, plans: 4, prompts: 40)
  static let dataFiles = [DataFiles.dolly]
  static let wholeFrom: Int? = defaultPrompts
  /// Test prompts, 64 per category, and as many to choose plans.
  ///
  /// They detect two points with power 0.8 if the paired differences have a standard deviation of
  /// up to 0.135.
  static let defaultPrompts = 512
  static let defaultCount: DefaultCount? = .items(defaultPrompts)

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var depth: DepthOptions
  @OptionGroup var output: OutputOptions
  @Option(help: "Layers that every plan leaves out.") var budget: Int = 4
  @Option(help: "Neighbours that vote on a prompt's category.") var neighbors: Int = 10
  @Option(help: "Longer prompts are left out, not cut.") var tokens: Int = 256

  static let variantOptions: Set = ["mode", "alpha"]

  var variant: String { depth.label }

  // The number of prompts is no extent: networks that route are trained and stopped on them.

  func validate() throws {
    if budget < 1 { throw ValidationError("--budget \(budget): expected at least 1") }
    if neighbors < 1 { throw ValidationError("--neighbors \(neighbors): expected at least 1") }
    if tokens < 2 { throw ValidationError("--tokens \(tokens): expected at least 2") }
  }

  var needs: [Need] { [.result(.ablation(groups: nil)), .map] + depth.needs }

  func workload(in setting: WorkSetting) -> Workload? {
    let count = data.count ?? Self.defaultPrompts
    let parts = [(Split.calibration, (count + 1) / 2), (.validation, count), (.test, count)].map {
      setting.prompts($1, of: $0, atMost: tokens)
    }
    // A plan for each category, and two for all; some of them are equal.
    let plans = 9.0
    return Workload(
      "\(Workload.count(parts.reduce(0) { $0 + $1.count }, "prompts")) × up to \(Int(plans) + 1) plans",
      tokens: parts.reduce(0) { $0 + $1.tokens } * (1.4 + plans * setting.afterPivot))
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try lab.languageModel()
    let map = try lab.topologicalMap(for: language)
    let candidates = try CandidatePlans(
      of: map, leavingOut: budget, config: language.decoder.config
    ) { try lab.plans(leavingOut: $0, depth, language) }
    for (place, candidate) in candidates.all.enumerated() {
      lab.say("  plan     \(candidate.plan.summary): \(candidate.origins)")
      try lab.note(Self.originFact(place), candidate.origins, "what the plan was made for", .hidden)
    }
    let sample = try RoutingSample(
      lab, language, map, count: data.count ?? Self.defaultPrompts, maximumTokens: tokens)
    lab.say(sample.summary)
    let routers = try PromptRouters(
      map: map, stoppingBy: sample.validation.prompts.map(\.category), sample.validationProbes,
      k: neighbors, seed: lab.seed)
    lab.say(routers.summary)
    let trial = try PlanTrial(
      language.decoder, candidates, routers, capacity: tokens,
      opening: PromptDraw.sharedOpening(language).count)
    // The router of plans is trained on the plans' outcomes on these prompts.
    try trial.run(.calibration, sample.calibration, in: lab)
    try trial.run(.validation, sample.validation, in: lab)
    let soFar = RoutingReport(Evidence(rows: lab.rows))
    let direct = try PlanClassifier(
      soFar.plans, training: (sample.calibrationProbes, soFar.table(.calibration)),
      stopping: (sample.validationProbes, soFar.validation), seed: lab.seed)
    lab.say(direct.summary)
    try trial.run(.test, sample.test, choosing: direct, in: lab)
  }

  /// The name of the fact that says what the plan at a place was made for.
  static func originFact(_ place: Int) -> String { "plan_\(place)_origins" }

  static func report(_ evidence: Evidence<Row>) -> Report { RoutingReport(evidence).report }
}
