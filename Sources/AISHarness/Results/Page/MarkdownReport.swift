/// The page of an experiment: verdict, question, pictures, tables, criteria, commands to reproduce
/// it, provenance.
///
/// It is made only from result files, so every page can be made again from them.
public enum MarkdownReport {
  /// A picture of the page.
  package struct Picture: Sendable, Equatable {
    /// What it shows.
    package var title: String
    /// Its path relative to the page.
    package var file: String

    package init(title: String, file: String) {
      self.title = title
      self.file = file
    }
  }

  /// The page.
  ///
  /// At most `rowLimit` rows of a result are shown, and the page says where the others are. By
  /// default fewer are shown if the page has several results.
  package static func page(
    for results: ResultCollection, pictures: [Picture] = [], rowLimit: Int? = nil
  ) -> String {
    let members = results.members
    let first = (members.first ?? results.unfinished.first)?.result.provenance
    let title = line(first?.title ?? "")
    var parts = ["# \(results.experiment)" + (title.isEmpty ? "" : ": \(title)")]
    parts += answer(results)
    if let question = first?.question, !question.isEmpty {
      parts.append("**Question.** \(line(question))")
    }
    parts += starterNotice(members)
    parts += pictures.map { "![\(line($0.title))](\($0.file))" }
    parts += tables(members, rowLimit: rowLimit ?? (members.count > 1 ? 20 : 100))
    parts += criteria(members.isEmpty ? results.unfinished : members)
    if !members.isEmpty {
      parts += ["## How to reproduce", code(commands(members))]
      parts.append("## Provenance")
      parts += provenance(members)
    }
    return parts.joined(separator: "\n\n") + "\n"
  }

  // MARK: Answer

  private static func answer(_ results: ResultCollection) -> [String] {
    let members = results.members
    var parts: [String] = []
    if let only = members.first, members.count == 1 {
      let judgements = only.result.provenance.shownJudgements
      parts.append(
        "**Verdict.** "
          + (judgements.isEmpty
            ? "Measured, not judged." : judgements.map(sentence).joined(separator: " ")))
    } else if members.isEmpty {
      let only = results.unfinished.first.map { state($0, with: "with ") } ?? "unfinished"
      parts.append(
        results.unfinished.count > 1
          ? "**Verdict.** None yet: no run is whole."
          : "**Verdict.** None yet: the run is \(only).")
    } else {
      parts.append("**Verdict.** \(tally(members))")
      parts.append(verdicts(members))
    }
    let absent =
      results.unfinished.map { "- `\($0.file)`: \(state($0))" }
      + results.unreadable.map { "- `\($0.file)`: \(line($0.problem))" }
    let isAlone = members.isEmpty && absent.count == 1
    return absent.isEmpty || isAlone
      ? parts : parts + ["Not shown:", absent.joined(separator: "\n")]
  }

  /// Why a result is not on the page, and how many rows it has.
  private static func state(_ member: ResultCollection.Member, with word: String = "") -> String {
    let origin = member.result.provenance
    let rows = word + count(member.result.rows.count, "row")
    return [
      origin.shard.map { "shard \($0)" }, origin.isComplete ? nil : "unfinished",
      origin.isComplete ? rows : "\(rows) so far",
    ].compactMap { $0 }.joined(separator: ", ")
  }

  /// A judgement as a sentence: `Time: the claim is **refuted**: overhead: 3.04 % …`.
  private static func sentence(_ judgement: Judgement) -> String {
    let reason = judgement.reason.isEmpty ? "" : ": \(line(judgement.reason))"
    let isOpen = judgement.verdict.word == "inconclusive"
    if judgement.claim.isEmpty {
      let words = isOpen ? "**Inconclusive**" : "The claim is **\(judgement.verdict.word)**"
      return words + reason + "."
    }
    let claim = line(judgement.claim)
    let subject = claim.prefix(1).uppercased() + claim.dropFirst()
    let words = isOpen ? "**inconclusive**" : "the claim is **\(judgement.verdict.word)**"
    return "\(subject): \(words)\(reason)."
  }

  /// How many results have each verdict, in one sentence, claim by claim.
  private static func tally(_ members: [ResultCollection.Member]) -> String {
    let judgements = members.flatMap(\.result.provenance.shownJudgements)
    var claims: [String] = []
    for judgement in judgements where !claims.contains(judgement.claim) {
      claims.append(judgement.claim)
    }
    let texts = claims.map { claim in
      let words = judgements.filter { $0.claim == claim }.map(\.verdict.word)
      let counts = ["supported", "refuted", "inconclusive"].compactMap { word in
        let count = words.filter { $0 == word }.count
        return count == 0 ? nil : "\(word) in \(count)"
      }
      return (claim.isEmpty ? "" : "\(line(claim)): ") + counts.joined(separator: ", ")
    }
    return "Of \(members.count) runs: \(texts.joined(separator: "; "))."
  }

  private static func verdicts(_ members: [ResultCollection.Member]) -> String {
    let rows = members.flatMap { member in
      let origin = member.result.provenance
      let what =
        "\(count(member.result.rows.count, "row")), \(origin.modelName), \(origin.dtype)"
      let judgements = origin.shownJudgements
      if judgements.isEmpty { return [[member.label, "", "not judged", "", what]] }
      return judgements.map {
        [member.label, line($0.claim), "**\($0.verdict.word)**", line($0.reason), what]
      }
    }
    let header = ["variant", "claim", "verdict", "because", "what"]
    // With only one claim, its name needs no column.
    let shown = header.indices.filter { $0 != 1 || rows.contains { !$0[1].isEmpty } }
    return table(
      header: shown.map { header[$0] }, rows: rows.map { row in shown.map { row[$0] } },
      rightAligned: shown.map { _ in false })
  }

  /// A visible notice that the small starter set was used.
  private static func starterNotice(_ members: [ResultCollection.Member]) -> [String] {
    let onStarter = members.filter(\.result.provenance.usesStarterSet)
    if onStarter.isEmpty { return [] }
    let which =
      onStarter.count == members.count
      ? "" : " (" + onStarter.map(\.label).joined(separator: ", ") + ")"
    return [
      "> **Starter set**\(which). The data files were absent, so the small set that comes with the "
        + "code stood in for them; figures on the real data may differ."
    ]
  }

  // MARK: Criteria and commands

  private static func criteria(_ members: [ResultCollection.Member]) -> [String] {
    let lists = members.map(\.result.provenance.criteria)
    if lists.allSatisfy(\.isEmpty) { return [] }
    func bullets(_ list: [String]) -> String {
      list.map { "- \(line($0))" }.joined(separator: "\n")
    }
    let head = ["## Criteria", "Written before the run; what must hold for the claim:"]
    if Set(lists).count == 1 { return head + [bullets(lists[0])] }
    return head
      + members.flatMap { member in
        ["### \(line(member.label))", bullets(member.result.provenance.criteria)]
      }
  }

  /// The commands to type, a line for every result.
  private static func commands(_ members: [ResultCollection.Member]) -> String {
    var seen: Set<String> = []
    return members.map { $0.result.provenance.makeLine ?? $0.result.provenance.command }
      .filter { seen.insert($0).inserted }.joined(separator: "\n")
  }

  /// A fenced block whose fence is longer than any run of backticks inside.
  private static func code(_ text: String) -> String {
    let longest = text.split(whereSeparator: { $0 != "`" }).map(\.count).max() ?? 0
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return "\(fence)sh\n\(text)\n\(fence)"
  }
}
