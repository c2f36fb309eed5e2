/// One figure about a whole run.
public struct SummaryValue: Sendable, Equatable, Codable {
  /// Its name, unit and meaning.
  public let column: ColumnDescription
  /// The figure.
  public let value: ColumnValue
  /// Its 95 % interval, in the figure's own unit; `nil` if it has none.
  public let interval: Interval?

  /// The figure `name`.
  public init<Value: ColumnScalar>(
    _ name: String, _ value: Value, in interval: Interval? = nil, unit: String = "",
    _ description: String, compare comparison: Comparison = .exact,
    show presentation: Presentation = .automatic
  ) {
    self.column = ColumnDescription(
      name: name, kind: Value.columnKind, unit: unit, description: description,
      comparison: comparison, presentation: presentation)
    self.value = value.columnValue
    self.interval = interval
  }

  /// The figure `name`, in a style.
  public init<Value: ColumnScalar>(
    _ name: String, _ value: Value, in interval: Interval? = nil, _ description: String,
    _ style: ValueStyle
  ) {
    self.init(
      column: ColumnDescription(name, Value.columnKind, description, style),
      value: value.columnValue, interval: interval)
  }

  init(column: ColumnDescription, value: ColumnValue, interval: Interval?) {
    self.column = column
    self.value = value
    self.interval = interval
  }
}
