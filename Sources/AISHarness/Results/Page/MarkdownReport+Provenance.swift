extension MarkdownReport {
  /// The provenance of the results; what they have in common is stated once.
  static func provenance(_ members: [ResultCollection.Member]) -> [String] {
    let lists = members.map { facts($0.result.provenance, file: $0.file) }
    guard let first = lists.first else { return [] }
    var (shared, apart): ([[String]], [[String]]) = ([], [])
    for (index, fact) in first.enumerated() {
      let values = lists.map { $0[index].which }
      if values.allSatisfy({ $0 == fact.which }) {
        // The processor is the usual device, and the machine's fact names it.
        let isUsual = ["", ComputeFacts.hostDevice].contains(fact.which)
        if !isUsual { shared.append([fact.what, fact.which]) }
      } else {
        apart.append([fact.what] + values)
      }
    }
    var parts: [String] = []
    if !shared.isEmpty {
      parts.append(
        table(header: ["what", "which"], rows: shared, rightAligned: [false, false]))
    }
    if !apart.isEmpty {
      parts.append(
        table(header: ["what"] + members.map(\.label), rows: apart, rightAligned: []))
    }
    return parts
  }

  private static func facts(
    _ origin: Provenance, file: String
  ) -> [(what: String, which: String)] {
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
      ("file", "`\(file)`"),
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
