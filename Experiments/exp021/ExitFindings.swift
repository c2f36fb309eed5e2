import AISHarness

/// What the rows say of each criterion.
struct ExitFindings {
  /// With fewer prompts a percentile interval is too narrow to support anything.
  private static let fewest = 20

  let rows: [Exp021.Row]

  var all: [NamedFinding] {
    [
      NamedFinding("identity", identity), NamedFinding("exits", exits),
      NamedFinding("agreement", agreement),
    ]
  }

  private var identity: Finding {
    let above = rows.filter { $0.threshold > 1 }
    if above.isEmpty { return .unsettled("no threshold above 1 was tried") }
    return Finding(above.allSatisfy { $0.isIdentical && $0.exited == 0 })
  }

  private var exits: Finding {
    judged("the share of tokens that leave", Exp021.leaving) { Double($0.exited) }
  }

  private var agreement: Finding {
    judged("top-1 agreement", Exp021.agreement) { Double($0.agreeing) }
  }

  private func judged(
    _ name: String, _ threshold: Double, _ count: (Exp021.Row) -> Double
  ) -> Finding {
    let chosen = rows.filter { $0.threshold == Exp021.judged }
    guard chosen.count >= Self.fewest else {
      return .unsettled(
        "\(name): \(chosen.count) prompts at threshold \(Exp021.judged), \(Self.fewest) would do")
    }
    return .atLeast(
      name, Bootstrap().ratio(chosen.map(count), over: chosen.map { Double($0.tokens) }),
      threshold: threshold)
  }
}
