/// Columns of a table that is computed from items: what they are, and each item's cells in them.
///
/// A table that nobody reads back needs no type for its rows:
///
/// ```swift
/// report.tabulate(
///   "categories", "By category", rows.grouped(by: \.category),
///   [
///     .cell("category", "the prompts' own category", \.key),
///     .estimate("accuracy", "right answers", .share) {
///       Proportion(of: $0.rows.map(\.isRight)).estimate
///     },
///   ])
/// ```
public struct Cells<Item> {
  let columns: [ColumnDescription]
  let values: (Item) -> [ColumnValue]

  /// One column in a style.
  public static func cell<Value: ColumnScalar>(
    _ name: String, _ description: String, _ style: ValueStyle,
    _ value: @escaping (Item) -> Value
  ) -> Cells {
    Cells(columns: [ColumnDescription(name, Value.columnKind, description, style)]) {
      [value($0).columnValue]
    }
  }

  /// One column of values that must be equal, such as names and counts.
  public static func cell<Value: ColumnScalar>(
    _ name: String, _ description: String, _ value: @escaping (Item) -> Value
  ) -> Cells {
    cell(name, description, .plain, value)
  }

  /// The columns of an estimate: its value, and the ends of its 95 % interval for a fixed n.
  ///
  /// Items without an estimate have NaN.
  public static func estimate(
    _ name: String, _ description: String, _ style: ValueStyle,
    _ estimate: @escaping (Item) -> Estimate?
  ) -> Cells {
    Cells(columns: ColumnDescription.ofEstimate(name, description, style)) {
      let cells = EstimateCells(estimate($0))
      return [.real(cells.value), .real(cells.lower), .real(cells.upper)]
    }
  }
}

extension DerivedTable {
  /// The table `name` with a row for each item.
  public init<Item>(
    _ name: String, title: String, of items: some Sequence<Item>, isShown: Bool = true,
    _ cells: [Cells<Item>]
  ) {
    self.init(
      name: name, title: title, isShown: isShown, columns: cells.flatMap(\.columns),
      rows: items.map { item in cells.flatMap { $0.values(item) } })
  }
}
