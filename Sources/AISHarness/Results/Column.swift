/// How much a column's values may differ between two results that count as the same.
public enum Comparison: Sendable, Equatable {
  /// No difference.
  case exact
  /// A difference of at most this.
  case absolute(Double)
  /// A difference of at most this share of the larger magnitude.
  case relative(Double)
  /// Any difference: for timings, and anything that depends on the machine.
  case ignored
}

/// How a column is shown on a page.
public enum Presentation: Sendable, Equatable {
  /// Whole numbers in groups of three, others with four significant digits.
  case automatic
  /// This many digits after the point.
  case decimals(Int)
  /// A share of 1 as percent, with this many digits after the point.
  case percent(Int)
  /// Not shown; the file still has it.
  case hidden
}

extension Comparison: LosslessStringConvertible, Codable {
  /// The rule as a result file spells it: `relative 0.01`.
  public var description: String {
    switch self {
    case .exact: "exact"
    case .absolute(let tolerance): "absolute \(tolerance)"
    case .relative(let tolerance): "relative \(tolerance)"
    case .ignored: "ignored"
    }
  }

  /// The rule that `description` came from, or `nil`.
  public init?(_ description: String) {
    let words = description.split(separator: " ")
    switch (words.first, words.count == 2 ? Double(words[1]) : nil) {
    case ("exact", nil): self = .exact
    case ("ignored", nil): self = .ignored
    case ("absolute", let tolerance?): self = .absolute(tolerance)
    case ("relative", let tolerance?): self = .relative(tolerance)
    default: return nil
    }
  }
}

extension Presentation: LosslessStringConvertible, Codable {
  /// The style as a result file spells it: `percent 1`.
  public var description: String {
    switch self {
    case .automatic: "automatic"
    case .decimals(let digits): "decimals \(digits)"
    case .percent(let digits): "percent \(digits)"
    case .hidden: "hidden"
    }
  }

  /// The style that `description` came from, or `nil`.
  public init?(_ description: String) {
    let words = description.split(separator: " ")
    switch (words.first, words.count == 2 ? Int(words[1]) : nil) {
    case ("automatic", nil): self = .automatic
    case ("hidden", nil): self = .hidden
    case ("decimals", let digits?) where 0...17 ~= digits: self = .decimals(digits)
    case ("percent", let digits?) where 0...17 ~= digits: self = .percent(digits)
    default: return nil
    }
  }
}

/// A column without its values: all that a file, a diff and a page need to know of it.
public struct ColumnDescription: Sendable, Equatable, Codable {
  /// The name in files and tables, in `snake_case`.
  public let name: String
  /// What the values are.
  public let kind: ColumnKind
  /// The unit (`nats`, `ms`, `tokens/s`), or the empty string.
  public let unit: String
  /// What the values mean, in a few words.
  public let description: String
  /// How two results are compared.
  public let comparison: Comparison
  /// How the values are shown.
  public let presentation: Presentation
}

extension ColumnDescription {
  init(_ name: String, _ kind: ColumnKind, _ description: String, _ style: ValueStyle) {
    self.init(
      name: name, kind: kind, unit: style.unit, description: description,
      comparison: style.comparison, presentation: style.presentation)
  }

  /// The three columns of an estimate: its value, and the ends of its interval.
  static func ofEstimate(
    _ name: String, _ description: String, _ style: ValueStyle
  ) -> [ColumnDescription] {
    [
      ColumnDescription(name, .real, description, style),
      ColumnDescription(name + "_lower", .real, "lower end of its 95 % interval", style),
      ColumnDescription(name + "_upper", .real, "upper end of its 95 % interval", style),
    ]
  }
}

/// One column of a table of `Row`s, declared once for files, diffs and pages.
public struct Column<Row>: Sendable {
  /// What the column is.
  public let column: ColumnDescription
  let get: @Sendable (Row) -> ColumnValue
  let set: @Sendable (inout Row, ColumnValue) -> Bool

  private init(
    column: ColumnDescription, get: @escaping @Sendable (Row) -> ColumnValue,
    set: @escaping @Sendable (inout Row, ColumnValue) -> Bool
  ) {
    (self.column, self.get, self.set) = (column, get, set)
  }

  /// The column `name` for the property at `keyPath`.
  public init<Value: ColumnScalar>(
    _ name: String, _ keyPath: WritableKeyPath<Row, Value> & Sendable, unit: String = "",
    _ description: String, compare comparison: Comparison = .exact,
    show presentation: Presentation = .automatic
  ) {
    self.column = ColumnDescription(
      name: name, kind: Value.columnKind, unit: unit, description: description,
      comparison: comparison, presentation: presentation)
    self.get = { $0[keyPath: keyPath].columnValue }
    self.set = { row, stored in
      guard let value = Value(columnValue: stored) else { return false }
      row[keyPath: keyPath] = value
      return true
    }
  }
}

extension Column {
  /// Columns in the order of these lists.
  ///
  /// A chain of `+` would take the compiler minutes.
  public static func list(_ parts: [Column<Row>]...) -> [Column<Row>] { parts.flatMap { $0 } }

  /// The column `name` for the property at `keyPath`, in a style.
  public init<Value: ColumnScalar>(
    _ name: String, _ keyPath: WritableKeyPath<Row, Value> & Sendable, _ description: String,
    _ style: ValueStyle
  ) {
    self.init(
      name, keyPath, unit: style.unit, description, compare: style.comparison,
      show: style.presentation)
  }

  /// The columns of an estimate: its value, and the ends of its 95 % interval for a fixed n.
  public static func estimate(
    _ name: String, _ keyPath: WritableKeyPath<Row, EstimateCells> & Sendable,
    _ description: String, _ style: ValueStyle
  ) -> [Column<Row>] {
    let parts: [WritableKeyPath<EstimateCells, Double> & Sendable] = [\.value, \.lower, \.upper]
    return zip(ColumnDescription.ofEstimate(name, description, style), parts).map { column, part in
      Column(
        column: column, get: { .real($0[keyPath: keyPath][keyPath: part]) },
        set: { row, stored in
          guard let value = Double(columnValue: stored) else { return false }
          row[keyPath: keyPath][keyPath: part] = value
          return true
        })
    }
  }
}

/// An estimate as three cells of a row.
public struct EstimateCells: Sendable, Equatable {
  /// The quantity.
  public var value = Double.nan
  /// The lower end of its 95 % interval for a fixed n.
  public var lower = Double.nan
  /// The upper end.
  public var upper = Double.nan

  /// Empty cells.
  public init() {}

  /// The cells of an estimate; empty ones if there is none.
  public init(_ estimate: Estimate?) {
    guard let estimate else { return }
    value = estimate.value
    (lower, upper) = (estimate.interval.lower, estimate.interval.upper)
  }
}

/// A row of a result table: a value with a list of columns.
///
/// `init()` makes an empty row to read into; the columns cover every property that a reader needs.
public protocol ResultRow: Sendable {
  /// An empty row, whose values are set afterwards.
  init()
  /// The columns, in the order in which they are shown.
  static var columns: [Column<Self>] { get }
}

extension ResultRow {
  /// The row's values, one for each column.
  var values: [ColumnValue] { Self.columns.map { $0.get(self) } }

  /// The row with these values, one for each column, or `nil` if their number or kinds differ.
  init?(values: [ColumnValue]) {
    let columns = Self.columns
    guard values.count == columns.count else { return nil }
    self.init()
    for (column, value) in zip(columns, values) where !column.set(&self, value) { return nil }
  }
}
