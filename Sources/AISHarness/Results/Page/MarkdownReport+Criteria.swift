extension MarkdownReport {
  /// What had to hold, and how each result came out, as one short table.
  static func criteria(_ members: [ResultCollection.Member]) -> [String] {
    var texts: [String] = []
    for text in members.flatMap(\.result.provenance.criteria) where !texts.contains(text) {
      texts.append(text)
    }
    if texts.isEmpty { return [] }
    let rows = texts.map { text in
      let parts = text.split(separator: ":", maxSplits: 1)
      let (name, requirement) = (String(parts[0]), parts.count > 1 ? parts[1] : "")
      return [name, line(String(requirement.trimmingPrefix(" ")))]
        + members.map { outcome(of: name, text, $0) }
    }
    let labels = members.count == 1 ? ["outcome"] : members.map { line($0.label) }
    return [
      "## Criteria", "Written before the run; what must hold for the claim:",
      table(header: ["criterion", "what must hold"] + labels, rows: rows, rightAligned: []),
    ] + looks(members)
  }

  /// How a criterion came out: in words, or how often if it has several parts.
  private static func outcome(
    of name: String, _ text: String, _ member: ResultCollection.Member
  ) -> String {
    let result = member.result
    guard result.provenance.criteria.contains(text) else { return "" }
    let table = result.tables.first { $0.name == CriterionOutcome.tableName }
    let own = (table?.outcomes ?? []).filter { NamedFinding.criterion(of: $0.criterion) == name }
    if own.count == 1 {
      let only = own[0]
      return only.outcome + (only.measured.isEmpty ? "" : ": \(only.measured)")
    }
    let words = ["holds", "fails", "open"].compactMap { word in
      let count = own.filter { $0.outcome == word }.count
      return count == 0 ? nil : "\(word) in \(count) of \(own.count)"
    }
    return words.joined(separator: ", ")
  }

  /// How often the rows were judged, and which interval decides.
  private static func looks(_ members: [ResultCollection.Member]) -> [String] {
    let lines = members.compactMap { member -> String? in
      guard let looks = member.result.provenance.looks, !looks.isEmpty else { return nil }
      let sizes = looks.map { look in
        count(look.rows, "row")
          + (look.processes > 0
            ? " and \(Workload.count(look.processes, "processes"))" : "")
      }
      let who = members.count > 1 ? "\(line(member.label)): " : ""
      return who + (looks.count == 1 ? "1 look" : "\(looks.count) looks")
        + " (\(sizes.joined(separator: ", then ")))"
    }
    if lines.isEmpty { return [] }
    return [
      "Looks at the rows: \(lines.joined(separator: "; ")). Intervals in brackets are 95 % intervals "
        + "for a fixed n. The wider anytime interval decides: it is valid at every look."
    ]
  }
}

extension DerivedTable {
  /// The rows of a table of outcomes, whose empty columns are left out.
  fileprivate var outcomes: [CriterionOutcome] {
    rows.map { row in
      func text(_ name: String) -> String {
        guard let place = columns.firstIndex(where: { $0.name == name }),
          case .text(let text) = row[place]
        else { return "" }
        return text
      }
      return CriterionOutcome(
        claim: text("claim"), criterion: text("criterion"), outcome: text("outcome"),
        measured: text("measured"))
    }
  }
}
