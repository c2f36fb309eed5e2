import Foundation
import HDF5

/// The HDF5 form of a result: one dataset per column under `/rows`, figures under `/summary`, raw
/// times under `/timings`, provenance as attributes of the root.
///
/// Every dataset carries its unit, meaning, and how it is compared and shown, so a page or a diff
/// needs nothing but the file.
public enum ResultFile {
  /// Reads the result at `path`, complete or not.
  ///
  /// Throws `ResultError` where the file is missing, damaged, or no result of this layout.
  public static func read(_ path: String) throws -> StoredResult {
    do {
      let file = try HDF5File.open(path)
      let result = try read(file, path)
      try file.close()
      return result
    } catch let error as HDF5Error {
      throw ResultError(file: path, problem: problem(error, path))
    }
  }

  /// Writes `result` to `path`, whole or not at all, even if the machine stops meanwhile.
  ///
  /// The file is laid out in memory first, so a full disk costs nothing but the attempt. Throws
  /// `ResultWriteError`; an earlier file is then untouched.
  public static func write(_ result: StoredResult, to path: String) throws {
    let image: [UInt8]
    do {
      let file = try HDF5File.createInMemory(path)
      try write(result, to: file)
      image = try file.image()
    } catch let error as HDF5Error {
      throw ResultWriteError(file: path, problem: problem(error, path))
    }
    try FileBytes.replace(path, with: image)
  }

  private static func problem(_ error: HDF5Error, _ path: String) -> String {
    let prefix = path + ": "
    let text = error.description
    return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
  }
}

// MARK: - Writing

extension ResultFile {
  private static func write(_ result: StoredResult, to file: borrowing HDF5File) throws {
    try writeProvenance(result.provenance, to: file)
    try file.createGroup("/rows")
    try file.setAttribute("columns", result.columns.map(\.name), on: "/rows")
    for (index, column) in result.columns.enumerated() {
      let values = result.rows.compactMap { $0.indices.contains(index) ? $0[index] : nil }
      try write(values, column, to: "/rows/\(column.name)", isScalar: false, file)
    }
    try file.createGroup("/summary")
    try file.setAttribute("columns", result.summary.map(\.column.name), on: "/summary")
    for figure in result.summary {
      let path = "/summary/\(figure.column.name)"
      try write([figure.value], figure.column, to: path, isScalar: true, file)
    }
    try file.createGroup("/timings")
    for (name, seconds) in result.timings {
      try file.write(seconds, to: "/timings/\(name)")
      try file.setAttribute("unit", "s", on: "/timings/\(name)")
    }
  }

  private static func write(
    _ values: [ColumnValue], _ column: ColumnDescription, to path: String, isScalar: Bool,
    _ file: borrowing HDF5File
  ) throws {
    let shape = isScalar ? [] : [values.count]
    switch column.kind {
    case .integer:
      try file.write(
        values.compactMap { Int(columnValue: $0).map(Int64.init) }, shape: shape, to: path)
    case .real:
      try file.write(values.compactMap(Double.init(columnValue:)), shape: shape, to: path)
    case .single:
      try file.write(values.compactMap(Float.init(columnValue:)), shape: shape, to: path)
    case .truth:
      let bytes = values.compactMap { Bool(columnValue: $0).map { UInt8($0 ? 1 : 0) } }
      try file.write(bytes, shape: shape, to: path)
    case .text:
      try file.write(values.compactMap(String.init(columnValue:)), shape: shape, to: path)
    }
    try file.setAttribute("kind", column.kind.rawValue, on: path)
    try file.setAttribute("unit", column.unit, on: path)
    try file.setAttribute("description", column.description, on: path)
    try file.setAttribute("compare", column.comparison.description, on: path)
    try file.setAttribute("show", column.presentation.description, on: path)
  }

  /// Writes where a result comes from as attributes of the root.
  ///
  /// Throws `HDF5Error`.
  public static func writeProvenance(_ origin: Provenance, to file: borrowing HDF5File) throws {
    try file.setAttribute("schema_version", Provenance.schemaVersion)
    try file.setAttribute("experiment", origin.experiment)
    try file.setAttribute("title", origin.title)
    try file.setAttribute("question", origin.question)
    try file.setAttribute("command", origin.command)
    // Names and values are separate lists, because either may hold any sign.
    let names = origin.parameters.keys.sorted()
    try file.setAttribute("parameter_names", names)
    try file.setAttribute("parameter_values", names.map { origin.parameters[$0] ?? "" })
    try file.setAttribute("git_commit", origin.gitCommit)
    try file.setAttribute("git_dirty", origin.gitDirty)
    try file.setAttribute("model_name", origin.modelName)
    try file.setAttribute("model_sha256", origin.modelSHA256)
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
    try file.setAttribute("criteria", origin.criteria)
  }
}

// MARK: - Reading

extension ResultFile {
  private static func read(_ file: borrowing HDF5File, _ path: String) throws -> StoredResult {
    guard try file.hasAttribute("schema_version") else {
      throw ResultError(file: path, problem: "expected a result, found another HDF5 file")
    }
    let version: Int = try file.attribute("schema_version")
    guard version == Provenance.schemaVersion else {
      throw ResultError(
        file: path,
        problem: "expected schema_version \(Provenance.schemaVersion), found \(version)")
    }
    let names: [String] = try file.attribute("columns", on: "/rows")
    var columns: [ColumnDescription] = []
    var values: [[ColumnValue]] = []
    for name in names {
      let dataset = "/rows/\(name)"
      columns.append(try column(name, at: dataset, file, path))
      values.append(try read(columns[columns.count - 1].kind, dataset, file))
      guard values[values.count - 1].count == values[0].count else {
        throw ResultError(
          file: path,
          problem: "\(dataset): expected \(values[0].count) rows, "
            + "found \(values[values.count - 1].count)")
      }
    }
    let rowCount = values.first?.count ?? 0
    let rows = (0..<rowCount).map { row in values.map { $0[row] } }
    var summary: [SummaryValue] = []
    for name in try file.attribute("columns", as: [String].self, on: "/summary") {
      let dataset = "/summary/\(name)"
      let column = try column(name, at: dataset, file, path)
      guard let value = try read(column.kind, dataset, file).first else {
        throw ResultError(file: path, problem: "\(dataset): expected one value, found none")
      }
      summary.append(SummaryValue(column: column, value: value))
    }
    var timings: [String: [Double]] = [:]
    for name in try file.children(of: "/timings") {
      timings[name] = try file.read(Double.self, from: "/timings/\(name)")
    }
    return StoredResult(
      provenance: try provenance(file, path), columns: columns, rows: rows, summary: summary,
      timings: timings)
  }

  private static func column(
    _ name: String, at dataset: String, _ file: borrowing HDF5File, _ path: String
  ) throws -> ColumnDescription {
    func text(_ attribute: String) throws -> String {
      try file.attribute(attribute, as: String.self, on: dataset)
    }
    func known<Value>(_ attribute: String, _ make: (String) -> Value?) throws -> Value {
      let spelling = try text(attribute)
      guard let value = make(spelling) else {
        throw ResultError(
          file: path, problem: "\(dataset)@\(attribute): found \"\(spelling)\", which is unknown")
      }
      return value
    }
    return ColumnDescription(
      name: name, kind: try known("kind", ColumnKind.init(rawValue:)), unit: try text("unit"),
      description: try text("description"),
      comparison: try known("compare", { Comparison($0) }),
      presentation: try known("show", { Presentation($0) }))
  }

  private static func read(
    _ kind: ColumnKind, _ dataset: String, _ file: borrowing HDF5File
  ) throws -> [ColumnValue] {
    switch kind {
    case .integer: try file.read(Int64.self, from: dataset).map { .integer(Int($0)) }
    case .real: try file.read(Double.self, from: dataset).map { .real($0) }
    case .single: try file.read(Float.self, from: dataset).map { .real(Double($0)) }
    case .truth: try file.read(UInt8.self, from: dataset).map { .truth($0 != 0) }
    case .text: try file.read(String.self, from: dataset).map { .text($0) }
    }
  }

  private static func provenance(
    _ file: borrowing HDF5File, _ path: String
  ) throws -> Provenance {
    let names: [String] = try file.attribute("parameter_names")
    let values: [String] = try file.attribute("parameter_values")
    let verdict: String = try file.attribute("verdict")
    guard verdict.isEmpty || Verdict(verdict) != nil else {
      throw ResultError(file: path, problem: "/@verdict: found \"\(verdict)\", which is none")
    }
    return Provenance(
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
      wallSeconds: try file.attribute("wall_seconds"),
      isComplete: try file.attribute("complete"), verdict: Verdict(verdict))
  }
}
