/// The page of an experiment: question, answer, pictures, tables, how it was judged, how to
/// reproduce it, where it comes from.
///
/// Made from what `ResultFile.read` gives and nothing else, so every page can be made again from
/// its files.
public enum MarkdownReport {
  /// A picture of the page.
  package struct Picture: Sendable, Equatable {
    /// What it shows.
    package var title: String
    /// Its file, seen from the page.
    package var file: String

    package init(title: String, file: String) {
      self.title = title
      self.file = file
    }
  }

  /// The page.
  ///
  /// At most `rowLimit` rows of a result are shown, and the page says where the others are; by
  /// default fewer where several results stand on it.
  package static func page(
    for results: ResultCollection, pictures: [Picture] = [], rowLimit: Int? = nil
  ) -> String {
    let members = results.members
    let first = (members.first ?? results.unfinished.first)?.result.provenance
    let title = line(first?.title ?? "")
    var parts = ["# \(results.experiment)" + (title.isEmpty ? "" : ": \(title)")]
    if let question = first?.question, !question.isEmpty {
      parts.append("**Question.** \(line(question))")
    }
    parts += answer(results)
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
      parts.append("**Answer.** \(sentence(only.result.provenance.verdict))")
    } else if members.isEmpty {
      let only = results.unfinished.first.map { state($0, with: "with ") } ?? "unfinished"
      parts.append(
        results.unfinished.count > 1
          ? "**Answer.** None yet: no run is whole." : "**Answer.** None yet: the run is \(only).")
    } else {
      parts.append("**Answer.**")
      parts.append(
        table(
          header: ["variant", "verdict", "what"],
          rows: members.map { member in
            let origin = member.result.provenance
            return [
              member.label, word(origin.verdict),
              "\(count(member.result.rows.count, "row")), \(origin.modelName), \(origin.dtype)",
            ]
          }, rightAligned: [false, false, false]))
    }
    let absent =
      results.unfinished.map { "- `\($0.file)`: \(state($0))" }
      + results.unreadable.map { "- `\($0.file)`: \(line($0.problem))" }
    let isAlone = members.isEmpty && absent.count == 1
    return absent.isEmpty || isAlone
      ? parts : parts + ["Not shown:", absent.joined(separator: "\n")]
  }

  /// What keeps a result off the page, and how many rows it has.
  private static func state(_ member: ResultCollection.Member, with word: String = "") -> String {
    let origin = member.result.provenance
    let rows = word + count(member.result.rows.count, "row")
    return [
      origin.shard.map { "shard \($0)" }, origin.isComplete ? nil : "unfinished",
      origin.isComplete ? rows : "\(rows) so far",
    ].compactMap { $0 }.joined(separator: ", ")
  }

  private static func sentence(_ verdict: Verdict?) -> String {
    switch verdict {
    case .supported: "The claim is **supported**."
    case .refuted: "The claim is **refuted**."
    case .inconclusive(let why): "**Inconclusive**: \(line(why))"
    case nil: "Measured, not judged."
    }
  }

  private static func word(_ verdict: Verdict?) -> String {
    switch verdict {
    case .supported, .refuted: "**\(verdict?.description ?? "")**"
    case .inconclusive(let why): "**inconclusive**: \(line(why))"
    case nil: "not judged"
    }
  }

  /// Says in plain sight that the small set that comes with the code was used.
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

  /// What to type, a line for every result.
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
