extension MarkdownReport {
  /// The provenance that all results have in common.
  static func provenance(_ members: [ResultCollection.Member]) -> [String] {
    guard let first = members.first else { return [] }
    let common = commonFacts(members)
    // The processor is the usual device, and the machine's fact names it.
    let shown = facts(first).filter { fact in
      common.contains(fact.what) && !["", ComputeFacts.hostDevice].contains(fact.which)
    }
    if shown.isEmpty { return [] }
    let note = "What all results have in common; the rest stands with each."
    return ["## Provenance"] + (members.count > 1 ? [note] : []) + [table(of: shown)]
  }

  /// The provenance that a result does not share with all others, folded.
  static func ownProvenance(
    _ member: ResultCollection.Member, among members: [ResultCollection.Member]
  ) -> [String] {
    let common = commonFacts(members)
    let own = facts(member).filter { !common.contains($0.what) && !$0.which.isEmpty }
    return own.isEmpty ? [] : folded("Provenance of this result", [table(of: own)])
  }

  /// The facts whose values are the same in all results, by what they are.
  private static func commonFacts(_ members: [ResultCollection.Member]) -> Set<String> {
    let groups = members.flatMap(facts).grouped(by: \.what)
    return Set(groups.filter { Set($0.rows.map(\.which)).count == 1 }.map(\.key))
  }

  private static func table(of facts: [(what: String, which: String)]) -> String {
    table(
      header: ["what", "which"], rows: facts.map { [$0.what, $0.which] },
      rightAligned: [false, false])
  }

  private static func facts(
    _ member: ResultCollection.Member
  ) -> [(what: String, which: String)] {
    let origin = member.result.provenance
    let commit = origin.gitCommit.isEmpty ? "none" : origin.gitCommit
    let parameters = origin.parameters.sorted { $0.key < $1.key }
      .map { "\($0.key)=\($0.value)" }
    return [
      (
        "model",
        "\(origin.modelName), SHA-256 `\(origin.modelSHA256)`"
          + (origin.modelSource.map { ", from \($0)" } ?? "")
      ),
      ("data", data(origin)),
      ("dtype, seed", "\(origin.dtype), \(origin.seed)"),
      ("machine", "\(origin.cpuModel), \(origin.isa), \(count(origin.threads, "thread"))"),
      ("device", ComputeFacts(of: origin).device),
      ("libraries", origin.libraryVersions.joined(separator: ", ")),
      ("commit", commit + (origin.gitDirty ? ", with uncommitted changes" : "")),
      (
        "run",
        "\(origin.startedUTC), \(NumberFormat.text(.real(origin.wallSeconds), .decimals(1))) s"
      ),
      ("parameters", parameters.joined(separator: ", ")),
      ("file", "`\(member.file)`"),
    ]
  }

  private static func data(_ origin: Provenance) -> String {
    if origin.dataName.isEmpty { return "none" }
    return origin.dataSHA256.isEmpty
      ? origin.dataName : "\(origin.dataName), SHA-256 `\(origin.dataSHA256)`"
  }
}

extension Provenance {
  /// Whether the starter set replaced an absent data file.
  var usesStarterSet: Bool {
    dataName.split(separator: ", ").contains { $0 == "starter" || $0.hasPrefix("starter ") }
  }
}
