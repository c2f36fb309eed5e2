import AISHarness

/// What the page says about the texts at each threshold, and those of the placebos.
struct TextReport {
  private typealias Setting = (name: String, rows: [Exp023.Row])

  /// The number of prompts shown: the first of the sample, of different categories if possible.
  static let shownPrompts = 6
  private static let shownCharacters = (prompt: 90, text: 160)

  private let evidence: Evidence<Exp023.Row>
  /// The rows of each setting, settings in the order of the work.
  private let settings: [Setting]
  private let full: [Exp023.Row]

  init(_ evidence: Evidence<Exp023.Row>) {
    self.evidence = evidence
    let groups = Dictionary(grouping: evidence.rows, by: \.setting)
    var seen: Set<String> = []
    settings = evidence.rows.map(\.setting).filter { seen.insert($0).inserted }
      .map { ($0, groups[$0] ?? []) }
    full = groups[ExitSetting.full.label] ?? []
  }

  var report: Report {
    var report = Report()
    report.judge("identity", identity)
    report.judge("prefix", prefix)
    report.judge("perplexity", perplexity)
    report.judge("reading", reading)
    report.conclude(conclusion)
    report.summarize(SummaryValue("prompts", full.count, "prompts of the test split"))
    report.summarize(
      SummaryValue(
        "full_tokens", full.reduce(0) { $0 + $1.tokens },
        "tokens of the full model's texts, end tokens not among them", compare: .relative(0.02)))
    report.summarize(
      SummaryValue(
        "behind_end", evidence.rows.reduce(0) { $0 + $1.behindEnd },
        "tokens at or after an end token, in all texts"))
    report.tabulate(
      DerivedTable("texts", title: "The texts, by setting", rows: settings.map(textLine)))
    report.tabulate(
      DerivedTable(
        "reading", title: "What the full model makes of them", rows: settings.map(readingLine)))
    report.tabulate(
      DerivedTable("kept", title: "What is kept, by setting", rows: kept, isShown: false))
    report.tabulate(DerivedTable("samples", title: "Texts side by side", rows: samples))
    report.draw(
      Figure(
        name: "texts", title: "How much of the full model's text is kept", table: "kept",
        kind: .intervals(
          category: "setting", value: "share", lower: "share_lower", upper: "share_upper",
          series: "what"), xLabel: "threshold, or number format without exits",
        yLabel: "share", reference: Exp023.prefix, referenceLabel: "shared prefix asked for"))
    report.draw(
      Figure(
        name: "perplexity", title: "Perplexity of the texts under the full model, over its own",
        table: "reading",
        kind: .intervals(
          category: "setting", value: "perplexity_ratio", lower: "perplexity_ratio_lower",
          upper: "perplexity_ratio_upper", series: nil),
        xLabel: "threshold, or number format without exits", yLabel: "ratio",
        reference: Exp023.perplexityRatio, referenceLabel: "the most that is allowed"))
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
      true, measured: NumberFormat.text(nats, .automatic, unit: "nats"),
      asked: "≤ \(Exp023.readingNats) nats", sample: "\(full.count) texts"
    ).needing(
      nats <= Exp023.readingNats, "the full model reads its own texts as something else")
  }

  private var conclusion: String {
    func kept(_ rows: [Exp023.Row]) -> String {
      NumberFormat.text(Bootstrap.mean(rows.map(\.prefixShare)), .percent(0), unit: "")
    }
    if judged.isEmpty { return "Threshold \(Exp023.judged) was not tried." }
    let placebos = settings.compactMap { setting in
      FormatPlacebo(label: setting.name).map {
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

  private func textLine(_ setting: Setting) -> TextLine {
    let rows = setting.rows
    let exits = ClusteredShare(successes: rows.map(\.exited), trials: rows.map(\.tokens))
    var line = TextLine()
    line.setting = setting.name
    line.texts = rows.count
    line.identical = EstimateCells(Proportion(of: rows.map(\.isIdentical)).estimate)
    line.prefix = EstimateCells(Bootstrap().mean(of: rows.map(\.prefixShare)))
    line.prefixTokens = Bootstrap.median(rows.map { Double($0.prefix) })
    line.tokens = Bootstrap.mean(rows.map { Double($0.tokens) })
    line.ended = Proportion(of: rows.map { $0.finish == "end" }).rate
    line.exitRate = EstimateCells(exits.estimate)
    line.designEffect = exits.designEffect
    line.depth = ratio(rows) { Double($0.executedLayers) }.value
    return line
  }

  private func readingLine(_ setting: Setting) -> ReadingLine {
    let rows = setting.rows
    let likelihood = TextLikelihood(rows)
    var line = ReadingLine()
    line.setting = setting.name
    line.tokens = rows.reduce(0) { $0 + $1.tokens }
    line.perplexity = likelihood.perplexity().value
    line.ratio = EstimateCells(likelihood.perplexityRatio(over: TextLikelihood(full)))
    line.kl = EstimateCells(ratio(rows) { $0.kl })
    line.agreement = EstimateCells(ratio(rows) { Double($0.agreeing) })
    line.repetition = EstimateCells(Bootstrap().mean(of: rows.map(\.repetition)))
    line.circling = rows.count { $0.repetition >= ReadingLine.circlingShare }
    return line
  }

  private var kept: [KeptRow] {
    settings.filter { $0.name != ExitSetting.full.label }.flatMap { setting in
      [
        KeptRow(
          setting: setting.name, what: "text before the first difference",
          share: EstimateCells(Bootstrap().mean(of: setting.rows.map(\.prefixShare)))),
        KeptRow(
          setting: setting.name, what: "tokens that the full model would choose",
          share: EstimateCells(ratio(setting.rows) { Double($0.agreeing) })),
      ]
    }
  }

  private var samples: [TextSample] {
    (0..<Self.shownPrompts).flatMap { prompt in
      settings.flatMap(\.rows).filter { $0.prompt == prompt }.enumerated().map { place, row in
        let asked = evidence.text(Exp023.promptName(prompt)) ?? ""
        return TextSample(
          // Only in the prompt's first row, so that the texts stand out.
          prompt: place > 0
            ? "" : TextMeasure.oneLine(asked, characters: Self.shownCharacters.prompt),
          setting: row.setting, prefix: row.prefix, tokens: row.tokens,
          text: TextMeasure.oneLine(row.text, characters: Self.shownCharacters.text))
      }
    }
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
