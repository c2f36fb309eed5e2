import HDF5

extension ResultFile {
  /// Writes a result's provenance as attributes of the root.
  ///
  /// Throws `HDF5Error`.
  public static func writeProvenance(_ origin: Provenance, to file: borrowing HDF5File) throws {
    try file.setAttribute("schema_version", Provenance.schemaVersion)
    try file.setAttribute("experiment", origin.experiment)
    try file.setAttribute("title", origin.title)
    try file.setAttribute("question", origin.question)
    try file.setAttribute("command", origin.command)
    // Names and values are separate lists, because either may hold any character.
    let names = origin.parameters.keys.sorted()
    try file.setAttribute("parameter_names", names)
    try file.setAttribute("parameter_values", names.map { origin.parameters[$0] ?? "" })
    if let variant = origin.variant { try file.setAttribute("variant", variant) }
    if let line = origin.makeLine { try file.setAttribute("make_line", line) }
    if let shard = origin.shard {
      try file.setAttribute("shard_index", shard.index)
      try file.setAttribute("shard_count", shard.count)
      if let items = origin.shardItems { try file.setAttribute("shard_items", items) }
    }
    try file.setAttribute("git_commit", origin.gitCommit)
    try file.setAttribute("git_dirty", origin.gitDirty)
    try file.setAttribute("model_name", origin.modelName)
    try file.setAttribute("model_sha256", origin.modelSHA256)
    if let source = origin.modelSource { try file.setAttribute("model_source", source) }
    try file.setAttribute("data_name", origin.dataName)
    try file.setAttribute("data_sha256", origin.dataSHA256)
    try file.setAttribute("dtype", origin.dtype)
    try file.setAttribute("seed", origin.seed)
    try file.setAttribute("threads", origin.threads)
    try file.setAttribute("cpu_model", origin.cpuModel)
    try file.setAttribute("isa", origin.isa)
    try file.setAttribute("library_versions", origin.libraryVersions)
    try file.setAttribute("started_utc", origin.startedUTC)
    try file.setAttribute("wall_seconds", origin.wallSeconds)
    try file.setAttribute("complete", origin.isComplete)
    try file.setAttribute("verdict", origin.verdict?.description ?? "")
    if let judgements = origin.judgements {
      try file.setAttribute("claims", judgements.map(\.claim))
      try file.setAttribute("verdicts", judgements.map(\.verdict.description))
      try file.setAttribute("verdict_reasons", judgements.map(\.reason))
    }
    try file.setAttribute("criteria", origin.criteria)
    if let conclusion = origin.conclusion { try file.setAttribute("conclusion", conclusion) }
    if let extents = origin.extents?.sorted(by: { $0.key < $1.key }), !extents.isEmpty {
      try file.setAttribute("extent_names", extents.map(\.key))
      try file.setAttribute("extent_values", extents.map { "\($0.value)" })
    }
    if let looks = origin.looks {
      try file.setAttribute("look_rows", looks.map { "\($0.rows)" })
      try file.setAttribute("look_processes", looks.map { "\($0.processes)" })
      try file.setAttribute("look_times", looks.map(\.utc))
    }
  }

  /// The sizes that a run was asked for, and its looks; `nil` in a file of an earlier layout.
  private static func growth(
    _ file: HDF5Contents, _ path: String
  ) throws -> (extents: [String: Int]?, looks: [Look]?) {
    func texts(_ name: String) throws -> [String]? {
      try file.hasAttribute(name) ? try file.attribute(name) : nil
    }
    func numbers(_ name: String) throws -> [Int]? {
      try texts(name)?.map { text in
        guard let number = Int(text) else {
          throw ResultError(file: path, problem: "/@\(name): expected numbers, found \"\(text)\"")
        }
        return number
      }
    }
    var extents: [String: Int]?
    if let names = try texts("extent_names"), let values = try numbers("extent_values") {
      extents = Dictionary(zip(names, values), uniquingKeysWith: { first, _ in first })
    }
    var looks: [Look]?
    if let rows = try numbers("look_rows"), let processes = try numbers("look_processes"),
      let times = try texts("look_times")
    {
      looks = zip(zip(rows, processes), times).map {
        Look(rows: $0.0.0, processes: $0.0.1, utc: $0.1)
      }
    }
    return (extents, looks)
  }

  /// Reads a result's shard; `nil` if the result is the whole measurement.
  private static func shard(_ file: HDF5Contents, _ path: String) throws -> Shard? {
    guard try file.hasAttribute("shard_count") || file.hasAttribute("shard_index") else {
      return nil
    }
    let (index, count): (Int, Int) = (
      try file.attribute("shard_index"), try file.attribute("shard_count")
    )
    guard let shard = Shard(index: index, count: count) else {
      throw ResultError(
        file: path, problem: "/@shard_index: found \(index) of \(count), which is no shard")
    }
    return shard
  }

  /// Reads a result's provenance.
  static func provenance(
    _ file: HDF5Contents, _ path: String
  ) throws -> Provenance {
    // Files of an earlier layout lack these.
    func optional(_ name: String) throws -> String? {
      try file.hasAttribute(name) ? try file.attribute(name) : nil
    }
    let names: [String] = try file.attribute("parameter_names")
    let values: [String] = try file.attribute("parameter_values")
    let verdict: String = try file.attribute("verdict")
    guard verdict.isEmpty || Verdict(verdict) != nil else {
      throw ResultError(file: path, problem: "/@verdict: found \"\(verdict)\", which is none")
    }
    var origin = Provenance(
      experiment: try file.attribute("experiment"), command: try file.attribute("command"),
      gitCommit: try file.attribute("git_commit"), gitDirty: try file.attribute("git_dirty"),
      modelName: try file.attribute("model_name"),
      modelSHA256: try file.attribute("model_sha256"),
      dataName: try file.attribute("data_name"), dataSHA256: try file.attribute("data_sha256"),
      dtype: try file.attribute("dtype"), seed: try file.attribute("seed"),
      threads: try file.attribute("threads"), cpuModel: try file.attribute("cpu_model"),
      isa: try file.attribute("isa"), libraryVersions: try file.attribute("library_versions"),
      startedUTC: try file.attribute("started_utc"), criteria: try file.attribute("criteria"),
      title: try file.attribute("title"), question: try file.attribute("question"),
      parameters: Dictionary(zip(names, values), uniquingKeysWith: { first, _ in first }),
      variant: try optional("variant"), makeLine: try optional("make_line"),
      shard: try shard(file, path),
      shardItems: try file.hasAttribute("shard_items") ? try file.attribute("shard_items") : nil,
      wallSeconds: try file.attribute("wall_seconds"),
      isComplete: try file.attribute("complete"), verdict: Verdict(verdict),
      judgements: try judgements(file, path))
    origin.modelSource = try optional("model_source")
    origin.conclusion = try optional("conclusion")
    (origin.extents, origin.looks) = try growth(file, path)
    return origin
  }

  /// The judgements; `nil` in a file that was not judged, or of an earlier layout.
  private static func judgements(_ file: HDF5Contents, _ path: String) throws -> [Judgement]? {
    guard try file.hasAttribute("verdicts") else { return nil }
    let verdicts: [String] = try file.attribute("verdicts")
    let claims: [String] = try file.attribute("claims")
    let reasons: [String] = try file.attribute("verdict_reasons")
    let known = verdicts.compactMap { Verdict($0) }
    guard known.count == verdicts.count, claims.count == known.count, reasons.count == known.count
    else {
      throw ResultError(
        file: path,
        problem: "/@verdicts: expected a verdict and a reason for each of \(claims.count) claims, "
          + "found \(known.count) verdicts and \(reasons.count) reasons")
    }
    return known.indices.map {
      Judgement(claim: claims[$0], verdict: known[$0], reason: reasons[$0])
    }
  }
}
