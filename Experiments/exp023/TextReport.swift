import AISHarness

/// What the page says about the texts at each threshold, and those of the placebos.
struct TextReport {
  private typealias Setting = RowGroup<String, Exp023.Row>
  private static let settingMeaning =
    "the threshold, full, or the full model in another number format (placebo)"
  /// In a text that repeats itself, at least this share of its runs of four tokens occurred before.
  private static let circlingShare = 0.5

  /// The number of prompts shown: the first of the sample, of different categories if possible.
  static let shownPrompts = 6
  private static let shownCharacters = (prompt: 90, text: 160)

  private let evidence: Evidence<Exp023.Row>
  /// The rows of each setting, settings in the order of the work.
  private let settings: [Setting]
  private let full: [Exp023.Row]

  init(_ evidence: Evidence<Exp023.Row>) {
    self.evidence = evidence
    settings = evidence.rows.grouped(by: \.setting)
    full = evidence.rows.filter { $0.setting == ExitSetting.full.label }
  }

  var report: Report {
    var report = Report()
    report.judge("identity", identity)
    report.judge("prefix", prefix)
    report.judge("perplexity", perplexity)
    report.judge("reading", reading)
    report.conclude(conclusion)
    report.summarize("prompts", full.count, "prompts of the test split")
    report.summarize(
      "full_tokens", full.reduce(0) { $0 + $1.tokens },
      "tokens of the full model's texts, end tokens not among them", .relative(0.02))
    report.summarize(
      "behind_end", evidence.rows.reduce(0) { $0 + $1.behindEnd },
      "tokens at or after an end token, in all texts")
    report.tabulate("texts", "The texts, by setting", settings, textCells)
    report.tabulate("reading", "What the full model makes of them", settings, readingCells)
    tabulateKept(in: &report)
    tabulateSamples(in: &report)
    report.draw(
      .intervals(
        "texts", "How much of the full model's text is kept", of: "kept", "share", by: "setting",
        series: "what", xLabel: "threshold, or number format without exits", yLabel: "share",
        reference: Exp023.prefix, referenceLabel: "shared prefix asked for"))
    report.draw(
      .intervals(
        "perplexity", "Perplexity of the texts under the full model, over its own", of: "reading",
        "perplexity_ratio", by: "setting", xLabel: "threshold, or number format without exits",
        yLabel: "ratio", reference: Exp023.perplexityRatio,
        referenceLabel: "the most that is allowed"))
    return report
  }

  // MARK: - Findings

  private var judged: [Exp023.Row] { evidence.rows.filter { $0.threshold == Exp023.judged } }
  private var untried: Finding { .open("threshold \(Exp023.judged) was not tried") }

  private var identity: Finding {
    let above = evidence.rows.filter { $0.threshold > 1 }
    return .all(above.map { $0.isIdentical && $0.exited == 0 }, of: "texts above threshold 1")
  }

  private var prefix: Finding {
    if judged.isEmpty { return untried }
    return .atLeast(
      Bootstrap().mean(of: judged.map(\.prefixShare)), threshold: Exp023.prefix, of: "prompts",
      show: .percent(1))
  }

  private var perplexity: Finding {
    if judged.isEmpty { return untried }
    return .atMost(
      TextLikelihood(judged).perplexityRatio(over: TextLikelihood(full)),
      threshold: Exp023.perplexityRatio, of: "prompts", show: .decimals(2))
  }

  /// If it fails, the other figures mean nothing, so nothing is refuted.
  private var reading: Finding {
    let nats = full.reduce(0) { $0 + $1.kl } / Double(full.reduce(0) { $0 + $1.tokens })
    return Finding.met(
      true, measured: nats.shown(.automatic, unit: "nats"),
      asked: "≤ \(Exp023.readingNats) nats", sample: "\(full.count) texts"
    ).needing(
      nats <= Exp023.readingNats, "the full model reads its own texts as something else")
  }

  private var conclusion: String {
    func kept(_ rows: [Exp023.Row]) -> String {
      Bootstrap.mean(rows.map(\.prefixShare)).shown(.percent(0))
    }
    if judged.isEmpty { return "Threshold \(Exp023.judged) was not tried." }
    let placebos = settings.compactMap { setting in
      FormatPlacebo(label: setting.key).map {
        "\($0.type.rawValue) arithmetic \(kept(setting.rows))"
      }
    }
    let text =
      "Token exit at \(Exp023.judged) keeps the first \(kept(judged)) of the full model's text"
    return ([text] + (placebos.isEmpty ? [] : [placebos.joined(separator: ", ")]))
      .joined(separator: "; ") + "."
  }

  // MARK: - Tables

  /// A quantity per token; prompts are resampled as a whole.
  private func ratio(_ rows: [Exp023.Row], _ value: (Exp023.Row) -> Double) -> Estimate {
    Bootstrap().ratio(rows.map(value), over: rows.map { Double($0.tokens) })
  }

  private func exits(_ setting: Setting) -> ClusteredShare {
    ClusteredShare(
      successes: setting.rows.map(\.exited), trials: setting.rows.map(\.tokens))
  }

  private var textCells: [Cells<Setting>] {
    [
      .cell("setting", Self.settingMeaning, \.key),
      .cell("texts", "prompts of the test split, one text each", \.rows.count),
      .estimate(
        "identical", "texts that are the full model's, token by token", .share(within: 0.05)
      ) { Proportion(of: $0.rows.map(\.isIdentical)).estimate },
      .estimate(
        "prefix", "part of a text before the first difference, mean", .share(within: 0.05)
      ) { Bootstrap().mean(of: $0.rows.map(\.prefixShare)) },
      .cell(
        "prefix_tokens", "tokens before the first difference, median", .decimals(1, within: 5)
      ) { Bootstrap.median($0.rows.map { Double($0.prefix) }) },
      .cell("mean_tokens", "tokens of a text, mean", .decimals(1, within: 5)) {
        Bootstrap.mean($0.rows.map { Double($0.tokens) })
      },
      .cell(
        "ended", "texts that came to their own end before the limit", .share(within: 0.05)
      ) { Proportion(of: $0.rows.map { $0.finish == "end" }).rate },
      .estimate(
        "exit_rate", "tokens whose row exited early; prompts are the clusters",
        .share(within: 0.05)
      ) { exits($0).estimate },
      .cell(
        "design_effect", "variance of the exit rate, prompts over single tokens",
        .decimals(1, relative: 0.5)
      ) { exits($0).designEffect },
      .cell("mean_depth", "blocks computed for a token, mean", .decimals(2, within: 0.3)) {
        ratio($0.rows) { Double($0.executedLayers) }.value
      },
    ]
  }

  private var readingCells: [Cells<Setting>] {
    [
      .cell("setting", Self.settingMeaning, \.key),
      .cell("tokens", "tokens of all texts", .relative(0.05)) {
        $0.rows.reduce(0) { $0 + $1.tokens }
      },
      .cell(
        "perplexity", "the full model's perplexity of the texts", .decimals(2, relative: 0.05)
      ) { TextLikelihood($0.rows).perplexity().value },
      .estimate(
        "perplexity_ratio", "the same over that of its own texts; prompts are resampled",
        .decimals(3, relative: 0.05)
      ) { TextLikelihood($0.rows).perplexityRatio(over: TextLikelihood(full)) },
      .estimate(
        "kl_base_exit",
        "mean KL(full‖this) of the distributions that chose the tokens; of full itself, rounding "
          + "between one pass and many",
        ValueStyle(unit: "nats", compare: .relative(0.05), show: .decimals(4))
      ) { ratio($0.rows, \.kl) },
      .estimate(
        "top1_agreement", "tokens that the full model would choose in their place",
        .share(within: 0.05)
      ) { agreement($0) },
      .estimate(
        "repetition", "runs of four tokens that the text has before, mean", .share(within: 0.05)
      ) { Bootstrap().mean(of: $0.rows.map(\.repetition)) },
      .cell("circling", "texts of which at least half of these runs come twice", .within(5)) {
        $0.rows.count { $0.repetition >= Self.circlingShare }
      },
    ]
  }

  private func agreement(_ setting: Setting) -> Estimate {
    ratio(setting.rows) { Double($0.agreeing) }
  }

  private func tabulateKept(in report: inout Report) {
    let shares: [(what: String, share: (Setting) -> Estimate)] = [
      ("text before the first difference", { Bootstrap().mean(of: $0.rows.map(\.prefixShare)) }),
      ("tokens that the full model would choose", agreement),
    ]
    let kept = settings.filter { $0.key != ExitSetting.full.label }
    report.tabulate(
      "kept", "What is kept, by setting",
      kept.flatMap { setting in shares.map { (setting, $0) } }, isShown: false,
      [
        .cell("setting", Self.settingMeaning) { $0.0.key },
        .cell("what", "whose share") { $0.1.what },
        .estimate("share", "share", .share(within: 0.05)) { $0.1.share($0.0) },
      ])
  }

  private func tabulateSamples(in report: inout Report) {
    let samples = (0..<Self.shownPrompts).flatMap { prompt in
      settings.flatMap(\.rows).filter { $0.prompt == prompt }.enumerated()
    }
    report.tabulate(
      "samples", "Texts side by side", samples,
      [
        .cell("prompt_text", "what was asked", .unchecked) { place, row in
          let asked = evidence.text(Exp023.promptName(row.prompt)) ?? ""
          // Only in the prompt's first row, so that the texts stand out.
          return place > 0
            ? "" : TextMeasure.oneLine(asked, characters: Self.shownCharacters.prompt)
        },
        .cell("setting", Self.settingMeaning) { $0.element.setting },
        .cell(
          "prefix", "tokens before the first difference from the full model's text", .unchecked
        ) { $0.element.prefix },
        .cell("tokens", "tokens of the text", .unchecked) { $0.element.tokens },
        .cell("text", "how it begins", .unchecked) {
          TextMeasure.oneLine($0.element.text, characters: Self.shownCharacters.text)
        },
      ])
  }
}

extension TextLikelihood {
  fileprivate init(_ rows: [Exp023.Row]) {
    self.init(
      Dictionary(
        rows.map { ($0.prompt, ($0.negativeLogLikelihood, $0.tokens)) },
        uniquingKeysWith: { first, _ in first }))
  }
}
