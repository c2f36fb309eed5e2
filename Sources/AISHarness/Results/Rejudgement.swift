/// A verdict reached again from a stored result, by the experiment's code as it is now.
package enum Rejudgement {
  /// The hidden option of every experiment; a result file follows, and perhaps `--write`.
  package static let flag = "--rejudge"

  /// Judges the file that the arguments name, and says `stored → now`.
  ///
  /// The status is `done` where the verdict stays, `failed` where it changed.
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
    let verdict = Trial.judge(table)
    let stored = origin.verdict?.description ?? "none"
    var lines = ["\(file): \(stored) → \(verdict)"]
    let haveMoved = origin.criteria != Trial.card.criteria.map(\.text)
    if haveMoved {
      lines.append("note: the criteria are not those that were written before the run")
    }
    let findings = Trial.findings(table)
    let outcomes = findings.isEmpty ? [] : [CriterionOutcome.table(findings)]
    let others = result.tables.filter { $0.name != CriterionOutcome.tableName }
    if isWriting, origin.verdict != verdict || result.tables != outcomes + others {
      // A page says that its criteria were there first; that must stay true.
      guard !haveMoved else {
        throw ResultError(
          file: file,
          problem: "not rewritten: the criteria have changed since, which takes a new run")
      }
      result.provenance.verdict = verdict
      result.tables = outcomes + others
      try ResultFile.write(result, to: file)
    }
    return HarnessMain.Outcome(
      status: origin.verdict == verdict ? .done : .failed,
      standardOutput: lines.joined(separator: "\n"))
  }
}
