import AISHarness

/// The finding for each criterion.
struct TextFindings {
  let rows: [Exp023.Row]

  var all: [NamedFinding] {
    [
      NamedFinding("identity", identity), NamedFinding("prefix", prefix),
      NamedFinding("perplexity", perplexity), NamedFinding("reading", reading),
    ]
  }

  private var identity: Finding {
    let above = rows.filter { $0.threshold > 1 }
    return .all(above.map { $0.isIdentical && $0.exited == 0 }, of: "passes above threshold 1")
  }

  /// If it fails, the other figures mean nothing, so nothing is refuted.
  private var reading: Finding {
    let full = rows.filter { $0.setting == ExitSetting.full.label }
    let tokens = full.reduce(0) { $0 + $1.tokens }
    let nats = full.reduce(0) { $0 + $1.kl } / Double(tokens)
    let texts = Finding.met(
      true, measured: NumberFormat.text(nats, .automatic, unit: "nats"),
      asked: "≤ \(Exp023.readingNats) nats", sample: "\(full.count) texts")
    return texts.needing(
      nats <= Exp023.readingNats, "the full model reads its own texts as something else")
  }

  private var judged: [Exp023.Row] { rows.filter { $0.threshold == Exp023.judged } }

  private var prefix: Finding {
    if judged.isEmpty { return .open("threshold \(Exp023.judged) was not tried") }
    return .atLeast(
      Bootstrap().mean(of: judged.map(\.prefixShare)), threshold: Exp023.prefix, of: "prompts",
      show: .percent(1))
  }

  private var perplexity: Finding {
    if judged.isEmpty { return .open("threshold \(Exp023.judged) was not tried") }
    return .atMost(
      TextLikelihood(judged).perplexityRatio(
        over: TextLikelihood(rows.filter { $0.setting == ExitSetting.full.label })),
      threshold: Exp023.perplexityRatio, of: "prompts", show: .decimals(2))
  }
}

extension TextLikelihood {
  init(_ rows: [Exp023.Row]) {
    self.init(
      Dictionary(
        uniqueKeysWithValues: rows.map { ($0.prompt, ($0.negativeLogLikelihood, $0.tokens)) }))
  }
}
