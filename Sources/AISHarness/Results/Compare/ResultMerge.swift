/// Shards of one measurement put together into one result.
public enum ResultMerge {
  /// The result of all shards: their rows in order, one that an earlier shard has left out.
  ///
  /// What was computed from the rows of a shard (summary, tables, figures) and raw times belong to
  /// that shard's run alone and are left behind, and so is the verdict.
  ///
  /// - Parameters:
  ///   - shards: the results, with the files that errors name.
  ///   - command: the command line that merges them.
  /// - Returns: the whole, without a verdict.
  /// - Throws: `ResultError` where shards are of different measurements, naming what differs, or
  ///   unfinished.
  public static func merge(
    _ shards: [(file: String, result: StoredResult)], command: String
  ) throws -> StoredResult {
    guard let first = shards.first, shards.count > 1 else {
      throw ResultError(file: shards.first?.file ?? "merge", problem: "expected two shards or more")
    }
    for shard in shards { try check(shard, against: first) }
    var seen: Set<[ColumnValue]> = []
    var rows: [[ColumnValue]] = []
    for shard in shards {
      // Equal rows inside a shard were measured twice there, and stay.
      rows += shard.result.rows.filter { !seen.contains($0) }
      seen.formUnion(shard.result.rows)
    }
    return StoredResult(
      provenance: provenance(shards.map(\.result.provenance), command),
      columns: first.result.columns,
      rows: rows, showsRows: first.result.showsRows)
  }

  /// Whether a shard holds what its whole cannot: figures and times of its own run.
  public static func leavesBehind(_ shard: StoredResult) -> Bool {
    !shard.summary.isEmpty || !shard.tables.isEmpty || !shard.timings.isEmpty
  }

  private static func check(
    _ shard: (file: String, result: StoredResult),
    against first: (file: String, result: StoredResult)
  ) throws {
    let (a, b) = (first.result.provenance, shard.result.provenance)
    guard b.isComplete else {
      throw ResultError(
        file: shard.file, problem: "expected a whole result, found an unfinished one")
    }
    let identities = [
      ("experiment", a.experiment, b.experiment), ("model_sha256", a.modelSHA256, b.modelSHA256),
      ("data_sha256", a.dataSHA256, b.dataSHA256), ("dtype", a.dtype, b.dtype),
      ("seed", "\(a.seed)", "\(b.seed)"),
      ("criteria", a.criteria.joined(separator: "; "), b.criteria.joined(separator: "; ")),
    ]
    for (name, expected, found) in identities where expected != found {
      throw ResultError(
        file: shard.file,
        problem: "cannot merge: \(name) is \(found), but \(expected) in \(first.file)")
    }
    let (expected, found) = (first.result.columns, shard.result.columns)
    if let difference = StoredResult.difference(from: found, to: expected) {
      throw ResultError(file: shard.file, problem: "cannot merge: \(difference)")
    }
  }

  /// Where the whole comes from: what the shards share, and all of what they don't.
  private static func provenance(_ shards: [Provenance], _ command: String) -> Provenance {
    func all(_ value: (Provenance) -> String) -> String {
      var seen: Set<String> = []
      return shards.map(value).filter { seen.insert($0).inserted }.joined(separator: " and ")
    }
    var whole = shards[0]
    whole.command = command
    whole.makeLine = nil
    whole.gitCommit = all(\.gitCommit)
    whole.gitDirty = shards.contains(where: \.gitDirty)
    whole.cpuModel = all(\.cpuModel)
    whole.isa = all(\.isa)
    whole.startedUTC = shards.map(\.startedUTC).min() ?? ""
    whole.wallSeconds = shards.reduce(0) { $0 + $1.wallSeconds }
    let names = Set(shards.flatMap(\.parameters.keys))
    whole.parameters = Dictionary(
      uniqueKeysWithValues: names.map { name in (name, all { $0.parameters[name] ?? "unset" }) })
    whole.verdict = nil
    return whole
  }
}
