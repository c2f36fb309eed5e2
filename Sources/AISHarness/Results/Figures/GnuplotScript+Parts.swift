import Foundation

/// What the kinds of figures share: columns, ranges, labels.
extension GnuplotScript {
  /// A column of a source; throws if it is missing.
  func column(
    _ name: String, of source: Source
  ) throws -> (column: ColumnDescription, values: [ColumnValue]) {
    guard let column = source.table.column(name) else {
      throw FigureError(
        figure: figure.name,
        problem: "expected a column \(name) in table \(source.table.name), found none")
    }
    return column
  }

  /// A column of the first source, for its labels.
  func column(_ name: String) throws -> ColumnDescription {
    guard let first = sources.first else { throw nothingToDraw() }
    return try column(name, of: first).column
  }

  /// The places of a column's values in all sources.
  func places(_ name: String) throws -> PlotPlaces {
    PlotPlaces(try column(name), try sources.flatMap { try column(name, of: $0).values })
  }

  /// A column of a source as numbers, in the scale that is drawn.
  func numbers(_ name: String, of source: Source) throws -> [Double] {
    let (column, values) = try column(name, of: source)
    let scale = column.scale
    return values.map { ($0.number ?? .nan) * scale }
  }

  /// An axis's label, with the column's unit.
  func axisLabel(_ label: String, _ column: ColumnDescription) -> String {
    let text = Self.visible(label.isEmpty ? column.description : label)
    let unit = Self.visible(column.scale == 1 ? column.unit : "%")
    return unit.isEmpty || text.contains("(\(unit)") || (unit == "%" && text.contains("%"))
      ? text : "\(text) (\(unit))"
  }

  /// The entry of a series in the legend; `other` names one without a label.
  func entry(
    _ label: String, or other: String = "", _ sign: PlotContent.Entry.Sign, _ style: MarkStyle
  ) -> PlotContent.Entry {
    .init(label: Self.visible(label.isEmpty ? other : label), sign: sign, style: style)
  }

  /// The entries of the figure's dashed lines.
  func referenceEntries() -> [PlotContent.Entry] {
    var labels: [String] = []
    if figure.reference?.isFinite == true { labels.append(figure.referenceLabel ?? "") }
    if figure.xReference?.isFinite == true { labels.append(figure.xReferenceLabel ?? "") }
    return labels.filter { !$0.isEmpty }.map { entry($0, .dashes, .reference) }
  }

  /// The range of the value axis, with the reference and 0 where the figure wants them.
  ///
  /// Throws `FigureError` if there is no finite value.
  func valueRange(_ values: [Double], _ column: ColumnDescription) throws
    -> ClosedRange<Double>
  {
    guard values.contains(where: \.isFinite) else { throw nothingToDraw() }
    if let asked = figure.yRange, asked.lowerBound.isFinite, asked.upperBound.isFinite,
      asked.lowerBound < asked.upperBound
    {
      return asked.lowerBound * column.scale...asked.upperBound * column.scale
    }
    let extra = [figure.reference.map { $0 * column.scale } ?? .nan, figure.yFromZero ? 0 : .nan]
    return try range(values + extra, column)
  }

  /// A range that holds all values with some room; throws if no value is finite.
  func range(
    _ values: [Double], _ column: ColumnDescription, room: Double = 0.07
  ) throws -> ClosedRange<Double> {
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { throw nothingToDraw() }
    let margin = high > low ? (high - low) * room : max(high.magnitude * 0.1, 0.5)
    var (bottom, top) = (low - margin, high + margin)
    // No margin below 0 if no value is negative.
    if low >= 0 { bottom = max(bottom, high > low ? -0.01 * (high - low) : 0) }
    if column.scale != 1, high <= 100 { top = min(top, 100 + 0.01 * (100 - bottom)) }
    // Numbers so large that their difference is not a number.
    guard (top - bottom).isFinite, bottom < top else { throw nothingToDraw() }
    return bottom...top
  }

  /// The horizontal axis of numbers, logarithmic if the figure says so.
  func numberAxis(_ values: [Double], _ column: ColumnDescription) throws -> PlotAxis {
    let reference = figure.xReference.map { $0 * column.scale }
    let shown = (values + [reference ?? .nan]).filter { $0.isFinite && (!figure.logX || $0 > 0) }
    guard figure.logX else { return PlotAxis(try range(shown, column, room: 0.04)) }
    guard let low = shown.min(), let high = shown.max() else { throw nothingToDraw() }
    let margin = high > low ? pow(high / low, 0.06) : 2
    guard low / margin > 0, (high * margin).isFinite, margin.isFinite else {
      throw nothingToDraw()
    }
    return PlotAxis(logarithmic: values, low / margin...high * margin)
  }

  func nothingToDraw() -> FigureError {
    FigureError(figure: figure.name, problem: "no finite values to draw in table \(figure.table)")
  }

  /// Text quoted for gnuplot: between single quotes only the quote itself is special.
  static func quoted(_ text: String) -> String {
    "'" + visible(text).replacing("'", with: "''") + "'"
  }

  /// Text on one line, without characters that an SVG file may not hold.
  static func visible(_ text: String) -> String {
    String(
      text.map { $0.isNewline ? " " : $0 }
        .filter { !$0.unicodeScalars.contains { $0.properties.generalCategory == .control } })
  }

  static func number(_ value: Double) -> String {
    // Ten digits, as many as a colour with its transparency needs.
    value.isFinite ? String(format: "%.10g", value) : "NaN"
  }
}

extension ColumnDescription {
  /// The factor of values before they are drawn: shares are drawn as percent.
  var scale: Double {
    if case .percent = presentation { return 100 }
    return 1
  }
}
