import AISHarness

/// What the rows say of each criterion.
struct TextFindings {
  /// With fewer prompts a percentile interval is too narrow to support anything.
  private static let fewest = 20

  let rows: [Exp023.Row]

  var all: [NamedFinding] {
    [
      NamedFinding("identity", identity), NamedFinding("prefix", prefix),
      NamedFinding("perplexity", perplexity), NamedFinding("reading", reading),
    ]
  }

  private var identity: Finding {
    let above = rows.filter { $0.threshold > 1 }
    if above.isEmpty { return .unsettled("no threshold above 1 was tried") }
    return Finding(above.allSatisfy { $0.isIdentical && $0.exited == 0 })
  }

  /// Where it fails, the other figures mean nothing, which refutes nothing.
  private var reading: Finding {
    let full = rows.filter { $0.setting == ExitSetting.full.label }
    let tokens = full.reduce(0) { $0 + $1.tokens }
    let nats = full.reduce(0) { $0 + $1.kl } / Double(tokens)
    return nats <= Exp023.readingNats
      ? .holds
      : .unsettled("the full model reads its own texts \(nats) nats from how it wrote them")
  }

  private var judged: [Exp023.Row] { rows.filter { $0.threshold == Exp023.judged } }

  private var prefix: Finding {
    tooFew("the shared prefix")
      ?? .atLeast(
        "the shared prefix", Bootstrap().mean(of: judged.map(\.prefixShare)),
        threshold: Exp023.prefix)
  }

  private var perplexity: Finding {
    tooFew("the perplexity ratio")
      ?? .atMost(
        "the perplexity ratio",
        TextLikelihood(judged).perplexityRatio(
          over: TextLikelihood(rows.filter { $0.setting == ExitSetting.full.label })),
        threshold: Exp023.perplexityRatio)
  }

  private func tooFew(_ name: String) -> Finding? {
    judged.count >= Self.fewest
      ? nil
      : .unsettled(
        "\(name): \(judged.count) prompts at threshold \(Exp023.judged), \(Self.fewest) would do")
  }
}

extension TextLikelihood {
  init(_ rows: [Exp023.Row]) {
    self.init(
      Dictionary(
        uniqueKeysWithValues: rows.map { ($0.prompt, ($0.negativeLogLikelihood, $0.tokens)) }))
  }
}
