/// Merges the shards of one measurement into one result.
///
/// The whole has the rows of a run without shards, in the same order. It is unfinished, like a run
/// that was cut off after its last row: the experiment resumes it, computes tables and figures from
/// all rows, and judges.
public enum ResultMerge {
  /// A shard's file and what it holds.
  public typealias Part = (file: String, result: StoredResult)

  /// The result of all shards, given in any order.
  ///
  /// - Parameters:
  ///   - shards: the results, with their files for error messages.
  ///   - command: the command line that merges them.
  /// - Returns: the whole, unfinished and without a verdict.
  /// - Throws: `ResultError` if one is not a finished shard, if two are of different measurements,
  ///   naming what differs, or if a shard or a row is missing or occurs twice.
  public static func merge(_ shards: [Part], command: String) throws -> StoredResult {
    guard let first = shards.first, shards.count > 1 else {
      throw ResultError(file: shards.first?.file ?? "merge", problem: "expected two shards or more")
    }
    for shard in shards { try checkOrigin(shard, against: first) }
    let ordered = try inOrder(shards)
    try checkRows(ordered)
    return StoredResult(
      provenance: provenance(ordered.map(\.result.provenance), command),
      columns: first.result.columns, rows: ordered.flatMap(\.result.rows),
      showsRows: first.result.showsRows)
  }

  // MARK: - Checks

  private static func error(_ file: String, _ problem: String) -> ResultError {
    ResultError(file: file, problem: "cannot merge: \(problem)")
  }

  /// Throws if a result is not a finished shard, or is of another measurement than the first.
  private static func checkOrigin(_ shard: Part, against first: Part) throws {
    let (a, b) = (first.result.provenance, shard.result.provenance)
    guard b.shard != nil else {
      throw error(
        shard.file,
        "expected a shard, made with --shard 0/2 for instance, found a result that "
          + "doesn't say which part of a measurement it is")
    }
    guard b.isComplete else {
      throw ResultError(
        file: shard.file, problem: "expected a whole shard, found an unfinished one")
    }
    if let difference = b.differenceThatDecides(from: a) {
      throw error(
        shard.file,
        "\(difference.name) is \(difference.here), but \(difference.there) in \(first.file)")
    }
    let (expected, found) = (first.result.columns, shard.result.columns)
    if let difference = StoredResult.difference(from: found, to: expected) {
      throw error(shard.file, difference)
    }
  }

  /// The shards by index; each must occur once.
  private static func inOrder(_ shards: [Part]) throws -> [Part] {
    var byIndex: [Int: Part] = [:]
    var count = 0
    for part in shards {
      guard let shard = part.result.provenance.shard else { continue }
      if let other = byIndex[shard.index] {
        throw error(part.file, "it is shard \(shard), as \(other.file) is")
      }
      byIndex[shard.index] = part
      count = shard.count
    }
    let missing = (0..<count).filter { byIndex[$0] == nil }.map { "\($0)/\(count)" }
    guard missing.isEmpty else {
      let shown = missing.prefix(8).joined(separator: ", ") + (missing.count > 8 ? ", …" : "")
      throw error(shards[0].file, "expected all \(count) shards, found none for \(shown)")
    }
    return byIndex.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Throws if a shard's number of rows is wrong, or if it has another shard's row.
  private static func checkRows(_ shards: [Part]) throws {
    for part in shards {
      let origin = part.result.provenance
      guard let shard = origin.shard, let total = origin.shardItems else {
        throw error(part.file, "expected shard_items, found none")
      }
      let (expected, found) = (shard.range(of: total).count, part.result.rows.count)
      if expected != found {
        throw error(
          part.file, "expected \(expected) of \(total) rows in shard \(shard), found \(found)")
      }
    }
    // The columns compared exactly identify a row.
    let key = shards[0].result.columns.indices.filter {
      shards[0].result.columns[$0].comparison == .exact
    }
    if key.isEmpty { return }
    var owners: [[ColumnValue]: (file: String, row: Int)] = [:]
    for part in shards {
      for (row, values) in part.result.rows.enumerated() {
        let known = owners.updateValue((part.file, row), forKey: key.map { values[$0] })
        if let known {
          throw error(part.file, "row \(row) is also row \(known.row) of \(known.file)")
        }
      }
    }
  }

  /// The provenance of the whole: what the shards share, and a list of what differs.
  private static func provenance(_ shards: [Provenance], _ command: String) -> Provenance {
    func all(_ value: (Provenance) -> String) -> String {
      var seen: Set<String> = []
      return shards.map(value).filter { seen.insert($0).inserted }.joined(separator: " and ")
    }
    var whole = shards[0]
    whole.command = command
    whole.makeLine = whole.makeLine.flatMap(MakeLine.withoutShard)
    whole.gitCommit = all(\.gitCommit)
    whole.gitDirty = shards.contains(where: \.gitDirty)
    whole.cpuModel = all(\.cpuModel)
    whole.startedUTC = shards.map(\.startedUTC).min() ?? ""
    whole.wallSeconds = shards.reduce(0) { $0 + $1.wallSeconds }
    (whole.shard, whole.shardItems) = (nil, nil)
    whole.isComplete = false
    whole.verdict = nil
    whole.judgements = nil
    return whole
  }
}

extension Provenance {
  /// The first difference that two shards of one measurement must not have.
  ///
  /// Another commit is allowed, and kept; threads and the processor's name affect times, not rows.
  /// What affects a row's digits must be the same: the device, the kernels, the processor's
  /// instructions, and the libraries, which choose code by these.
  fileprivate func differenceThatDecides(
    from other: Provenance
  ) -> (name: String, here: String, there: String)? {
    func list(_ values: [String]) -> String { values.joined(separator: "; ") }
    var facts = [
      ("experiment", experiment, other.experiment),
      ("model_sha256", modelSHA256, other.modelSHA256),
      ("data_name", dataName, other.dataName), ("data_sha256", dataSHA256, other.dataSHA256),
      ("dtype", dtype, other.dtype), ("seed", "\(seed)", "\(other.seed)"),
      ("variant", variant ?? "unset", other.variant ?? "unset"),
    ]
    for name in Set(parameters.keys).union(other.parameters.keys).sorted() {
      facts.append((name, parameters[name] ?? "unset", other.parameters[name] ?? "unset"))
    }
    let (here, there) = (ComputeFacts(of: self), ComputeFacts(of: other))
    func versions(_ facts: ComputeFacts) -> String {
      list(facts.libraries.map { "\($0.key) \($0.value)" }.sorted())
    }
    facts += [
      ("criteria", list(criteria), list(other.criteria)),
      ("device", here.device, there.device), ("kernels", here.kernels, there.kernels),
      ("isa", isa, other.isa), ("library_versions", versions(here), versions(there)),
      ("shard_count", "\(shard?.count ?? 0)", "\(other.shard?.count ?? 0)"),
      ("shard_items", "\(shardItems ?? 0)", "\(other.shardItems ?? 0)"),
    ]
    return facts.first { $0.1 != $0.2 }
  }
}
