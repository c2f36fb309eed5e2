/// Where everything of a picture is on its canvas, in pixels from the upper left corner.
struct FigureLayout {
  typealias Box = LabelPlacement.Box

  /// A line of text, at the middle of its height.
  struct Text {
    enum Side: String { case left, center, right }
    var text: String
    var x: Double
    var y: Double
    var side: Side = .left
    var size: Double = TextBlock.small
    var color = "333333"
    var isBold = false
    /// Degrees against the clock.
    var turn = 0
  }

  /// An entry of the legend: its sign's left end, and the middle of its line.
  struct Sign {
    let entry: PlotContent.Entry
    let x: Double
    let y: Double
  }

  /// The width of every picture, so that letters have the size that they say on a page.
  static let width = 700.0
  private static let margin = 16.0
  private static let titleSize = 16.0
  private static let labelSize = 13.0
  private static let lineHeight = 16.0

  /// The plots, in the order of the panels.
  private(set) var plots: [Box] = []
  private(set) var texts: [Text] = []
  private(set) var signs: [Sign] = []
  /// Where the colour bar is, if there is one.
  private(set) var colorBar: Box?
  private(set) var height = 0.0
  /// The tics of the axes, the same in every panel.
  private(set) var xTics: [PlotAxis.Tic] = []
  private(set) var yTics: [PlotAxis.Tic] = []
  /// The signs of the labels at the ends of curves.
  private(set) var ends: [(sign: Sign, end: PlotContent.End)] = []

  /// Lays out a figure's content.
  init(_ figure: Figure, _ content: PlotContent, footnote: String) {
    let inner = Self.width - 2 * Self.margin
    var y = Self.margin
    y = write(figure.title, at: y, width: inner, size: Self.titleSize, bold: true)
    y = write(figure.note ?? "", at: y + 2, width: inner, size: Self.labelSize, color: "555555")
    y = place(content.legend, at: y + 5, width: inner)
    if let bar = content.colorBar { y = place(bar, at: y + 2, width: inner) }
    y += 8
    let bottom = place(content, figure, top: y)
    let notes = TextBlock.lines(footnote, width: inner)
    for (index, line) in notes.enumerated() {
      texts.append(
        Text(
          text: line, x: Self.width - Self.margin,
          y: bottom + 14 + Double(index) * Self.lineHeight, side: .right, color: "666666"))
    }
    height = (bottom + 8 + Double(notes.count) * Self.lineHeight + 10).rounded(.up)
  }

  /// Writes text from `y` on; returns where it ends.
  private mutating func write(
    _ text: String, at y: Double, width: Double, size: Double, bold: Bool = false,
    color: String = "222222"
  ) -> Double {
    let step = size + 5
    // Bold letters are a tenth wider.
    let lines = TextBlock.lines(
      GnuplotScript.visible(text), width: bold ? width / 1.12 : width, size: size)
    for (index, line) in lines.enumerated() {
      texts.append(
        Text(
          text: line, x: Self.margin, y: y + step * (Double(index) + 0.5), size: size,
          color: color, isBold: bold))
    }
    return y + step * Double(lines.count)
  }

  /// Places the legend's entries one after the other, on as many lines as they need.
  private mutating func place(
    _ legend: [PlotContent.Entry], at y: Double, width: Double
  ) -> Double {
    if legend.isEmpty { return y }
    var (x, y) = (Self.margin, y + 10)
    for entry in legend {
      let indent = entry.width + 6
      let lines = TextBlock.lines(entry.label, width: width - indent)
      let wide = indent + (lines.map { TextBlock.width($0) }.max() ?? 0)
      if x > Self.margin, x + wide > Self.margin + width { (x, y) = (Self.margin, y + 20) }
      signs.append(Sign(entry: entry, x: x, y: y))
      for (index, line) in lines.enumerated() {
        if index > 0 { y += Self.lineHeight }
        texts.append(Text(text: line, x: x + indent, y: y))
      }
      x += wide + 18
    }
    return y + 10
  }

  /// Places the colour bar between its least and its greatest number, after what they are.
  private mutating func place(
    _ bar: PlotContent.ColorBar, at y: Double, width: Double
  ) -> Double {
    let numbers = [bar.range.lowerBound, bar.range.upperBound].map { PlotAxis.rounded($0) }
    let widths = numbers.map { TextBlock.width($0) }
    let wide = 150 + widths[0] + widths[1] + 16
    let lines = TextBlock.lines(bar.label, width: width)
    let last = TextBlock.width(lines.last ?? "")
    for (index, line) in lines.enumerated() {
      texts.append(
        Text(text: line, x: Self.margin, y: y + 10 + Double(index) * Self.lineHeight))
    }
    var middle = y + 10 + Double(max(1, lines.count) - 1) * Self.lineHeight
    var x = Self.margin + last + 14
    if x + wide > Self.margin + width { (x, middle) = (Self.margin, middle + 20) }
    texts.append(Text(text: numbers[0], x: x, y: middle))
    let left = x + widths[0] + 8
    colorBar = Box(left: left, top: middle - 6, right: left + 150, bottom: middle + 6)
    texts.append(Text(text: numbers[1], x: left + 158, y: middle))
    return middle + 10
  }
}

// MARK: - Plots and their axes

extension FigureLayout {
  /// The number of panels side by side.
  static func columns(_ panels: Int) -> Int {
    switch panels {
    case ...1: 1
    case 2, 4: 2
    default: 3
    }
  }

  /// The room for the labels of rows.
  static func rowLabelWidth(columns: Int) -> Double { columns == 1 ? 190 : 130 }

  /// The height of a plot with a row per label; very many rows share what a page can show.
  ///
  /// `row` is the height of a row whose label has one line.
  static func height(ofRows labels: [String], panels: Int, row: Double) -> Double {
    let width = rowLabelWidth(columns: columns(panels))
    let lines = labels.map { TextBlock.lines($0, width: width).count }.max() ?? 1
    return min(1_000, max(100, Double(labels.count) * max(row, Double(lines) * 14 + 8)))
  }

  /// Places the panels in a grid, with tics at its left and lower edges; returns where it ends.
  private mutating func place(
    _ content: PlotContent, _ figure: Figure, top: Double
  ) -> Double {
    let count = content.panels.count
    let columns = Self.columns(count)
    let rows = (count + columns - 1) / columns
    let tall = content.height ?? [300.0, 230, 170][columns - 1]
    yTics = content.y.tics(height: tall, width: Self.rowLabelWidth(columns: columns))
    let ticWidth = yTics.flatMap(\.lines).map { TextBlock.width($0) }.max() ?? 0
    let yLines = TextBlock.lines(
      content.yLabel, width: Double(rows) * tall + 40, size: Self.labelSize)
    let labelWidth = yLines.isEmpty ? 0 : 6 + Double(yLines.count) * 17
    let endWidth = content.ends.isEmpty ? 0 : EndLabels.width(content.ends) + 46
    let (gap, right) = (22.0, Self.width - Self.margin - max(8, endWidth))
    var left = Self.margin + labelWidth + ticWidth + 10
    func wide() -> Double {
      (right - left - gap * Double(columns - 1)) / Double(columns)
    }
    // Slanted labels end under their tics, so the first may begin left of the plot.
    left = max(left, Self.margin + slantedOverhang(content.x, width: wide()))
    let plotWidth = wide()
    xTics = content.x.tics(width: plotWidth)
    let titles = content.panels.map {
      TextBlock.lines(GnuplotScript.visible($0.title), width: plotWidth / 1.12)
    }
    let titleHeight = Double(titles.map(\.count).max() ?? 0) * Self.lineHeight
    var y = top
    for row in 0..<rows {
      y += titleHeight + (titleHeight > 0 ? 4 : 0)
      for index in row * columns..<min(count, (row + 1) * columns) {
        let x = left + Double(index % columns) * (plotWidth + gap)
        let box = Box(left: x, top: y, right: x + plotWidth, bottom: y + tall)
        plots.append(box)
        for (line, text) in titles[index].reversed().enumerated() {
          texts.append(
            Text(
              text: text, x: x, y: y - 11 - Double(line) * Self.lineHeight, color: "222222",
              isBold: true))
        }
        if index % columns == 0 { labelRows(content.y, box) }
        if index + columns >= count { labelColumns(content.x, box) }
      }
      y += tall + 14
    }
    let middle = (top + titleHeight + y - 14) / 2
    for (index, line) in yLines.enumerated() {
      texts.append(
        Text(
          text: line, x: Self.margin + 7 + 17 * Double(index), y: middle, side: .center,
          size: Self.labelSize, turn: 90))
    }
    if let box = plots.first { place(EndLabels.labels(content.ends, content.y, box)) }
    return label(content.xLabel, below: y - 14 + ticHeight(content.x, plotWidth), left, right)
  }

  private mutating func place(_ labels: [EndLabels.Label]) {
    for label in labels {
      ends.append((Sign(entry: label.end.entry, x: label.x, y: label.y), label.end))
      for (index, line) in label.lines.enumerated() {
        let shift = (Double(index) - Double(label.lines.count - 1) / 2) * EndLabels.lineHeight
        texts.append(
          Text(text: line, x: label.x + label.end.entry.width + 4, y: label.y + shift))
      }
    }
  }

  private mutating func label(
    _ text: String, below y: Double, _ left: Double, _ right: Double
  ) -> Double {
    let lines = TextBlock.lines(text, width: right - left, size: Self.labelSize)
    for (index, line) in lines.enumerated() {
      texts.append(
        Text(
          text: line, x: (left + right) / 2, y: y + 12 + 17 * Double(index), side: .center,
          size: Self.labelSize))
    }
    return y + 4 + 17 * Double(lines.count)
  }

  private mutating func labelRows(_ axis: PlotAxis, _ box: Box) {
    for tic in yTics {
      let middle = box.bottom - axis.fraction(of: tic.value) * box.height
      for (index, line) in tic.lines.enumerated() {
        let shift = (Double(index) - Double(tic.lines.count - 1) / 2) * 14
        texts.append(Text(text: line, x: box.left - 9, y: middle + shift, side: .right))
      }
    }
  }

  private mutating func labelColumns(_ axis: PlotAxis, _ box: Box) {
    let slants = axis.slants(width: box.width)
    for tic in xTics {
      let x = box.left + axis.fraction(of: tic.value) * box.width
      for (index, line) in tic.lines.enumerated() {
        texts.append(
          slants
            ? Text(text: line, x: x + 3, y: box.bottom + 12, side: .right, turn: 40)
            : Text(
              text: line, x: x, y: box.bottom + 16 + 14 * Double(index), side: .center))
      }
    }
  }

  /// The height of the labels below a plot.
  private func ticHeight(_ axis: PlotAxis, _ width: Double) -> Double {
    if axis.slants(width: width) {
      return 14 + 0.64 * (xTics.flatMap(\.lines).map { TextBlock.width($0) }.max() ?? 0)
    }
    return 10 + 14 * Double(xTics.map(\.lines.count).max() ?? 0)
  }

  /// How far slanted labels reach beyond the plot's left edge.
  private func slantedOverhang(_ axis: PlotAxis, width: Double) -> Double {
    guard axis.slants(width: width) else { return 0 }
    return axis.tics(width: width).map { tic in
      0.77 * (tic.lines.map { TextBlock.width($0) }.max() ?? 0)
        - axis.fraction(of: tic.value) * width
    }.max() ?? 0
  }
}
