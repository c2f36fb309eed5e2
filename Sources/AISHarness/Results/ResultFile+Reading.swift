import Foundation
import HDF5

extension ResultFile {
  /// The problem of a file that holds something else, such as hidden states beside the results.
  static let otherFile = "expected a result, found another HDF5 file"

  /// Reads a result from the contents of its file.
  static func read(_ file: HDF5Contents, _ path: String) throws -> StoredResult {
    guard try file.hasAttribute("schema_version") else {
      throw ResultError(file: path, problem: otherFile)
    }
    let version: Int = try file.attribute("schema_version")
    guard version == Provenance.schemaVersion else {
      throw ResultError(
        file: path,
        problem: "expected schema_version \(Provenance.schemaVersion), found \(version)")
    }
    // Output of the tools carries provenance too, but no rows.
    guard file.exists("/rows") else { throw ResultError(file: path, problem: otherFile) }
    let (columns, rows) = try columnsAndRows(of: "/rows", file, path)
    var timings: [String: [Double]] = [:]
    for name in try file.children(of: "/timings") {
      timings[name] = try file.read(Double.self, from: "/timings/\(name)")
    }
    var result = StoredResult(
      provenance: try provenance(file, path), columns: columns, rows: rows,
      raw: try tables("/raw", file, path), summary: try figures(of: "/summary", file, path),
      timings: timings, tables: try tables("/tables", file, path),
      figures: try figures(file, path), showsRows: try isShown("/rows", file))
    if file.exists("/facts") {
      result.facts = try figures(of: "/facts", file, path)
    } else {
      result.takeEarlierLayout()
    }
    return result
  }

  private static func figures(
    of group: String, _ file: HDF5Contents, _ path: String
  ) throws -> [SummaryValue] {
    var summary: [SummaryValue] = []
    for name in try file.attribute("columns", as: [String].self, on: group) {
      let dataset = "\(group)/\(name)"
      let column = try column(name, at: dataset, file, path)
      guard let value = try read(column.kind, dataset, file).first else {
        throw ResultError(file: path, problem: "\(dataset): expected one value, found none")
      }
      let interval =
        try file.hasAttribute("lower", on: dataset)
        ? Interval(
          lower: try file.attribute("lower", on: dataset),
          upper: try file.attribute("upper", on: dataset)) : nil
      summary.append(
        SummaryValue(column: column, value: value, interval: interval).withIntervalFromText)
    }
    return summary
  }

  /// The tables of a place; none in a file of an earlier layout.
  private static func tables(
    _ place: String, _ file: HDF5Contents, _ path: String
  ) throws -> [DerivedTable] {
    guard file.exists(place) else { return [] }
    var tables: [DerivedTable] = []
    for name in try file.attribute("names", as: [String].self, on: place) {
      let group = "\(place)/\(name)"
      let (columns, rows) = try columnsAndRows(of: group, file, path)
      tables.append(
        DerivedTable(
          name: name, title: try file.attribute("title", on: group),
          isShown: try isShown(group, file), columns: columns, rows: rows))
    }
    return tables
  }

  /// The figures; their names become file names, so they are checked.
  private static func figures(_ file: HDF5Contents, _ path: String) throws -> [Figure] {
    guard file.exists("/figures") else { return [] }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    var figures: [Figure] = []
    for name in try file.attribute("names", as: [String].self, on: "/figures") {
      let text = try file.read(String.self, from: "/figures/\(name)").first ?? ""
      guard let figure = try? decoder.decode(Figure.self, from: Data(text.utf8)),
        figure.name == name, Figure.isName(name)
      else {
        throw ResultError(
          file: path, problem: "/figures/\(name): expected a figure, found other text")
      }
      figures.append(figure)
    }
    return figures
  }

  private static func isShown(_ group: String, _ file: HDF5Contents) throws -> Bool {
    try file.hasAttribute("is_shown", on: group)
      ? try file.attribute("is_shown", on: group) : true
  }

  private static func columnsAndRows(
    of group: String, _ file: HDF5Contents, _ path: String
  ) throws -> (columns: [ColumnDescription], rows: [[ColumnValue]]) {
    let names: [String] = try file.attribute("columns", on: group)
    var columns: [ColumnDescription] = []
    var values: [[ColumnValue]] = []
    for name in names {
      let dataset = "\(group)/\(name)"
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
    return (columns, (0..<rowCount).map { row in values.map { $0[row] } })
  }

  private static func column(
    _ name: String, at dataset: String, _ file: HDF5Contents, _ path: String
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
    _ kind: ColumnKind, _ dataset: String, _ file: HDF5Contents
  ) throws -> [ColumnValue] {
    switch kind {
    case .integer: try file.read(Int64.self, from: dataset).map { .integer(Int($0)) }
    case .real: try file.read(Double.self, from: dataset).map { .real($0) }
    case .single: try file.read(Float.self, from: dataset).map { .real(Double($0)) }
    case .truth: try file.read(UInt8.self, from: dataset).map { .truth($0 != 0) }
    case .text: try file.read(String.self, from: dataset).map { .text($0) }
    }
  }
}
