import AISKit

/// A verdict reached again from a stored result, by the experiment's code as it is now.
package enum Rejudgement {
  /// The hidden option of every experiment; a result file follows, and perhaps `--write`.
  package static let flag = "--rejudge"

  /// Judges the file that the arguments name, and prints `stored → now`.
  ///
  /// Everything that the page shows is computed again. The status is `done` if all verdicts stay,
  /// `failed` if one changed.
  package static func outcome(
    of experiment: (some Experiment).Type, _ arguments: [String]
  ) -> HarnessMain.Outcome {
    let files = arguments.filter { $0 != "--write" }
    guard files.count == 1, let file = files.first, arguments.count <= 2 else {
      return HarnessMain.Outcome(
        status: .wrongRequest, standardError: "\(flag): expected a result file, and --write at most"
      )
    }
    do {
      return try judge(file, as: experiment, isWriting: arguments.count == 2)
    } catch let error as ResultError {
      return HarnessMain.Outcome(status: .wrongRequest, standardError: error.description)
    } catch {
      return HarnessMain.Outcome(status: .failed, standardError: "\(error)")
    }
  }

  private static func judge<Trial: Experiment>(
    _ file: String, as experiment: Trial.Type, isWriting: Bool
  ) throws -> HarnessMain.Outcome {
    var result = try ResultFile.read(file)
    let origin = result.provenance
    guard origin.experiment == Trial.card.name else {
      throw ResultError(
        file: file, problem: "expected a result of \(Trial.card.name), found \(origin.experiment)")
    }
    guard origin.isComplete else {
      throw ResultError(file: file, problem: "expected a whole result, found an unfinished one")
    }
    if let shard = origin.shard {
      throw ResultError(file: file, problem: "expected a whole result, found shard \(shard) of one")
    }
    let evidence = try result.evidence(
      of: Trial.Row.self, raw: Trial.allRawTables, file: file)
    let device = DeviceName(rawValue: ComputeFacts(of: origin).kind) ?? .cpu
    let card = Trial.card(for: evidence.computeType, on: device)
    let now = result.reported(Trial.report(evidence), card: card)
    let changes = (now.provenance.judgements ?? []).map { Change(from: origin, to: $0) }
    var lines = changes.map { "\(file): \($0.text)" }
    let haveMoved = !card.hasCriteria(origin.criteria)
    if haveMoved {
      lines.append("note: the criteria are not those that were written before the run")
    }
    let isAsStored = now == result
    if !isAsStored { lines.append("note: \(difference(from: result, to: now))") }
    if isWriting, !isAsStored {
      // A page claims that its criteria came before the run; that must stay true.
      guard !haveMoved else {
        throw ResultError(
          file: file,
          problem: "not rewritten: the criteria have changed since, which takes a new run")
      }
      result = now
      try ResultFile.write(result, to: file)
    }
    return HarnessMain.Outcome(
      status: changes.allSatisfy(\.isNone) ? .done : .failed,
      standardOutput: lines.joined(separator: "\n"))
  }

  /// What a page would show otherwise than the file's, in one line.
  private static func difference(from stored: StoredResult, to now: StoredResult) -> String {
    func names(_ tables: [DerivedTable], _ others: [DerivedTable]) -> [String] {
      let known = Dictionary(others.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
      return tables.filter { known[$0.name] != $0 }.map(\.name)
    }
    let tables = Set(names(stored.tables, now.tables) + names(now.tables, stored.tables)).sorted()
    var parts: [String] = []
    if !tables.isEmpty { parts.append("tables \(tables.joined(separator: ", "))") }
    if stored.summary != now.summary || stored.facts != now.facts {
      parts.append("figures in words")
    }
    if stored.figures != now.figures { parts.append("pictures") }
    if stored.provenance != now.provenance { parts.append("verdict or its reason") }
    return "computed again from the rows, these differ: \(parts.joined(separator: "; "))"
  }

  /// The change of the verdict on one claim by judging again.
  private struct Change {
    let claim: String
    let stored: String
    let now: Judgement

    init(from origin: Provenance, to now: Judgement) {
      claim = now.claim.isEmpty ? "" : "\(now.claim): "
      stored = origin.shownJudgements.first { $0.claim == now.claim }?.verdict.word ?? "none"
      self.now = now
    }

    /// Whether the verdict stays; its reason may be worded anew.
    var isNone: Bool { stored == now.verdict.word }

    var text: String { "\(claim)\(stored) → \(now.text)" }
  }
}
