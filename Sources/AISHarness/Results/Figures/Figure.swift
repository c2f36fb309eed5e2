/// A picture of a derived table, as data: which columns are drawn, and how.
///
/// A result file holds it, so every picture can be drawn again from the files alone.
public struct Figure: Sendable, Equatable, Codable {
  /// The kinds of pictures, with the columns that they draw.
  public enum Kind: Sendable, Equatable, Codable {
    /// One point per row, coloured by the text in `group`; for many rows.
    case scatter(x: String, y: String, group: String)
    /// One labelled point per row with whiskers both ways; for few rows, such as a trade-off.
    ///
    /// Rows for which the truth column `front` holds are joined by a line, from left to right.
    case points(
      x: String, xLower: String? = nil, xUpper: String? = nil, y: String, yLower: String? = nil,
      yUpper: String? = nil, label: String? = nil, group: String? = nil, front: String? = nil)
    /// One coloured cell per row; `x` and `y` have a place for each distinct value.
    case heatmap(x: String, y: String, value: String)
    /// Points with whiskers over categories, side by side if there are several series.
    case intervals(
      category: String, value: String, lower: String, upper: String, series: String?)
    /// Curves over numbers with bands, and the ideal curve, dashed.
    ///
    /// A panel has at most eight curves: more are drawn in a panel per file, or per series.
    case lines(
      x: String, value: String, lower: String?, upper: String?, series: String?, ideal: String?)
    /// Bars over categories, side by side if there are several series.
    case bars(category: String, value: String, series: String?)
  }

  /// The stem of its file's name.
  public let name: String
  /// The title above the picture.
  public internal(set) var title: String
  /// The name of the derived table that it draws.
  public let table: String
  /// How the columns are drawn.
  public let kind: Kind
  /// The horizontal axis's label; the column's unit is added if it is missing.
  ///
  /// Categories with long names stand on the vertical axis, and so does their label.
  public let xLabel: String
  /// The vertical axis's label; the column's unit is added if it is missing.
  ///
  /// For a heat map, it names the rows; the colour bar shows the value column's description.
  public let yLabel: String
  /// The height of a dashed horizontal line, such as a threshold, in the value column's unit.
  ///
  /// The axis always includes it: a speed-up with the reference 1 shows how far it is from 1.
  public var reference: Double?
  /// The label of that line.
  public var referenceLabel: String?
  /// Whether the horizontal axis of `scatter`, `points` and `lines` is logarithmic.
  public var logX: Bool = false
  /// The place of a dashed vertical line of `scatter`, `points` and `lines`, as `reference`.
  public var xReference: Double?
  /// The label of that line.
  public var xReferenceLabel: String?
  /// A remark under the title, such as the quality that goes with the speed that is drawn.
  public var note: String?
  /// What the picture rests on, such as `1,000 questions`; `nil`: the result's rows.
  public var sample: String?
  /// The column whose distinct values each get a panel, with the same axes and one legend.
  public var panels: String?
  /// Whether each file is a panel instead of a series, where several files share the figure.
  public var panelPerFile: Bool = false
  /// Whether the value axis includes 0; that of bars always does.
  public var yFromZero: Bool = false
  /// The value axis's range in the value column's unit, instead of one that holds all values.
  public var yRange: ClosedRange<Double>?

  /// A figure from its parts.
  public init(
    name: String, title: String, table: String, kind: Kind, xLabel: String = "",
    yLabel: String = "", reference: Double? = nil, referenceLabel: String? = nil,
    logX: Bool = false, xReference: Double? = nil, xReferenceLabel: String? = nil,
    note: String? = nil, sample: String? = nil, panels: String? = nil, panelPerFile: Bool = false,
    yFromZero: Bool = false, yRange: ClosedRange<Double>? = nil
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
    self.xReference = xReference
    self.xReferenceLabel = xReferenceLabel
    self.note = note
    self.sample = sample
    self.panels = panels
    self.panelPerFile = panelPerFile
    self.yFromZero = yFromZero
    self.yRange = yRange
  }

  /// Decodes a figure; what an earlier file does not say has its default.
  ///
  /// Throws `DecodingError` if a part that every figure has is missing, or is of another kind.
  public init(from decoder: any Decoder) throws {
    let parts = try decoder.container(keyedBy: CodingKeys.self)
    func truth(_ key: CodingKeys) throws -> Bool {
      try parts.decodeIfPresent(Bool.self, forKey: key) ?? false
    }
    self.init(
      name: try parts.decode(String.self, forKey: .name),
      title: try parts.decode(String.self, forKey: .title),
      table: try parts.decode(String.self, forKey: .table),
      kind: try parts.decode(Kind.self, forKey: .kind),
      xLabel: try parts.decodeIfPresent(String.self, forKey: .xLabel) ?? "",
      yLabel: try parts.decodeIfPresent(String.self, forKey: .yLabel) ?? "",
      reference: try parts.decodeIfPresent(Double.self, forKey: .reference),
      referenceLabel: try parts.decodeIfPresent(String.self, forKey: .referenceLabel),
      logX: try truth(.logX),
      xReference: try parts.decodeIfPresent(Double.self, forKey: .xReference),
      xReferenceLabel: try parts.decodeIfPresent(String.self, forKey: .xReferenceLabel),
      note: try parts.decodeIfPresent(String.self, forKey: .note),
      sample: try parts.decodeIfPresent(String.self, forKey: .sample),
      panels: try parts.decodeIfPresent(String.self, forKey: .panels),
      panelPerFile: try truth(.panelPerFile), yFromZero: try truth(.yFromZero),
      yRange: try parts.decodeIfPresent(ClosedRange<Double>.self, forKey: .yRange))
  }

  /// The figure under another title.
  func titled(_ title: String) -> Figure {
    var copy = self
    copy.title = title
    return copy
  }

  /// Whether the figures of several files become one, with a series or a panel per file.
  var isShared: Bool {
    switch kind {
    case .scatter, .heatmap, .points: panelPerFile
    case .intervals, .lines, .bars: true
    }
  }

  /// Whether a name, which an untrusted file may hold, can be part of a file's name.
  static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 100
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0)) }
  }
}
