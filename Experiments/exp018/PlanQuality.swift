import AISHarness
import AISKit

/// One prompt's next token under the plan whose speed is measured.
struct QualityRow: ResultRow {
  var prompt = 0
  var category = ""
  var kl = 0.0
  var topOneAgrees = false

  static let columns: [Column<QualityRow>] = [
    Column("prompt", \.prompt, "index of the prompt in the sample"),
    Column("category", \.category, "its category"),
    Column(
      "kl_base_skip", \.kl, unit: "nats", "KL(base‖skip) of the next token",
      compare: .absolute(1e-2), show: .decimals(3)),
    Column("top1_agrees", \.topOneAgrees, "the same most probable token"),
  ]
}

/// The quality of the plan, to judge its speed fairly.
struct PlanQuality {
  private let language: LanguageModel
  private let plan: DepthPlan

  init(_ language: LanguageModel, _ plan: DepthPlan) {
    self.language = language
    self.plan = plan
  }

  func report(
    in lab: Lab<Exp018.Row>, prompts: [InstructionPrompt], count: Int
  ) throws {
    let sample = try PromptDraw(
      data: prompts, language: language, split: .test, count: count, maximumTokens: 256,
      seed: lab.seed)
    lab.sayShortages(sample)
    let meter = ProgressMeter("quality: prompts", total: sample.prompts.count)
    let rows = try sample.tokens.enumerated().map { index, tokens in
      let comparison = LogitComparison(
        base: try language.logits(of: tokens), other: try language.logits(of: tokens, policy: plan))
      meter.advance()
      return QualityRow(
        prompt: index, category: sample.prompts[index].category, kl: comparison.klBaseSkip,
        topOneAgrees: comparison.topOneAgrees)
    }
    lab.tabulate(
      DerivedTable("quality", title: "Quality of the plan, by prompt", rows: rows, isShown: false))
    let agreement = Proportion(of: rows.map(\.topOneAgrees))
    lab.summarize(
      SummaryValue(
        "plan_top1_agreement", agreement.rate, in: agreement.wilson(),
        "\(plan.summary): same most probable token on \(rows.count) test prompts",
        compare: .absolute(0.02), show: .percent(1)))
    let kl = Bootstrap().mean(of: rows.map(\.kl))
    lab.summarize(
      SummaryValue(
        "plan_kl", kl.value, in: kl.interval, unit: "nats",
        "\(plan.summary): mean KL(base‖skip)",
        compare: .absolute(1e-2), show: .decimals(3)))
  }
}
