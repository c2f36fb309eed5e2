import AISHarness

/// Tables, pictures and figures over all prompts, for each threshold.
struct TextSummary {
  /// The rows of each setting, settings in the order of the work.
  private let settings: [(name: String, rows: [Exp023.Row])]
  private let full: TextLikelihood

  init(rows: [Exp023.Row]) {
    let groups = Dictionary(grouping: rows, by: \.setting)
    var seen: Set<String> = []
    settings = rows.map(\.setting).filter { seen.insert($0).inserted }
      .map { ($0, groups[$0] ?? []) }
    full = TextLikelihood(groups[ExitSetting.full.label] ?? [])
  }

  func report(in lab: Lab<Exp023.Row>) {
    lab.tabulate(
      DerivedTable("texts", title: "The texts, by threshold", rows: settings.map(textLine)))
    lab.tabulate(
      DerivedTable(
        "reading", title: "What the full model makes of them", rows: settings.map(readingLine)))
    lab.tabulate(
      DerivedTable("curves", title: "Shares by threshold", rows: curves, isShown: false))
    lab.draw(
      Figure(
        name: "texts", title: "How much of the full model's text is kept", table: "curves",
        kind: .lines(
          x: "threshold", value: "share", lower: "lower", upper: "upper", series: "what",
          ideal: nil), xLabel: "threshold", yLabel: "share", reference: Exp023.prefix,
        referenceLabel: "shared prefix asked for"))
    lab.draw(
      Figure(
        name: "perplexity", title: "Perplexity of the texts under the full model, over its own",
        table: "reading",
        kind: .intervals(
          category: "setting", value: "perplexity_ratio", lower: "ratio_lower",
          upper: "ratio_upper", series: nil), xLabel: "threshold", yLabel: "ratio",
        reference: Exp023.perplexityRatio, referenceLabel: "the most that is allowed"))
    let reference = settings.first { $0.name == ExitSetting.full.label }?.rows ?? []
    lab.summarize(SummaryValue("prompts", reference.count, "prompts of the test split"))
    lab.summarize(
      SummaryValue(
        "full_tokens", reference.reduce(0) { $0 + $1.tokens },
        "tokens of the full model's texts, end tokens not among them",
        compare: .relative(0.02)))
    lab.summarize(
      SummaryValue(
        "behind_end", settings.flatMap(\.rows).reduce(0) { $0 + $1.behindEnd },
        "tokens at or behind an end token, in all texts"))
  }

  private func textLine(_ setting: (name: String, rows: [Exp023.Row])) -> TextLine {
    let rows = setting.rows
    let identical = Proportion(of: rows.map(\.isIdentical))
    let prefix = Bootstrap().mean(of: rows.map(\.prefixShare))
    let exits = exitRate(rows)
    let ended = rows.count { $0.finish == "end" }
    var line = TextLine()
    line.setting = setting.name
    line.texts = rows.count
    line.identical = identical.rate
    (line.identicalLower, line.identicalUpper) = (
      identical.wilson().lower, identical.wilson().upper
    )
    line.prefix = prefix.value
    (line.prefixLower, line.prefixUpper) = (prefix.interval.lower, prefix.interval.upper)
    line.prefixTokens = Bootstrap.median(rows.map { Double($0.prefix) })
    line.tokens = Bootstrap.mean(rows.map { Double($0.tokens) })
    line.ended = Proportion(successes: ended, trials: rows.count).rate
    line.exitRate = exits.value
    (line.exitLower, line.exitUpper) = (exits.interval.lower, exits.interval.upper)
    line.depth = ratio(rows) { Double($0.executedLayers) }.value
    return line
  }

  private func readingLine(_ setting: (name: String, rows: [Exp023.Row])) -> ReadingLine {
    let rows = setting.rows
    let likelihood = TextLikelihood(rows)
    let perplexity = likelihood.perplexity()
    let times = likelihood.perplexityRatio(over: full)
    let kl = ratio(rows) { $0.kl }
    let agreement = ratio(rows) { Double($0.agreeing) }
    let repetition = Bootstrap().mean(of: rows.map(\.repetition))
    var line = ReadingLine()
    line.setting = setting.name
    line.tokens = rows.reduce(0) { $0 + $1.tokens }
    line.perplexity = perplexity.value
    line.ratio = times.value
    (line.ratioLower, line.ratioUpper) = (times.interval.lower, times.interval.upper)
    line.kl = kl.value
    (line.klLower, line.klUpper) = (kl.interval.lower, kl.interval.upper)
    line.agreement = agreement.value
    (line.agreementLower, line.agreementUpper) = (
      agreement.interval.lower, agreement.interval.upper
    )
    line.repetition = repetition.value
    (line.repetitionLower, line.repetitionUpper) = (
      repetition.interval.lower, repetition.interval.upper
    )
    line.circling = rows.count { $0.repetition >= ReadingLine.circlingShare }
    return line
  }

  private func exitRate(_ rows: [Exp023.Row]) -> Estimate { ratio(rows) { Double($0.exited) } }

  /// A quantity per token; prompts are resampled as a whole.
  private func ratio(_ rows: [Exp023.Row], _ value: (Exp023.Row) -> Double) -> Estimate {
    Bootstrap().ratio(rows.map(value), over: rows.map { Double($0.tokens) })
  }

  private var curves: [CurvePoint] {
    settings.flatMap { setting -> [CurvePoint] in
      let rows = setting.rows
      guard let threshold = rows.first?.threshold, !threshold.isNaN else { return [] }
      let identical = Proportion(of: rows.map(\.isIdentical))
      return [
        CurvePoint(
          "text before the first difference", threshold,
          Bootstrap().mean(of: rows.map(\.prefixShare))),
        CurvePoint(
          "identical texts", threshold,
          Estimate(value: identical.rate, interval: identical.wilson(), count: rows.count)),
        CurvePoint(
          "tokens that the full model would choose", threshold,
          ratio(rows) { Double($0.agreeing) }),
        CurvePoint("tokens that leave", threshold, exitRate(rows)),
      ]
    }
  }
}
