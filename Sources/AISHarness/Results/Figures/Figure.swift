/// A picture of a derived table, as data: what is drawn against what.
///
/// A result file holds it, so every picture can be drawn again from the files alone.
public struct Figure: Sendable, Equatable, Codable {
  /// How a table's columns become a picture.
  public enum Kind: Sendable, Equatable, Codable {
    /// A point a row, coloured by the text in `group`.
    case scatter(x: String, y: String, group: String)
    /// A coloured cell a row; `x` and `y` take as many places as they have distinct values.
    case heatmap(x: String, y: String, value: String)
    /// Points with whiskers over categories, side by side where there are several series.
    case intervals(
      category: String, value: String, lower: String, upper: String, series: String?)
    /// Curves over numbers with bands, and the curve that an ideal would take, dashed.
    case lines(
      x: String, value: String, lower: String?, upper: String?, series: String?, ideal: String?)
    /// Bars over categories, side by side where there are several series.
    case bars(category: String, value: String, series: String?)
  }

  /// The stem of its file's name.
  public let name: String
  /// What it shows, above the picture.
  public let title: String
  /// The name of the derived table that it draws.
  public let table: String
  /// How the columns are drawn.
  public let kind: Kind
  /// What the horizontal axis says; the column's unit is added where it is missing.
  public let xLabel: String
  /// What the vertical axis says; the column's unit is added where it is missing.
  ///
  /// Of a heat map, what its rows are; the colour bar says the value column's description.
  public let yLabel: String
  /// Where a dashed horizontal line is drawn, such as a threshold; in the value column's unit.
  public var reference: Double?
  /// What that line means.
  public var referenceLabel: String?
  /// Whether the horizontal axis of `scatter` and `lines` is logarithmic.
  public var logX: Bool = false

  /// A figure from its parts.
  public init(
    name: String, title: String, table: String, kind: Kind, xLabel: String = "",
    yLabel: String = "", reference: Double? = nil, referenceLabel: String? = nil,
    logX: Bool = false
  ) {
    self.name = name
    self.title = title
    self.table = table
    self.kind = kind
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.reference = reference
    self.referenceLabel = referenceLabel
    self.logX = logX
  }

  /// Whether the figures of several files become one, with a series a file.
  var isShared: Bool {
    switch kind {
    case .scatter, .heatmap: false
    case .intervals, .lines, .bars: true
    }
  }

  /// Whether a name can be a part of a file's name, whatever file it was read from.
  static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 100
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0)) }
  }
}
