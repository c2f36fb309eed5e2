import Foundation

/// The gnuplot script that draws a figure, as plain text.
///
/// Data are written as numbers only; names occur only in quoted labels and titles.
package struct GnuplotScript {
  /// A table to draw, and its label if several are drawn together.
  package struct Source {
    /// The file's variant; empty if there is only one.
    package var label: String
    /// The table.
    package var table: DerivedTable

    package init(label: String, table: DerivedTable) {
      self.label = label
      self.table = table
    }
  }

  let figure: Figure
  let sources: [Source]
  /// The line under the picture; empty for none.
  let footnote: String
  var settings: [String] = []
  var blocks: [String] = []
  var plots: [String] = []
  private var keyLabels: [String] = []

  /// The script for a figure of one table, or of one table from each of several files.
  ///
  /// Throws `FigureError` if a column is missing or has no value that can be drawn.
  package init(_ figure: Figure, _ sources: [Source], footnote: String = "") throws {
    self.figure = figure
    self.sources = sources
    self.footnote = footnote
    switch figure.kind {
    case .scatter(let x, let y, let group): try scatter(x, y, group)
    case .heatmap(let x, let y, let value): try heatmap(x, y, value)
    case .intervals(let category, let value, let lower, let upper, let series):
      try overCategories(category, value, (lower, upper), series)
    case .bars(let category, let value, let series):
      try overCategories(category, value, nil, series)
    case .lines(let x, let value, let lower, let upper, let series, let ideal):
      try lines(x, value, lower, upper, series, ideal)
    }
  }

  /// The whole script, which draws to standard output.
  package func text() -> String {
    let titleSize = figure.title.count > 72 ? 12 : 15
    let head = [
      "set terminal svg size 800,\(height) noenhanced background rgb 'white' "
        + "font 'DejaVu Sans,Helvetica,Arial,sans-serif,13' linewidth 1",
      "set encoding utf8",
      "set title \(Self.quoted(figure.title)) font ',\(titleSize)' textcolor rgb '#222222'",
      "set border 3 linecolor rgb '#666666'",
      "set tics out nomirror textcolor rgb '#333333'",
      "set grid linetype 1 linecolor rgb '#e4e4e4' linewidth 1 back",
      "set datafile missing 'NaN'",
      "set samples 2",
      key,
    ]
    let foot = footnote.isEmpty ? [] : self.foot
    return
      (head + foot + settings + blocks + ["plot " + plots.joined(separator: ", \\\n  ")])
      .joined(separator: "\n") + "\n"
  }

  private static let footHeight = 24

  private var height: Int { 450 + heightBelow + (footnote.isEmpty ? 0 : Self.footHeight) }

  /// The footnote's line, and the part of the canvas that is left for the picture.
  private var foot: [String] {
    let share = Double(Self.footHeight) / Double(height)
    return [
      "set origin 0,\(Self.number(share))", "set size 1,\(Self.number(1 - share))",
      "set label 1 \(Self.quoted(footnote)) at screen 0.985,\(Self.number(share / 2)) right "
        + "font ',10' textcolor rgb '#666666'",
    ]
  }

  /// The legend's place: never over the data; there is none without labels.
  private var key: String {
    if keyLabels.isEmpty { return "unset key" }
    let letters = keyLabels.reduce(0) { $0 + $1.count + 6 }
    let place =
      letters <= 90
      ? "outside top center horizontal"
      : isBelow ? "outside bottom center horizontal" : "outside right center vertical"
    return "set key \(place) Left reverse samplen 1.6 textcolor rgb '#333333'"
  }

  /// A legend too long to fit beside the data is put below it, in columns; the picture is taller.
  private var isBelow: Bool { keyLabels.count > 10 }

  private var heightBelow: Int {
    guard isBelow else { return 0 }
    let entryWidth = 45 + 8 * (keyLabels.map(\.count).max() ?? 0)
    let columns = max(1, 800 / entryWidth)
    return 20 * ((keyLabels.count + columns - 1) / columns)
  }

  /// Colours that colour-blind readers can tell apart, on white.
  ///
  /// Source: Okabe and Ito 2008, "Color Universal Design"; grey replaces yellow, which is too
  /// light.
  static let palette = [
    "0072B2", "D55E00", "009E73", "CC79A7", "E69F00", "56B4E9", "333333", "999999",
  ]

  static func color(_ index: Int) -> String { palette[index % palette.count] }
}

// MARK: - Parts of every kind

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

  /// A column of a source as numbers, in the scale that is drawn.
  func numbers(_ name: String, of source: Source) throws -> [Double] {
    let (column, values) = try column(name, of: source)
    let scale = column.scale
    return values.map { ($0.number ?? .nan) * scale }
  }

  /// An axis's label, with the column's unit.
  func axisLabel(_ label: String, _ column: ColumnDescription) -> String {
    let text = label.isEmpty ? column.description : label
    let unit = column.scale == 1 ? column.unit : "%"
    return unit.isEmpty || text.contains("(\(unit)") || (unit == "%" && text.contains("%"))
      ? text : "\(text) (\(unit))"
  }

  /// The title of an entry in the legend.
  mutating func legend(_ label: String) -> String {
    if label.isEmpty { return "notitle" }
    keyLabels.append(label)
    return "title \(Self.quoted(label))"
  }

  /// Adds rows of numbers as a data block; returns the block's name.
  mutating func block(_ rows: [[Double]]) -> String {
    let name = "$data\(blocks.count)"
    let lines = rows.map { $0.map(Self.number).joined(separator: " ") }
    blocks.append(([name + " << END"] + lines + ["END"]).joined(separator: "\n"))
    return name
  }

  /// The dashed line at the figure's reference value, drawn in the value column's scale.
  mutating func reference(_ column: ColumnDescription) {
    guard let value = figure.reference else { return }
    let title = legend(figure.referenceLabel ?? "")
    plots.append(
      "\(Self.number(value * column.scale)) with lines dashtype 2 linewidth 1.5 "
        + "linecolor rgb '#444444' \(title)")
  }

  /// A range that holds all values with some room; `nil` if there is no value.
  func range(_ values: [Double], _ column: ColumnDescription, room: Double = 0.07)
    -> ClosedRange<Double>?
  {
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return nil }
    let margin = high > low ? (high - low) * room : max(high.magnitude * 0.1, 0.5)
    var (bottom, top) = (low - margin, high + margin)
    // No margin below 0 if no value is negative.
    if low >= 0 { bottom = max(bottom, high > low ? -0.01 * (high - low) : 0) }
    if column.scale != 1, high <= 100 { top = min(top, 100 + 0.01 * (100 - bottom)) }
    return bottom...top
  }

  mutating func set(_ axis: String, _ range: ClosedRange<Double>) {
    settings.append(
      "set \(axis)range [\(Self.number(range.lowerBound)):\(Self.number(range.upperBound))]")
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

/// A figure that cannot be drawn; the result and its page stay as they are.
package struct FigureError: Error, Equatable, CustomStringConvertible {
  package let figure: String
  package let problem: String

  package var description: String { "figure \(figure): \(problem)" }
}
