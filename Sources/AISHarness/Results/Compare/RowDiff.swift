/// The differences between two tables of the same columns, with rows in order.
struct RowDiff {
  /// A line for every column that differs, and for the number of rows.
  private(set) var lines: [String] = []

  private let prefix: String
  private let arePaired: Bool
  private let isSample: Bool

  /// Compares the second table with the first, by the first one's rules.
  ///
  /// `isSample` says that rows are observations, whose mean and noise can be computed; a derived
  /// table's rows are not.
  init(
    _ prefix: String, _ firstColumns: [ColumnDescription], _ first: [[ColumnValue]],
    _ secondColumns: [ColumnDescription], _ second: [[ColumnValue]], isSample: Bool = true
  ) {
    let places = Dictionary(
      secondColumns.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    // By convention a row's first column identifies it: its index, its prompt, its layer.
    let key = firstColumns.first.map { column in
      column.comparison == .exact && (column.kind == .integer || column.kind == .text)
        ? places[column.name] : nil
    }
    self.prefix = prefix
    self.isSample = isSample
    arePaired =
      first.count == second.count
      && (key.flatMap { $0 }.map { key in zip(first, second).allSatisfy { $0[0] == $1[key] } }
        ?? true)
    if first.count != second.count {
      lines.append("\(prefix)rows: \(first.count) → \(second.count)")
    }
    for (index, column) in firstColumns.enumerated() {
      guard let other = places[column.name] else {
        lines.append("\(prefix)\(column.name): column is gone")
        continue
      }
      compare(column, first.map { $0[index] }, second.map { $0[other] })
    }
    let names = Set(firstColumns.map(\.name))
    for column in secondColumns where !names.contains(column.name) {
      lines.append("\(prefix)\(column.name): column is new")
    }
  }

  private mutating func compare(
    _ column: ColumnDescription, _ first: [ColumnValue], _ second: [ColumnValue]
  ) {
    var moved: [(row: Int, from: ColumnValue, to: ColumnValue)] = []
    for (row, (old, new)) in zip(first, second).enumerated()
    where !column.comparison.agree(old, new) {
      moved.append((row, old, new))
    }
    guard
      let worst = moved.max(by: { Self.distance($0.from, $0.to) < Self.distance($1.from, $1.to) })
    else { return }
    var line =
      "\(prefix)\(column.name): \(moved.count) of \(min(first.count, second.count)) rows, "
      + "most in row \(worst.row): \(worst.from.shown) → \(worst.to.shown)\(column.shownUnit) "
      + "(\(column.comparison))"
    if isSample, let noise = Noise.column(column, first, second, arePaired: arePaired) {
      line += "; \(noise)"
    }
    lines.append(line)
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
  /// The value in a line of a diff, with all digits.
  var shown: String {
    switch self {
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .truth(let value): "\(value)"
    case .text(let value): "\"\(value.count > 60 ? value.prefix(60) + "…" : value)\""
    }
  }
}
