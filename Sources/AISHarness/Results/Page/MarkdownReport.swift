/// The page of an experiment: question, answers, pictures, criteria, details, commands to reproduce
/// it, provenance.
///
/// It is made only from result files, so every page can be made again from them. What a reader needs
/// in two minutes stands open; long tables are folded, and with several models each one's details.
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
    if let question = first?.question, !question.isEmpty {
      parts.append("**Question.** \(line(question))")
    }
    parts += answer(results)
    parts += starterNotice(members)
    parts += pictures.map { "![\(line($0.title))](\($0.file))" }
    parts += criteria(members.isEmpty ? results.unfinished : members)
    parts += details(results, rowLimit: rowLimit ?? (members.count > 1 ? 20 : 100))
    if !members.isEmpty { parts += ["## How to reproduce", code(commands(members))] }
    parts += provenance(members)
    return parts.joined(separator: "\n\n") + "\n"
  }

  // MARK: Answer

  private static func answer(_ results: ResultCollection) -> [String] {
    let members = results.members
    var parts: [String] = []
    if members.isEmpty {
      let only = results.unfinished.first.map { state($0, with: "with ") } ?? "unfinished"
      parts.append(
        results.unfinished.count > 1
          ? "**Verdict.** None yet: no run is whole."
          : "**Verdict.** None yet: the run is \(only).")
    } else {
      parts.append(
        byModel(
          members, header: ResultCollection.answerHeader.dropFirst(2) + ["n"],
          cells: { $0.answer.dropFirst(2) + [$0.size] }))
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

  /// A visible notice that the small starter set was used.
  private static func starterNotice(_ members: [ResultCollection.Member]) -> [String] {
    let onStarter = members.filter(\.result.provenance.usesStarterSet)
    if onStarter.isEmpty { return [] }
    let which = onStarter.count == members.count ? "" : " in the runs that say so"
    return [
      "> **Starter set**. The data files were absent\(which), so the small set that comes with the "
        + "code replaced them; figures on the real data may differ."
    ]
  }

  // MARK: Commands

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
