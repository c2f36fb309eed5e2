import AISHarness

/// The finding for each criterion.
struct ExitFindings {
  let rows: [Exp021.Row]

  var all: [NamedFinding] {
    [
      NamedFinding("identity", identity), NamedFinding("exits", exits),
      NamedFinding("agreement", agreement),
    ]
  }

  private var identity: Finding {
    let above = rows.filter { $0.threshold > 1 }
    return .all(above.map { $0.isIdentical && $0.exited == 0 }, of: "passes above threshold 1")
  }

  private var exits: Finding {
    judged(Exp021.leaving) { Double($0.exited) }
  }

  private var agreement: Finding {
    judged(Exp021.agreement) { Double($0.agreeing) }
  }

  private func judged(_ threshold: Double, _ count: (Exp021.Row) -> Double) -> Finding {
    let chosen = rows.filter { $0.threshold == Exp021.judged }
    if chosen.isEmpty { return .open("threshold \(Exp021.judged) was not tried") }
    return .atLeast(
      Bootstrap().ratio(chosen.map(count), over: chosen.map { Double($0.tokens) }),
      threshold: threshold, of: "prompts", show: .percent(1))
  }
}
