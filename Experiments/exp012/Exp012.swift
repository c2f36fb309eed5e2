// exp012: does the skipping mechanism work at all?
//
// The seed's smoke test compared nothing in its identity check, called 13 of 28 layers "33 %", and
// lacked the soft test that it promised. Here the full plan is compared with plain loops and with a
// policy that runs everything. Skipping must change the logits, leaving out a third of the layers
// must save nearly the time that they take, soft must keep more than hard, and plans that run at
// the same time must not disturb each other. The middle third is an arbitrary choice, so the best
// third that a search finds on other prompts stands beside it.
//
// Run: make exp-012. One to seven minutes on two cores with the default model.

import AISHarness
import AISKit
import ArgumentParser

@main
struct Exp012: Experiment {
  static var card: ExperimentCard { card(for: .f32, on: .cpu) }

  static func card(for type: ComputeType, on device: DeviceName) -> ExperimentCard {
    ExperimentCard(
      id: "012", title: "Smoke test of the skipping mechanism",
      question: "Does leaving layers out, or blending them, do what it says?",
      claims: [
        Claim(
          "skipping", "Skipping is exact where it should be and changes what it should.",
          [
            Criterion(
              "reference",
              "full-plan logits in \(type.rawValue) within \(ReferenceTrial.tolerance(type)) of plain "
                + "loops in f32, same argmax"),
            Criterion("identity", "a policy that always says run gives the full plan's bits"),
            Criterion(
              "effect", "leaving out layer 0 moves a logit by more than 0.01 on every prompt"),
            Criterion(
              "soft",
              "α = 0.7 keeps top-1 more often than hard skip of the same layers: so on more than "
                + "half of the prompts on which they differ"),
            Criterion(
              "concurrency", "plans that run at the same time give the bits they give alone"),
          ]),
        Claim(
          "time", "Leaving layers out saves their time.",
          [
            Criterion(
              "saving",
              "the middle third of the layers out saves ≥ \(efficiencyThreshold) of its ideal time, "
                + "prefill and decode"
            )
          ]),
      ],
      cost: "one to seven minutes on two cores, 1.3 GB of memory", showsRows: false)
  }
  static let efficiencyThreshold = 0.9

  static let runsInShards = true

  @OptionGroup var model: ModelOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var timing: TimingOptions
  @Option(help: "Pairs of timed runs in each process.") var pairs: Int = 12
  @Option(help: "Tokens of the timed prefill.") var tokens: Int = 256

  func validate() throws {
    if pairs < 1 { throw ValidationError("--pairs \(pairs): expected at least 1") }
    if tokens < 1 { throw ValidationError("--tokens \(tokens): expected at least 1") }
  }

  var processes: Int { timing.processes }
  var extents: [String: Int] { ["processes": timing.processes] }

  func workload(in setting: WorkSetting) -> Workload? {
    // Each side also runs twice to warm up; the plan keeps two thirds of the layers.
    let runs = Double(processes * (pairs + 2)) * (1 + 2.0 / 3)
    let timed =
      runs * (Double(tokens) + Workload.decoding(steps: PassWorkload.decodeSteps))
    let checked = Double(prompts.count * 5 * 4 * 40)
    return Workload(
      "\(prompts.count) prompts × 5 plans, \(pairs) pairs in each of \(processes) processes",
      tokens: timed + checked)
  }

  /// One prompt under one plan, compared with the full plan.
  struct Row: ResultRow {
    var prompt = 0
    var plan = ""
    var executedLayers = 0
    var klBaseSkip = 0.0
    var topOneAgrees = false
    var largestDifference = 0.0
    var isIdentical = false
    var isUndisturbed = false

    static let columns: [Column<Row>] = [
      Column("prompt", \.prompt, "index of the prompt"),
      Column("plan", \.plan, "what was left out or blended"),
      Column("executed_layers", \.executedLayers, "blocks that the loop computed"),
      Column(
        "kl_base_skip", \.klBaseSkip, "KL(base‖skip) of the next token", .nats(4, within: 1e-3)),
      Column("top1_agrees", \.topOneAgrees, "the same most probable token"),
      Column(
        "largest_difference", \.largestDifference, "largest difference of a logit",
        .decimals(3, within: 1e-2)),
      Column("is_identical", \.isIdentical, "not a bit differs from the full plan"),
      Column("is_undisturbed", \.isUndisturbed, "the same bits beside other plans"),
    ]
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try lab.languageModel()
    let trial = try PlanTrial(language, lab)
    for (name, layers) in [
      ("middle", trial.third), ("best", trial.bestThird),
    ] {
      try lab.note("layers_\(name)", layers.summary, "the \(name) third that is left out")
    }
    try lab.note(
      "sink_layer", try lab.sinkLayer(language) ?? -1,
      "the layer that makes the attention sink; −1: none")
    lab.say("  checks   one prompt against plain loops, slow on purpose")
    try ReferenceTrial(language, type: lab.computeType).run(in: lab, text: prompts[0])
    let items = prompts.indices.flatMap { prompt in
      trial.names.indices.map { (prompt: prompt, plan: $0) }
    }
    try lab.measureEach(
      items, "prompts × plans", by: { "\($0.prompt) \(trial.names[$0.plan])" },
      rowKey: { "\($0.prompt) \($0.plan)" },
      { try trial.row(prompt: $0.prompt, text: prompts[$0.prompt], plan: $0.plan) })
  }

  func time(in lab: TimingLab) throws {
    let language = try lab.languageModel()
    let third = try PlanTrial.middleThird(of: language)
    try lab.measureCeiling([lab.computeType])
    for phase in PassWorkload.Phase.allCases {
      let workload = PassWorkload(
        phase, batch: 1, tokens: tokens, model: language.decoder, type: lab.computeType)
      try lab.compare(phase.rawValue, pairs: pairs, workload, under: third)
    }
  }

  static func report(_ evidence: Evidence<Row>) -> Report { SmokeReport(evidence).report }
}
