// exp017: what does routing do to accuracy on MMLU?
//
// The seed's "99 % agreement" was that of a freely chosen first token; the answers agreed on only
// 70 of 100 questions. One plan was used for all of them, the prompt router ran outside the clock,
// and the baseline was always first. Here answers are compared, flips are counted both ways and
// tested, the answers' distribution reveals a model that always says A, and routing is inside the
// clock. The map's prompts use the chat template; letter and cloze prompts do not, so only chat
// matches the map.
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
            "the paired accuracy difference's 95 % interval (Newcombe) lies above −\(points) points"
          ),
          Criterion(
            "not chance",
            "the full model's accuracy lies above that of always giving the best one answer (Wilson)"
          ),
          Criterion("something left out", "the map leaves layers out on some questions"),
        ]),
      Claim(
        "time", "The map's look-up takes hardly any time.",
        [
          Criterion(
            "overhead", "routing adds ≤ \(overhead) of a full pass's time (interval below)")
        ]),
    ],
    cost: "about seven minutes for 2,000 questions in float32 on two cores, after exp015",
    showsRows: false)
  static let points = 1.0
  static let overhead = 0.02
  static let dataFiles = [DataFiles.mmluTest, DataFiles.mmluDev, DataFiles.dolly]
  static let runsInShards = true
  /// Enough questions to detect a difference of a few points.
  static let wholeFrom: Int? = 2_000
  static let defaultCount: DefaultCount? = .all

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var depth: DepthOptions
  @OptionGroup var skip: SkipOptions
  @OptionGroup var output: OutputOptions
  @Option(help: "How questions are put: letter, cloze, chat.")
  var `protocol`: ChoiceProtocol = .letter
  @Option(help: "Solved examples before each question, 0 to 5.") var shots: Int = 0
  @Option(help: "Pairs of timed runs.") var pairs: Int = 160

  func validate() throws {
    if !(0...5).contains(shots) { throw ValidationError("--shots \(shots): expected 0 to 5") }
    if pairs < 1 { throw ValidationError("--pairs \(pairs): expected at least 1") }
  }

  static let variantOptions: Set = ["mode", "alpha", "protocol"]

  var variant: String { "\(`protocol`.rawValue)-\(depth.label)" }

  /// The map is always needed: the rows state the category that it finds.
  var needs: [Need] { skip.needs + [.map] + depth.needs }

  func workload(in setting: WorkSetting) -> Workload? {
    let asked = min(data.count ?? setting.questionCount, setting.questionCount)
    // Cloze answers add tokens after the question's; a subject shares its examples.
    let each = setting.questionTokens * (`protocol` == .cloze ? 1.3 : 1)
    let plans = 1 + setting.afterPivot
    return Workload(
      "\(Workload.count(asked, "questions")) × 2 plans, \(2 * pairs) pairs of timed runs",
      tokens: (Double(asked) + Double(pairs + 2) * 2) * each * plans)
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try LanguageModel(path: lab.model.path, type: lab.computeType)
    let map = try lab.topologicalMap(for: language)
    let router = try MapRouter(
      map: map, rule: skip.rule(layerCount: map.layerCount),
      plans: { try lab.plans(leavingOut: $0, depth, language) },
      config: language.decoder.config, k: skip.neighbors, confidence: skip.confidence)
    let questions = try DataFiles.questions(lab.dataFile(DataFiles.mmluTest))
    let format = try MultipleChoiceFormat(
      `protocol`, encoder: language.prompts, shots: shots,
      examples: DataFiles.examples(lab.dataFile(DataFiles.mmluDev)))
    let sample = QuestionSample.spread(
      questions, count: data.count ?? questions.count, seed: lab.seed)
    if let count = data.count, count > questions.count {
      lab.say("  fewer    there are only \(questions.count) questions, not \(count): all are used")
    }
    lab.say(
      "  asks     \(sample.count) of \(questions.count) questions, "
        + "\(Set(sample.map(\.question.subject)).count) subjects, protocol \(`protocol`.rawValue)")
    let trial = try QuestionTrial(language.decoder, router, format)
    try trial.run(sample, in: lab)
    AccuracySummary(rows: lab.rows).report(in: lab)
    // Taken evenly over the sample, and so over the subjects.
    let prompts = try (0..<pairs).map {
      try format.prompt(sample[$0 * sample.count / pairs].question).tokens
    }
    try LatencyTrial(language.decoder, router).run(prompts, pairs: pairs, in: lab)
  }

  static func findings(_ table: ResultTable<Row>) -> [NamedFinding] {
    let summary = AccuracySummary(rows: table.rows)
    return [
      NamedFinding("not worse", summary.notWorse(byPoints: points)),
      NamedFinding("not chance", summary.aboveChance()),
      NamedFinding("something left out", summary.leavesOut()),
      NamedFinding("overhead", LatencyTrial.overhead(in: table, atMost: overhead)),
    ]
  }
}

extension ChoiceProtocol: ExpressibleByArgument {}
