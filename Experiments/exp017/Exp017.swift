// exp017: what does routing do to accuracy on MMLU?
//
// The seed's "99 % agreement" was that of a freely chosen first token; the answers agreed on only
// 70 of 100 questions. One plan was used for all of them, the prompt router ran outside the clock,
// and the baseline was always first. Here answers are compared, flips are counted both ways, the
// answers' distribution reveals a model that always says A, and routing is inside the clock.
// Questions of a subject are alike, so subjects are the units. Beside the map's plans stands the one
// plan of that size that is best for all prompts. The map's prompts use the chat template; letter
// and cloze prompts do not, so only chat matches the map.
//
// Run: make exp-017 PROTOCOL=cloze MODE=soft ALPHA=0.7. N=2000 takes about seven minutes in float32 on
// two cores; without N, all 14,042 questions.

import AISHarness
import AISKit
import ArgumentParser

@main
struct Exp017: Experiment {
  static let card = ExperimentCard(
    id: "017", title: "MMLU under routed skipping",
    question: "What does routing do to accuracy?",
    claims: [
      Claim(
        "accuracy",
        "Accuracy is preserved: the routed model is as good as the full one to within "
          + "\(points) percentage points.",
        [
          Criterion(
            "not worse",
            "the paired accuracy difference's 95 % interval over subjects lies above −\(points) "
              + "points",
            earlierWordings: [
              "the paired accuracy difference's 95 % interval (Newcombe) lies above −\(points) "
                + "points"
            ]),
          Criterion(
            "not chance",
            "the full model's accuracy lies above that of always giving the best one answer, and "
              + "above guessing (95 % interval of the difference over subjects)",
            earlierWordings: [
              "the full model's accuracy lies above that of always giving the best one answer "
                + "(Wilson)"
            ]),
          Criterion("something left out", "the map leaves layers out on some questions"),
        ]),
      Claim(
        "time", "The map's look-up takes hardly any time.",
        [
          Criterion(
            "overhead",
            "routing adds ≤ \(overhead) of a full pass's time (95 % interval over processes)",
            earlierWordings: ["routing adds ≤ \(overhead) of a full pass's time (interval below)"])
        ]),
    ],
    cost: "about ten minutes for 2,000 questions in float32 on two cores, after exp015",
    showsRows: false)
  static let points = 1.0
  static let overhead = 0.02
  /// With fewer plans in use the model is not called routed.
  static let fewestPlans = 4
  /// A plan is in use if it gets at least this share of the questions.
  static let leastShare = 0.01
  static let dataFiles = [DataFiles.mmluTest, DataFiles.mmluDev, DataFiles.dolly]
  static let rawTables: [any RawRow.Type] = [StaticAnswer.self]
  static let runsInShards = true
  /// Enough questions to detect a difference of a few points.
  static let wholeFrom: Int? = 2_000
  static let defaultCount: DefaultCount? = .all
  /// Questions of the whole test set.
  static let allQuestions = 14_042
  /// The most questions that the best static plan answers too.
  static let staticQuestions = 1_000

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var depth: DepthOptions
  @OptionGroup var skip: SkipOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var timing: TimingOptions
  @Option(help: "How questions are put: letter, cloze, chat.")
  var `protocol`: ChoiceProtocol = .letter
  @Option(help: "Solved examples before each question, 0 to 5.") var shots: Int = 0
  @Option(help: "Pairs of timed runs in each process.") var pairs: Int = 32

  func validate() throws {
    if !(0...5).contains(shots) { throw ValidationError("--shots \(shots): expected 0 to 5") }
    if pairs < 1 { throw ValidationError("--pairs \(pairs): expected at least 1") }
  }

  static let variantOptions: Set = ["mode", "alpha", "protocol"]

  var variant: String { "\(`protocol`.rawValue)-\(depth.label)" }

  /// The map is always needed: the rows state the category that it finds.
  var needs: [Need] { skip.needs + [.map] + depth.needs }
  var processes: Int { timing.processes }
  var extents: [String: Int] {
    ["n": data.count ?? Self.allQuestions, "processes": timing.processes]
  }

  func workload(in setting: WorkSetting) -> Workload? {
    let asked = min(data.count ?? setting.questionCount, setting.questionCount)
    // Cloze answers add tokens after the question's; a subject shares its examples.
    let each = setting.questionTokens * (`protocol` == .cloze ? 1.3 : 1)
    let timed = Double(pairs + 2) * 2 * Double(processes)
    let fixed = depth.mode == .hard ? Double(min(asked, Self.staticQuestions)) * 2 : 0
    return Workload(
      "\(Workload.count(asked, "questions")) × 2 plans, \(2 * pairs) pairs of timed runs in each of "
        + "\(processes) processes",
      tokens: ((Double(asked) + timed) * (1 + setting.afterPivot) + fixed) * each)
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try lab.languageModel()
    let router = try router(language, lab)
    let questions = try DataFiles.questions(lab.dataFile(DataFiles.mmluTest))
    let format = try format(language, lab)
    func draw(_ count: Int) -> [QuestionTrial.Item] {
      QuestionSample.spread(questions, count: count, seed: lab.seed)
    }
    let sample = draw(data.count ?? questions.count)
    if let count = data.count, count > questions.count {
      lab.say("  fewer    there are only \(questions.count) questions, not \(count): all are used")
    }
    lab.say(
      "  asks     \(sample.count) of \(questions.count) questions, "
        + "\(Set(sample.map(\.question.subject)).count) subjects, protocol \(`protocol`.rawValue)")
    try QuestionTrial(sample, format).run(language.decoder, router, in: lab)
    guard depth.mode == .hard else { return }
    let sizes = Set(router.plans.map(\.skippedLayers.count))
    guard sizes.count == 1, let size = sizes.first, size > 0 else {
      return lab.say("  static   no plan: the map's plans leave out different numbers of layers")
    }
    let plan = try DepthPlan.skipping(lab.bestSkip(of: size, language).layers)
    lab.say("  static   \(plan.summary), the best plan found of \(size) layers for all prompts")
    try QuestionTrial(draw(min(sample.count, Self.staticQuestions)), format)
      .run(language.decoder, plan, in: lab)
  }

  /// Times a question's prompt on the full model, on the routed model with the look-up inside the
  /// clock, and with a map that always falls back; the last one's extra time is the cost of routing.
  func time(in lab: TimingLab) throws {
    let language = try lab.languageModel()
    let router = try router(language, lab)
    let format = try format(language, lab)
    let model = language.decoder
    // Each process draws its own, whatever the number of questions that are answered.
    let prompts = try QuestionSample.spread(
      DataFiles.questions(lab.dataFile(DataFiles.mmluTest)), count: pairs,
      seed: lab.seed &+ UInt64(lab.process)
    ).map { try format.prompt($0.question).tokens }
    // Each run takes the next prompt, so that a pair's two sides run the same one.
    func side(_ name: String, _ router: MapRouter?) throws -> InterleavedTiming.Side {
      var context = try model.makeContext(capacity: prompts.map(\.count).max() ?? 1)
      var next = 0
      return .init(name) {
        context.removeAll()
        let prompt = prompts[next % prompts.count]
        next += 1
        if let router {
          _ = try router.forward(prompt, model: model, in: &context)
        } else {
          try model.forward(PackedTokens(prompt), in: &context)
        }
      }
    }
    let never = try MapRouter(
      map: router.map, plans: router.plans, config: model.config, k: router.k, vote: router.vote,
      confidence: .infinity)
    for (name, router) in [("routed", router), ("fallback", never)] {
      try lab.compare(
        name, pairs: pairs, baseline: side("full model", nil), variant: side(name, router))
    }
  }

  private func router(_ language: LanguageModel, _ lab: Workbench) throws -> MapRouter {
    let map = try lab.topologicalMap(for: language)
    return try MapRouter(
      map: map, rule: skip.rule(layerCount: map.layerCount),
      plans: { try lab.plans(leavingOut: $0, depth, language) },
      config: language.decoder.config, k: skip.neighbors, confidence: skip.confidence)
  }

  private func format(_ language: LanguageModel, _ lab: Workbench) throws -> MultipleChoiceFormat {
    try MultipleChoiceFormat(
      `protocol`, encoder: language.prompts, shots: shots,
      examples: DataFiles.examples(lab.dataFile(DataFiles.mmluDev)))
  }

  static func report(_ evidence: Evidence<Row>) -> Report { AccuracyReport(evidence).report }
}

extension ChoiceProtocol: ExpressibleByArgument {}
