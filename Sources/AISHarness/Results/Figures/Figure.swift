/// A picture of a derived table, as data: which columns are drawn, and how.
///
/// A result file holds it, so every picture can be drawn again from the files alone.
public struct Figure: Sendable, Equatable, Codable {
  /// The kinds of pictures, with the columns that they draw.
  public enum Kind: Sendable, Equatable, Codable {
    /// One point per row, coloured by the text in `group`.
    case scatter(x: String, y: String, group: String)
    /// One coloured cell per row; `x` and `y` have a place for each distinct value.
    case heatmap(x: String, y: String, value: String)
    /// Points with whiskers over categories, side by side if there are several series.
    case intervals(
      category: String, value: String, lower: String, upper: String, series: String?)
    /// Curves over numbers with bands, and the ideal curve, dashed.
    case lines(
      x: String, value: String, lower: String?, upper: String?, series: String?, ideal: String?)
    /// Bars over categories, side by side if there are several series.
    case bars(category: String, value: String, series: String?)
  }

  /// The stem of its file's name.
  public let name: String
  /// The title above the picture.
  public let title: String
  /// The name of the derived table that it draws.
  public let table: String
  /// How the columns are drawn.
  public let kind: Kind
  /// The horizontal axis's label; the column's unit is added if it is missing.
  public let xLabel: String
  /// The vertical axis's label; the column's unit is added if it is missing.
  ///
  /// For a heat map, it names the rows; the colour bar shows the value column's description.
  public let yLabel: String
  /// The height of a dashed horizontal line, such as a threshold, in the value column's unit.
  public var reference: Double?
  /// The label of that line.
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

  /// Whether the figures of several files become one, with a series per file.
  var isShared: Bool {
    switch kind {
    case .scatter, .heatmap: false
    case .intervals, .lines, .bars: true
    }
  }

  /// Whether a name, which an untrusted file may hold, can be part of a file's name.
  static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 100
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0)) }
  }
}
