import Foundation
import HDF5

extension ResultFile {
  /// Writes a result into an empty file.
  static func write(_ result: StoredResult, to file: borrowing HDF5File) throws {
    try writeProvenance(result.provenance, to: file)
    try write(result.columns, result.rows, toGroup: "/rows", file)
    try file.setAttribute("is_shown", result.showsRows, on: "/rows")
    try write(result.raw, to: "/raw", file)
    try write(result.facts, to: "/facts", file)
    try write(result.summary, to: "/summary", file)
    try file.createGroup("/timings")
    for (name, seconds) in result.timings {
      try file.write(seconds, to: "/timings/\(name)")
      try file.setAttribute("unit", "s", on: "/timings/\(name)")
    }
    if !result.tables.isEmpty { try write(result.tables, to: "/tables", file) }
    try write(result.figures, to: file)
  }

  private static func write(
    _ figures: [SummaryValue], to group: String, _ file: borrowing HDF5File
  ) throws {
    try file.createGroup(group)
    try file.setAttribute("columns", figures.map(\.column.name), on: group)
    for figure in figures {
      let path = "\(group)/\(figure.column.name)"
      try write([figure.value], figure.column, to: path, isScalar: true, file)
      if let interval = figure.interval {
        try file.setAttribute("lower", interval.lower, on: path)
        try file.setAttribute("upper", interval.upper, on: path)
      }
    }
  }

  private static func write(
    _ tables: [DerivedTable], to group: String, _ file: borrowing HDF5File
  ) throws {
    try file.createGroup(group)
    try file.setAttribute("names", tables.map(\.name), on: group)
    for table in tables {
      let place = "\(group)/\(table.name)"
      try write(table.columns, table.rows, toGroup: place, file)
      try file.setAttribute("title", table.title, on: place)
      try file.setAttribute("is_shown", table.isShown, on: place)
    }
  }

  /// Writes the figures as JSON text, since only the report reads them.
  private static func write(_ figures: [Figure], to file: borrowing HDF5File) throws {
    if figures.isEmpty { return }
    try file.createGroup("/figures")
    try file.setAttribute("names", figures.map(\.name), on: "/figures")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    for figure in figures {
      let text = String(decoding: try encoder.encode(figure), as: UTF8.self)
      try file.write([text], shape: [], to: "/figures/\(figure.name)")
    }
  }

  private static func write(
    _ columns: [ColumnDescription], _ rows: [[ColumnValue]], toGroup group: String,
    _ file: borrowing HDF5File
  ) throws {
    try file.createGroup(group)
    try file.setAttribute("columns", columns.map(\.name), on: group)
    for (index, column) in columns.enumerated() {
      let values = rows.compactMap { $0.indices.contains(index) ? $0[index] : nil }
      try write(values, column, to: "\(group)/\(column.name)", isScalar: false, file)
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
}
