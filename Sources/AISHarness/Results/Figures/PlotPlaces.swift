/// The places of distinct values along an axis: text in order of occurrence, numbers sorted.
struct PlotPlaces {
  /// The distinct values, in order.
  let values: [ColumnValue]
  /// The label at each place.
  let labels: [String]
  private let places: [ColumnValue: Int]

  /// The places for all values of a column, from one table or several.
  init(_ column: ColumnDescription, _ values: [ColumnValue]) {
    var seen: Set<ColumnValue> = []
    var distinct = values.filter { seen.insert($0).inserted }
    if column.kind != .text { distinct.sort { ($0.number ?? .nan) < ($1.number ?? .nan) } }
    self.values = distinct
    labels = distinct.map { Self.label($0, column) }
    places = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
  }

  var count: Int { labels.count }

  /// The place of a value.
  func place(_ value: ColumnValue) -> Double { places[value].map(Double.init) ?? .nan }

  /// The values' names away from their axis, where a bare number says nothing: `layer 3`.
  func names(_ column: ColumnDescription) -> [String] {
    if column.kind == .text { return labels }
    let words = column.name.replacing("_", with: " ")
    return labels.map { column.kind == .truth ? "\(words): \($0)" : "\(words) \($0)" }
  }

  /// A value as a reader of the picture wants it: `closed_qa` is `closed qa`.
  static func label(_ value: ColumnValue, _ column: ColumnDescription) -> String {
    if case .real(let number) = value, column.presentation == .automatic, number.isFinite {
      return PlotAxis.text(number)
    }
    let text = GnuplotScript.visible(NumberFormat.text(value, column.presentation))
    let isSnakeCase = text.allSatisfy { $0 == "_" || ("a"..."z").contains($0) }
    return isSnakeCase ? text.replacing("_", with: " ") : text
  }
}
