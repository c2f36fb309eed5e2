// exp024: can bridges save depth without loss?
//
// The seed ends with hard skip, which saves time but breaks the model, and soft skip, which saves
// nothing. Here a linear map, fitted in closed form, replaces the layers that are left out; it
// costs a tenth of a block's work or nothing. The layers are found by searching for the smallest
// distance between the bridged model and the full one. Hard and soft skip, token exit and number
// formats are compared with it in quality and time.
//
// Run: make exp-024. About an hour and a half on two cores, once exp020's routers are there.

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
    cost: "about an hour and a half on two cores, 8 GB of memory, after exp020", showsRows: false)
  static let klShare = 0.5
  static let agreement = 0.63
  static let saving = 0.95
  static let dataFiles = [DataFiles.dolly, DataFiles.mmluTest]
  static let wholeFrom: Int? = defaultPrompts
  static let unusedOptions = [
    "thresholds": "the thresholds that are compared are fixed; --router may differ"
  ]
  /// Eighteen per category.
  static let defaultPrompts = 144
  static let defaultCount: DefaultCount? = .items(defaultPrompts)
  /// With fewer timed pairs, no share of a saving is claimed.
  static let fewestPairs = 20
  /// The names of the ways to save that the criteria compare.
  enum Kind {
    static let hard = "hard skip"
    static let soft = "soft skip, α = 0.7"
    static func bridge(_ form: BridgeForm) -> String {
      switch form {
      case .map: "bridge"
      case .merged: "merged (ReplaceMe)"
      case .graft: "graft"
      case .both: "graft and bridge"
      }
    }
    static let passing = "bridge, position 0 unchanged"
    static let exit = "token exit"
    static let exitBridged = "token exit, bridged"
    static let format = "number format"
  }

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var exit: RouterOptions
  @OptionGroup var output: OutputOptions
  @Option(help: "Layers that are left out. (default: 4 of 15)") var budget: Int?
  @Option(help: "Tokens that bridges are fitted to.") var fitTokens: Int = 200_000
  @Option(help: "MMLU questions that each way answers.") var questions: Int = 60
  @Option(help: "Pairs of timed runs.") var pairs: Int = 20

  static let variantOptions: Set = ["router"]

  var variant: String { exit.label }
  var needs: [Need] { exit.needs }
  var inputFiles: [(name: String, path: String)] { exit.inputFiles }

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
    let test = setting.prompts(data.count ?? Self.defaultPrompts, of: .test, atMost: 512)
    // About sixty ways are compared. The texts to fit to are read once for each set of layers; most
    // sets come from the search.
    let ways = 60.0
    let asked = Double(min(questions, setting.questionCount)) * setting.questionTokens * 1.3
    let timed = Double(pairs + 2) * 2 * (128 + Workload.decoding(steps: 8))
    return Workload(
      "\(Workload.count(fitTokens, "tokens")) to fit to, \(Workload.count(test.count, "prompts")), "
        + "\(questions) questions, about \(Int(ways)) ways",
      tokens: Double(fitTokens) * 10 + ways * (test.tokens + asked + timed))
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try LanguageModel(path: lab.model.path, type: .f32)
    let depth = language.decoder.config.layerCount
    let count = budget ?? max(2, depth * 4 / 15)
    guard depth >= 4, count < depth else {
      throw RequestError(
        "--budget", expected: "2 to the model's layers less one, of a model of at least 4",
        found: "\(count) of \(depth)")
    }
    let texts = try BridgeTexts(
      language, data: DataFiles.prompts(lab.dataFile(DataFiles.dolly)), fitTokens: fitTokens,
      testPrompts: data.count ?? Self.defaultPrompts, seed: lab.seed)
    lab.sayShortages(texts.judged)
    lab.say(
      "  sample   bridges are fitted to \(texts.fit.fit.count) prompts, "
        + "\(texts.fit.fit.reduce(0) { $0 + $1.count }) tokens; \(texts.test.count) test prompts")
    let others = Set([count / 2, min(count + count / 2, depth - 2)]).filter {
      $0 > 0 && $0 != count
    }
    let chosen = try LayerChoice(language: language, texts: texts)
      .search(count, others: others.sorted(), in: lab)
    let quarter = [try LayerRun.partition(layerCount: depth, into: 4)[1]]
    let fits = BridgeFits(language, texts, sets: [chosen.main, quarter] + chosen.others)
    try fits.curve(chosen.main, in: lab)
    try fits.ranks(chosen.main, in: lab)
    let points = try PointList(language, texts, fits, lab.routers(option: exit.router), exit)
    let all = try points.all(
      chosen, quarter: quarter)
    try points.tabulateLens(texts, in: lab)
    let trial = try PointTrial(
      language, texts, asked(language, lab), pairs: pairs, in: lab)
    try lab.measureEach(
      all, "ways", by: { "\($0.kind) \($0.setting)" }, rowKey: { "\($0.kind) \($0.setting)" },
      { try trial.row($0) })
    if let best = ParetoFindings.best(lab.rows),
      let point = all.first(where: { $0.kind == best.kind && $0.setting == best.setting })
    {
      try trial.timeBesideHard(point)
    }
    ParetoPage(rows: lab.rows).report(in: lab)
  }

  private func asked(
    _ language: LanguageModel, _ lab: Lab<Row>
  ) throws -> [(prompt: ChoicePrompt, gold: Int)] {
    guard questions > 0 else { return [] }
    let all = try DataFiles.questions(lab.dataFile(DataFiles.mmluTest))
    let format = try MultipleChoiceFormat(.cloze, encoder: language.prompts)
    return try QuestionSample.spread(all, count: questions, seed: lab.seed).map {
      (try format.prompt($0.question), $0.question.answer)
    }
  }

  static func findings(_ table: ResultTable<Row>) -> [NamedFinding] {
    ParetoFindings(table).all
  }
}
