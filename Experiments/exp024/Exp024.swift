// exp024: can bridges save depth without loss?
//
// The seed ends with hard skip, which saves time but breaks the model, and soft skip, which saves
// nothing. Here a linear map, fitted in closed form, replaces the layers that are left out; it
// costs a tenth of a block's work or nothing. The layers are found by searching for the smallest
// distance between the bridged model and the full one. Hard skip of the same layers, of the layers
// that suit it best and of the seed's quarter, soft skip, ReplaceMe, token exit and number formats
// are compared with it in quality and time.
//
// Hard skips, grafts with bridges and exits with bridges are measured again in each narrower number
// format, since no user pays for float32's speed: once a model is quantised, is any way of leaving
// layers out still on the frontier?
//
// Run: make exp-024. About two hours on two cores, once exp020's routers are there.

import AISHarness
import AISKit
import ArgumentParser

@main
struct Exp024: Experiment {
  static let card = ExperimentCard(
    id: "024", title: "Bridges: quality against time",
    question: "Is there a free lunch after all?",
    claims: [
      Claim(
        "quality", "A linear bridge over a quarter of the depth keeps what hard skip breaks.",
        [
          Criterion(
            "nearer than hard skip",
            "KL of the best bridge is at most \(klShare) of a hard skip's of as many layers, the same or "
              + "those where it costs least (95 %); which form is best, validation prompts say"),
          Criterion(
            "near", "top-1 agreement of the best bridge is ≥ \(agreement) (95 %, over prompts)"),
        ]),
      Claim(
        "time", "It takes no more time than the hard skip.",
        [
          Criterion(
            "as fast", "the best bridge has ≥ \(saving) of hard skip's saving in prefill (95 %)")
        ]),
    ],
    cost: "about two hours on two cores, 8 GB of memory, after exp020",
    showsRows: false)
  static let klShare = 0.5
  static let agreement = 0.63
  static let saving = 0.95
  static let dataFiles = [DataFiles.dolly, DataFiles.mmluTest]
  static let wholeFrom: Int? = defaultPrompts
  static let unusedOptions = [
    "thresholds": "the thresholds that are compared are fixed; --router may differ"
  ]
  static let rawTables: [any RawRow.Type] = [
    Point.self, SearchRow.self, CategoryRow.self, FitRow.self, LensRow.self, AnswerRow.self,
  ]
  /// Eighteen per category.
  static let defaultPrompts = 144
  static let defaultCount: DefaultCount? = .items(defaultPrompts)
  static let longestPrompt = 256

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var exit: RouterOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var timing: TimingOptions
  @Option(help: "Layers that are left out. (default: 4 of 15)") var budget: Int?
  @Option(help: "Tokens that bridges are fitted to.") var fitTokens: Int = 200_000
  @Option(help: "MMLU questions that hard skips, bridges and number formats answer.")
  var questions: Int = 300
  @Option(help: "Pairs of timed runs in a process.") var pairs: Int = 4

  static let variantOptions: Set = ["router"]

  var variant: String { exit.label }
  var needs: [Need] { exit.needs + [.bridges] }
  var inputFiles: [(name: String, path: String)] { exit.inputFiles }
  var processes: Int { timing.processes }
  var extents: [String: Int] {
    [
      "n": data.count ?? Self.defaultPrompts, "questions": questions,
      "processes": timing.processes,
    ]
  }

  func validate() throws {
    if let budget, budget < 2 { throw ValidationError("--budget \(budget): expected at least 2") }
    if fitTokens < 1_000 {
      throw ValidationError("--fit-tokens \(fitTokens): expected at least 1000")
    }
    if questions < 0 { throw ValidationError("--questions \(questions): expected at least 0") }
    if pairs < 1 { throw ValidationError("--pairs \(pairs): expected at least 1") }
    if model.dtype != .f32 {
      throw ValidationError(
        "--dtype \(model.dtype.rawValue): expected f32, or none: bridges are fitted in float32, and "
          + "the model in bf16, int8 and native is one of the ways that the same run compares")
    }
  }

  func workload(in setting: WorkSetting) -> Workload? {
    let test = setting.prompts(
      data.count ?? Self.defaultPrompts, of: .test, atMost: Self.longestPrompt)
    // About a third of the ways answer questions. The texts to fit to are read once, or once for
    // each form if the layers found are several runs; the search reads its texts for a hundred sets.
    let ways = 58.0
    let asked = Double(min(questions, setting.questionCount)) * setting.questionTokens * 1.3 / 3
    let runs = Double((pairs + 2) * processes) * 2
    let timed = runs * (128 + Workload.decoding(steps: PassWorkload.decodeSteps))
    return Workload(
      "\(Workload.count(fitTokens, "tokens")) to fit to, \(Workload.count(test.count, "prompts")), "
        + "\(questions) questions, about \(Int(ways)) ways",
      tokens: Double(fitTokens) * 2 + 400_000 + ways * (test.tokens + asked + timed))
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try lab.languageModel(.f32)
    let (depth, count) = try depthAndBudget(language)
    let texts = try makeTexts(language, lab)
    lab.sayShortages(texts.judged)
    lab.say(
      "  sample   bridges are fitted to \(texts.fit.fit.count) prompts, "
        + "\(texts.fit.fit.reduce(0) { $0 + $1.count }) tokens; \(texts.test.count) test prompts")
    // Few layers too: only a way that changes little can be compared with a number format.
    let others = Set([count / 4, count / 2, min(count + count / 2, depth - 2)]).filter {
      $0 > 0 && $0 != count
    }.sorted()
    let choice = LayerChoice(language: language, texts: texts, count: count, others: others)
    let cost = BridgeCost.blocks(language.decoder)
    try StudyTables.note(budget: count, cost: cost, in: lab)
    let found = LayerChoice.Found(
      try lab.measureOnce { try choice.search(in: lab) }, count: count, others: others,
      bridgeCost: cost, leastSaving: Self.saving)
    guard let main = found.candidates.first else {
      throw RequestError("layers to leave out", expected: "some that may be", found: "none")
    }
    _ = try lab.measureOnce { try choice.categories(found) }
    let quarter = try LayerRun.partition(layerCount: depth, into: 4)[1]
    let sets = ([main.layers, quarter.text] + found.others).map(LayerRun.runs(in:))
    let fits = BridgeFits(language, sets: sets, fitTokens: fitTokens, in: lab) { texts }
    _ = try lab.measureOnce { try fits.studies(of: sets[0][0]) }
    let ways = Ways(language, fits, exit, in: lab)
    let points = try lab.measureOnce {
      try ways.points(
        found, quarter: quarter, sink: lab.sinkLayer(language),
        validation: PlanComparison(
          language.decoder, texts: texts.search, firstPosition: texts.opening))
    }
    let trial = PointTrial(ways, points, texts)
    try trial.measureLens(in: lab)
    try trial.measureQuality(in: lab)
    guard questions > 0 else { return }
    try trial.measureAnswers(
      QuestionSample.spread(
        DataFiles.questions(lab.dataFile(DataFiles.mmluTest)), count: questions, seed: lab.seed),
      in: lab)
  }

  func time(in lab: TimingLab) throws {
    let language = try lab.languageModel(.f32)
    let points = lab.rows(of: Point.self)
    let fits = BridgeFits(
      language, sets: points.filter { $0.kind.form != nil }.map(\.runs), fitTokens: fitTokens,
      in: lab
    ) { try makeTexts(language, lab) }
    let draw = try lab.prompts(16, atMost: Self.longestPrompt, language)
    try PointTiming(
      ways: Ways(language, fits, exit, in: lab), points: points, text: Array(draw.tokens.joined()),
      pairs: pairs
    ).run(in: lab)
  }

  private func depthAndBudget(_ language: LanguageModel) throws -> (depth: Int, budget: Int) {
    let depth = language.decoder.config.layerCount
    let count = budget ?? max(2, depth * 4 / 15)
    guard depth >= 4, count < depth else {
      throw RequestError(
        "--budget", expected: "2 to the model's layers less one, of a model of at least 4",
        found: "\(count) of \(depth)")
    }
    return (depth, count)
  }

  private func makeTexts(_ language: LanguageModel, _ lab: Workbench) throws -> BridgeTexts {
    try BridgeTexts(
      language, data: DataFiles.prompts(lab.dataFile(DataFiles.dolly)), fitTokens: fitTokens,
      testPrompts: data.count ?? Self.defaultPrompts, longest: Self.longestPrompt, seed: lab.seed)
  }

  static func report(_ evidence: Evidence<Row>) -> Report { ParetoReport(evidence).report }
}
