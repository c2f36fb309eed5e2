import AISKit

/// The differences between two tables, called A and B as in `make diff A=… B=…`.
struct RowDiff {
  /// A line for every column that differs, and for rows that only one table has.
  private(set) var lines: [String] = []
  /// How rows were paired, if it was not by a key.
  private(set) var notes: [String] = []

  private let prefix: String
  private let first: RowPairing.Table
  private let second: RowPairing.Table
  private let pairing: RowPairing
  private let isSample: Bool

  /// Compares the second table with the first, by the first one's rules.
  ///
  /// `isSample` says that rows are observations, whose mean and noise can be computed; a derived
  /// table's rows are not.
  init(
    _ prefix: String, _ first: RowPairing.Table, _ second: RowPairing.Table, isSample: Bool = true
  ) {
    self.prefix = prefix
    self.first = first
    self.second = second
    self.isSample = isSample
    pairing = RowPairing(first, second)
    compareRows()
    for (place, column) in first.columns.enumerated() {
      guard let other = second.columns.firstIndex(where: { $0.name == column.name }) else {
        lines.append("\(prefix)\(column.name): column is gone")
        continue
      }
      compare(column, place, other)
    }
    let names = Set(first.columns.map(\.name))
    for column in second.columns where !names.contains(column.name) {
      lines.append("\(prefix)\(column.name): column is new")
    }
  }

  private mutating func compareRows() {
    guard pairing.key != nil else {
      let counts = (first.rows.count, second.rows.count)
      if counts.0 != counts.1 { lines.append("\(prefix)rows: \(counts.0) → \(counts.1)") }
      if max(counts.0, counts.1) > 1 {
        notes.append(
          "\(prefix)rows are paired by order: no columns compared exactly identify them")
      }
      return
    }
    only("A", pairing.onlyInFirst, of: first.rows, \.first)
    only("B", pairing.onlyInSecond, of: second.rows, \.second)
  }

  /// A line about the rows that only one table has, with the keys of the first few.
  private mutating func only(
    _ name: String, _ rows: [Int], of table: [[ColumnValue]],
    _ side: KeyPath<RowPairing.Places, Int>
  ) {
    if rows.isEmpty { return }
    let titles = rows.prefix(3).map { title(of: $0, in: table, side) }
    let shown = (titles + (rows.count > 3 ? ["…"] : [])).joined(separator: "; ")
    lines.append("\(prefix)rows only in \(name): \(rows.count) of \(table.count) (\(shown))")
  }

  /// The key of a row, such as `prompt 3, plan "8-15"`, or its number if there is no key.
  private func title(
    of row: Int, in table: [[ColumnValue]], _ side: KeyPath<RowPairing.Places, Int>
  ) -> String {
    guard let key = pairing.key else { return "row \(row)" }
    return key.map { places in
      "\(first.columns[places.first].name) \(table[row][places[keyPath: side]].shown)"
    }.joined(separator: ", ")
  }

  private mutating func compare(_ column: ColumnDescription, _ place: Int, _ other: Int) {
    let values = pairing.pairs.map {
      (row: $0.first, from: first.rows[$0.first][place], to: second.rows[$0.second][other])
    }
    let moved = values.filter { !column.comparison.agree($0.from, $0.to) }
    guard
      let worst = moved.max(by: { Self.distance($0.from, $0.to) < Self.distance($1.from, $1.to) })
    else { return }
    let title = title(of: worst.row, in: first.rows, \.first)
    var line =
      "\(prefix)\(column.name): \(moved.count) of \(values.count) rows, "
      + "most \(pairing.key == nil ? "in" : "at") \(title): "
      + "\(worst.from.shown) → \(worst.to.shown)\(column.shownUnit) (\(column.comparison))"
    if isSample, let noise = noise(column, place, other) { line += "; \(noise)" }
    lines.append(line)
  }

  /// Pairs that may be about different things are compared as two samples, of all rows.
  private func noise(_ column: ColumnDescription, _ place: Int, _ other: Int) -> String? {
    guard pairing.isMatched else {
      return Noise.column(
        column, first.rows.map { $0[place] }, second.rows.map { $0[other] }, arePaired: false)
    }
    return Noise.column(
      column, pairing.pairs.map { first.rows[$0.first][place] },
      pairing.pairs.map { second.rows[$0.second][other] }, arePaired: true)
  }

  private static func distance(_ a: ColumnValue, _ b: ColumnValue) -> Double {
    guard let x = a.number, let y = b.number else { return .infinity }
    let distance = (x - y).magnitude
    return distance.isNaN ? .infinity : distance
  }
}

extension Comparison {
  /// Whether two values are the same by this rule.
  func agree(_ a: ColumnValue, _ b: ColumnValue) -> Bool {
    if a == b || self == .ignored { return true }
    guard let x = a.number, let y = b.number, x.isFinite, y.isFinite else { return false }
    switch self {
    case .exact, .ignored: return false
    case .absolute(let tolerance): return (x - y).magnitude <= tolerance
    case .relative(let tolerance):
      return (x - y).magnitude <= tolerance * max(x.magnitude, y.magnitude)
    }
  }
}

extension ColumnDescription {
  /// The unit after a value in a line of a diff.
  var shownUnit: String { unit.isEmpty ? "" : " \(unit)" }
}

extension ColumnValue {
  /// The value in a line of a diff: numbers with all digits, the beginning of a text.
  var shown: String {
    switch self {
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .truth(let value): "\(value)"
    case .text(let value): "\"\(oneLine(value, limit: 60))\""
    }
  }
}
