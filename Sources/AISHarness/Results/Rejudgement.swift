import AISKit

/// A verdict reached again from a stored result, by the experiment's code as it is now.
package enum Rejudgement {
  /// The hidden option of every experiment; a result file follows, and perhaps `--write`.
  package static let flag = "--rejudge"

  /// Judges the file that the arguments name, and prints `stored → now`.
  ///
  /// The status is `done` if the verdict stays, `failed` if it changed.
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
    let table = try result.table(of: Trial.Row.self, file: file)
    let findings = Trial.findings(table)
    let card = Trial.card(for: ComputeType(rawValue: origin.dtype) ?? .f32)
    let judgements = card.judgements(findings)
    let changes = judgements.map { Change(from: origin, to: $0) }
    var lines = changes.map { "\(file): \($0.text)" }
    let haveMoved = !card.hasCriteria(origin.criteria)
    if haveMoved {
      lines.append("note: the criteria are not those that were written before the run")
    }
    let tables =
      [CriterionOutcome.table(findings, card: card)]
      + result.tables.filter { $0.name != CriterionOutcome.tableName }
    let isAsStored =
      origin.judgements == judgements && origin.verdict == judgements.first?.verdict
      && result.tables == tables
    if isWriting, !isAsStored {
      // A page claims that its criteria came before the run; that must stay true.
      guard !haveMoved else {
        throw ResultError(
          file: file,
          problem: "not rewritten: the criteria have changed since, which takes a new run")
      }
      result.provenance.judgements = judgements
      result.provenance.verdict = judgements.first?.verdict
      result.tables = tables
      try ResultFile.write(result, to: file)
    }
    return HarnessMain.Outcome(
      status: changes.allSatisfy(\.isNone) ? .done : .failed,
      standardOutput: lines.joined(separator: "\n"))
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
