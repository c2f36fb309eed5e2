/// What a figure draws, before anyone knows where on the canvas.
struct PlotContent {
  /// The axes that all panels share.
  var x: PlotAxis
  var y: PlotAxis
  var xLabel: String
  var yLabel: String
  var panels: [Panel]
  var legend: [Entry] = []
  /// Labels at the right ends of curves; they replace the legend.
  var ends: [End] = []
  /// The dashed lines across every panel, as values of the axes.
  var horizontalLine: Double?
  var verticalLine: Double?
  /// The colours of a heat map.
  var colorBar: ColorBar?
  /// The height that a panel needs, if its rows say it.
  var height: Double?

  /// A plot with its own title; the others beside it have the same axes.
  struct Panel {
    var title = ""
    /// Rows of numbers that layers draw.
    var blocks: [[[Double]]] = []
    /// What is drawn of which block, from back to front: gnuplot's words after the data's name.
    var layers: [(block: Int, style: String)] = []
    /// Points that have a label or may not be covered by one.
    var points: [LabelPlacement.Point] = []
    /// The points that a line joins, from left to right.
    var front: [LabelPlacement.Point] = []

    /// Adds rows as a block; returns its index.
    mutating func add(_ rows: [[Double]]) -> Int {
      blocks.append(rows)
      return blocks.count - 1
    }
  }

  /// A line of the legend.
  struct Entry {
    enum Sign { case line, point, box, dashes }
    let label: String
    let sign: Sign
    let style: MarkStyle

    /// The sign's width in pixels.
    var width: Double {
      switch sign {
      case .line, .dashes: 26
      case .point, .box: 14
      }
    }
  }

  /// A curve's label, and the curve's last point.
  struct End {
    let x: Double
    let y: Double
    let entry: Entry
  }

  struct ColorBar {
    let label: String
    let range: ClosedRange<Double>
  }
}

/// The colour, the mark and the dashes of a series.
struct MarkStyle: Equatable {
  let color: String
  let pointType: Int
  /// Once colours repeat, lines are dashed.
  let dashType: Int

  /// The style of the series with this number.
  ///
  /// Round marks are all circles: small ones have no shape that a reader can see.
  init(_ index: Int, isRound: Bool = false) {
    color = Self.palette[index % Self.palette.count]
    // Where colours repeat, shapes do not.
    let shape = (index + index / Self.palette.count) % Self.shapes.count
    pointType = isRound ? 7 : Self.shapes[shape]
    dashType = index < Self.palette.count ? 1 : 4
  }

  private init(color: String, dashType: Int) {
    (self.color, pointType, self.dashType) = (color, 7, dashType)
  }

  /// Of lines that are not a series: what is ideal, and what is asked for.
  static let ideal = MarkStyle(color: "666666", dashType: 3)
  static let reference = MarkStyle(color: "222222", dashType: 2)
  static let front = MarkStyle(color: "888888", dashType: 1)

  /// Colours that colour-blind readers can tell apart, on white.
  ///
  /// Source: Okabe and Ito 2008, "Color Universal Design"; grey replaces yellow, which is too
  /// light.
  private static let palette = [
    "0072B2", "D55E00", "009E73", "CC79A7", "E69F00", "56B4E9", "333333", "999999",
  ]

  /// Shapes differ too, for readers who cannot distinguish the colours.
  private static let shapes = [7, 5, 9, 13, 11, 6, 4, 8]

  /// The colour as a number, transparent by `veil` of 255.
  func rgb(veil: Int = 0) -> Double { Double(veil << 24 | (Int(color, radix: 16) ?? 0)) }
}
