extension MarkdownReport {
  /// A criterion as results were asked it.
  private struct Wording {
    let text: String
    let name: String
    let requirement: String
    /// Its place among those of the same name if there are several, as settings and earlier
    /// versions may ask differently.
    var mark = ""
  }

  /// What had to hold, and how each result came out: one short table, or of several results one with
  /// a row for each.
  static func criteria(_ members: [ResultCollection.Member]) -> [String] {
    let wordings = wordings(members)
    if wordings.isEmpty { return [] }
    let only = members.count == 1 ? members.first : nil
    let definitions = table(
      header: ["criterion", "what must hold"] + (only == nil ? [] : ["outcome"]),
      rows: wordings.flatMap(\.rows).map { wording in
        [wording.name + wording.mark, wording.requirement]
          + (only.map { [outcome(of: wording.name, $0)] } ?? [])
      }, rightAligned: [])
    return ["## Criteria", "Written before the run; what must hold for the claim:", definitions]
      + (only == nil ? outcomes(of: wordings, members) : []) + intervals(members)
  }

  /// The criteria of all results, by name.
  private static func wordings(
    _ members: [ResultCollection.Member]
  ) -> [RowGroup<String, Wording>] {
    let texts = members.flatMap(\.result.provenance.criteria).grouped(by: { $0 }).map(\.key)
    let all = texts.map { text in
      let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
      let requirement = parts.count > 1 ? parts[1].trimmingPrefix(" ") : ""
      return Wording(text: text, name: parts[0], requirement: line(String(requirement)))
    }
    return all.grouped(by: \.name).map { group in
      if group.rows.count == 1 { return group }
      let marked = group.rows.enumerated().map { place, wording in
        var marked = wording
        marked.mark = " (wording \(place + 1))"
        return marked
      }
      return RowGroup(group.key, marked)
    }
  }

  /// How several results came out, a row for each and a column for each criterion that was judged.
  private static func outcomes(
    of wordings: [RowGroup<String, Wording>], _ members: [ResultCollection.Member]
  ) -> [String] {
    func isJudged(_ criterion: RowGroup<String, Wording>) -> Bool {
      members.contains { !outcome(of: criterion.key, $0).isEmpty }
    }
    let judged = wordings.filter(isJudged)
    if judged.isEmpty { return [] }
    let rows = byModel(members, header: judged.map(\.key)) { member in
      judged.map { criterion in
        let own = outcome(of: criterion.key, member)
        let asked = criterion.rows.first { member.result.provenance.criteria.contains($0.text) }
        return own.isEmpty ? "" : own + (asked?.mark ?? "")
      }
    }
    let others = wordings.filter { !isJudged($0) }.map(\.key).joined(separator: ", ")
    return ["How each result came out:", rows]
      + (others.isEmpty ? [] : ["No result has an outcome for: \(others)."])
  }

  /// How a criterion came out: in words, or how often if it has several parts.
  private static func outcome(of name: String, _ member: ResultCollection.Member) -> String {
    let table = member.result.tables.first { $0.name == CriterionOutcome.tableName }
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

  /// Which interval decides.
  private static func intervals(_ members: [ResultCollection.Member]) -> [String] {
    guard members.contains(where: { $0.result.provenance.looks?.isEmpty == false }) else {
      return []
    }
    return [
      "Intervals in brackets are 95 % intervals for a fixed n. The wider anytime interval decides: "
        + "it is valid at every look at the rows."
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
