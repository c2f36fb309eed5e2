/// The gnuplot script that draws a figure, as plain text.
///
/// Data are written as numbers only; names occur only in quoted labels.
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
  private let footnote: String
  private(set) var content = PlotContent(
    x: PlotAxis(0...1), y: PlotAxis(0...1), xLabel: "", yLabel: "", panels: [])

  /// The script for a figure of one table, or of one table from each of several files.
  ///
  /// Throws `FigureError` if a column is missing or has no value that can be drawn.
  package init(_ figure: Figure, _ sources: [Source], footnote: String = "") throws {
    self.figure = figure
    self.sources = sources
    self.footnote = footnote
    switch figure.kind {
    case .scatter(let x, let y, let group):
      content = try points(PointColumns(x: x, y: y, group: group, isCrowd: true))
    case .points(
      let x, let xLower, let xUpper, let y, let yLower, let yUpper, let label, let group,
      let front):
      content = try points(
        PointColumns(
          x: x, xBounds: [xLower, xUpper].compactMap { $0 }, y: y,
          yBounds: [yLower, yUpper].compactMap { $0 }, label: label, group: group,
          front: front))
    case .heatmap(let x, let y, let value): content = try cells(x, y, value)
    case .intervals(let category, let value, let lower, let upper, let series):
      content = try overCategories(category, value, [lower, upper], series)
    case .bars(let category, let value, let series):
      content = try overCategories(category, value, [], series)
    case .lines(let x, let value, let lower, let upper, let series, let ideal):
      content = try curves(x, value, [lower, upper].compactMap { $0 }, series, ideal)
    }
  }

  /// The whole script, which draws to standard output.
  package func text() -> String {
    let layout = FigureLayout(figure, content, footnote: Self.visible(footnote))
    let canvas = GnuplotCanvas(height: layout.height)
    var lines = [
      "set terminal svg size \(Self.number(FigureLayout.width)),\(Self.number(layout.height)) "
        + "noenhanced background rgb 'white' font "
        + "'\(GnuplotCanvas.font),12' linewidth 1",
      "set encoding utf8",
      "set datafile missing 'NaN'",
      "set border \(content.colorBar == nil ? 3 : 0) linecolor rgb '#666666'",
      "set tics out nomirror scale \(content.colorBar == nil ? "0.6" : "0")",
      "set grid linetype 1 linecolor rgb '#e4e4e4' linewidth 1 back",
      "unset key",
    ]
    if content.colorBar != nil { lines += ["unset grid", Self.viridis] }
    lines += axis("x", content.x, layout.xTics) + axis("y", content.y, layout.yTics)
    lines.append("set multiplot")
    lines += layout.texts.map(canvas.label) + layout.signs.flatMap(canvas.sign)
    lines += colorBar(layout, canvas)
    for (index, (panel, box)) in zip(content.panels, layout.plots).enumerated() {
      // What belongs to the whole picture has been drawn with the first panel.
      if index > 0 { lines += ["unset label", "unset arrow", "unset colorbox"] }
      lines += canvas.margins(box) + referenceLines()
      lines += index == 0 ? layout.ends.flatMap { self.end($0, box, canvas) } : []
      lines += pointLabels(panel, box, canvas)
      for (block, rows) in panel.blocks.enumerated() {
        lines.append("$p\(index)b\(block) << END")
        lines += rows.map { $0.map(Self.number).joined(separator: " ") }
        lines.append("END")
      }
      let plots = panel.layers.map { "$p\(index)b\($0.block) \($0.style) notitle" }
      lines.append("plot " + plots.joined(separator: ", \\\n  "))
    }
    return (lines + ["unset multiplot"]).joined(separator: "\n") + "\n"
  }

  private func axis(_ name: String, _ axis: PlotAxis, _ tics: [PlotAxis.Tic]) -> [String] {
    let ends = [axis.range.lowerBound, axis.range.upperBound].map(Self.number)
    let marks = tics.map { "'' \(Self.number($0.value))" }.joined(separator: ", ")
    let range = axis.isReversed ? "\(ends[1]):\(ends[0])" : "\(ends[0]):\(ends[1])"
    return (axis.isLogarithmic ? ["set logscale \(name)"] : []) + [
      "set \(name)range [\(range)]",
      marks.isEmpty ? "unset \(name)tics" : "set \(name)tics (\(marks))",
    ]
  }

  private func colorBar(_ layout: FigureLayout, _ canvas: GnuplotCanvas) -> [String] {
    guard let bar = content.colorBar, let box = layout.colorBar else { return [] }
    let ends = [bar.range.lowerBound, bar.range.upperBound].map(Self.number)
    return [
      "set cbrange [\(ends[0]):\(ends[1])]", "unset cbtics",
      "set colorbox horizontal user origin screen \(canvas.place(box.left, box.bottom)) "
        + "size screen \(canvas.size(box.width, box.height)) noborder",
      // Grey if a cell has no number.
      "set object 1 rectangle from graph 0, graph 0 to graph 1, graph 1 behind "
        + "fillstyle solid noborder fillcolor rgb '#dddddd'",
    ]
  }

  /// The dashed lines across a panel; a line outside the axis is not drawn.
  private func referenceLines() -> [String] {
    let style = GnuplotCanvas.lineStyle(.reference, width: 1.5)
    var lines: [String] = []
    for (value, axis, isUpright) in [
      (content.horizontalLine, content.y, false), (content.verticalLine, content.x, true),
    ] {
      guard let value, axis.range.contains(value) else { continue }
      let place = Self.number(axis.fraction(of: value))
      let ends = isUpright ? "\(place),0 to graph \(place),1" : "0,\(place) to graph 1,\(place)"
      lines.append("set arrow from graph \(ends) nohead front \(style)")
    }
    return lines
  }

  /// The sign of a curve's label at the right, joined to the curve's end.
  private func end(
    _ end: (sign: FigureLayout.Sign, end: PlotContent.End), _ box: LabelPlacement.Box,
    _ canvas: GnuplotCanvas
  ) -> [String] {
    let x = box.left + content.x.fraction(of: end.end.x) * box.width
    let y = box.bottom - content.y.fraction(of: end.end.y) * box.height
    return [
      canvas.line(
        (x + 5, y), (end.sign.x, end.sign.y),
        "linewidth 0.8 linecolor rgb '#\(end.sign.entry.style.color)'")
    ] + canvas.sign(end.sign)
  }

  /// From dark violet to yellow, perceptually uniform, also when printed in grey.
  ///
  /// Source: Smith and van der Walt 2015, the viridis colour map, nine of its stops.
  private static let viridis =
    "set palette defined (0 '#440154', 1 '#472d7b', 2 '#3b528b', 3 '#2c728e', 4 '#21918c', "
    + "5 '#28ae80', 6 '#5ec962', 7 '#addc30', 8 '#fde725')"
}
