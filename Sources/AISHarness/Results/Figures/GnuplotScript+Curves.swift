import Foundation

extension GnuplotScript {
  /// A curve's label, style and points: x, the value, its bounds, the ideal.
  private struct Curve {
    let label: String
    let style: MarkStyle
    var points: [[Double]]
  }

  /// Curves with bands or whiskers, and the ideal curve.
  func curves(
    _ xName: String, _ valueName: String, _ boundNames: [String], _ seriesName: String?,
    _ idealName: String?
  ) throws -> PlotContent {
    let (x, value) = (try column(xName), try column(valueName))
    let bounds = boundNames.count == 2 ? boundNames : []
    let names = [xName, valueName] + bounds + (idealName.map { [$0] } ?? [])
    let facets = try FigureFacets(self, series: seriesName, limit: FigureFacets.mostCurves)
    let panels = try facets.panels.map { panel in
      try panel.series.map { series in
        let columns = try names.map { try numbers($0, of: series.source) }
        let points = series.rows.map { row in columns.map { $0[row] } }
        return Curve(
          label: series.label, style: MarkStyle(series.style),
          points: points.filter { $0[0].isFinite && (!figure.logX || $0[0] > 0) }
            .sorted { $0[0] < $1[0] })
      }
    }
    let points = panels.flatMap { $0.flatMap(\.points) }
    guard points.contains(where: { $0[1].isFinite }) else { throw nothingToDraw() }
    var content = PlotContent(
      x: try numberAxis(points.map { $0[0] }, x),
      y: PlotAxis(try valueRange(points.flatMap { $0.dropFirst() }, value)),
      xLabel: axisLabel(figure.xLabel, x), yLabel: axisLabel(figure.yLabel, value), panels: [])
    content.horizontalLine = figure.reference.map { $0 * value.scale }
    content.verticalLine = figure.xReference.map { $0 * x.scale }
    content.panels = zip(facets.panels, panels).map { facet, curves in
      panel(
        facet.title, curves, content.x, hasBounds: !bounds.isEmpty,
        ideal: idealName == nil ? nil : names.count - 1)
    }
    let entries = facets.labels.enumerated().map { index, label in
      entry(label, or: value.description, .line, MarkStyle(index))
    }
    let isNamed = facets.isNamed || idealName != nil
    if isNamed, panels.count == 1, let ends = ends(panels[0], entries, content.x) {
      content.ends = ends
    } else if isNamed {
      content.legend = entries
    }
    if idealName != nil { content.legend.append(entry("ideal", .dashes, .ideal)) }
    content.legend += referenceEntries()
    return content
  }

  private func panel(
    _ title: String, _ curves: [Curve], _ axis: PlotAxis, hasBounds: Bool, ideal: Int?
  ) -> PlotContent.Panel {
    var panel = PlotContent.Panel(title: title)
    if let ideal { drawIdeals(curves, column: ideal, in: &panel) }
    // Bands of many curves hide each other; whiskers side by side do not.
    let most = curves.map(\.points.count).max() ?? 0
    let hasWhiskers = hasBounds && (most == 1 || (curves.count > 3 && most <= 12))
    // Only curves over the same few numbers have whiskers over each other.
    let isShared = Set(curves.flatMap { $0.points.map { $0[0] } }).count <= 12
    let blocks = curves.enumerated().map { index, curve in
      let side = Double(index) - Double(curves.count - 1) / 2
      let shift = hasWhiskers && isShared ? 0.004 * side : 0
      return panel.add(
        curve.points.map { point in
          [axis.value(at: axis.fraction(of: point[0]) + shift)] + point.dropFirst()
        })
    }
    if hasBounds {
      panel.layers += zip(blocks, curves).map { block, curve in
        (block, hasWhiskers ? Self.whiskers(curve.style) : Self.band(curve.style))
      }
    }
    for (block, curve) in zip(blocks, curves) {
      // On a long curve, a mark at every point would hide the line.
      let interval = max(1, curve.points.count / 12)
      panel.layers.append(
        (
          block,
          "using 1:2 with linespoints pointtype \(curve.style.pointType) pointsize 0.55 "
            + "pointinterval \(interval) \(GnuplotCanvas.lineStyle(curve.style, width: 2))"
        ))
    }
    return panel
  }

  private static func band(_ style: MarkStyle) -> String {
    "using 1:3:4 with filledcurves fillstyle transparent solid 0.18 noborder "
      + "linecolor rgb '#\(style.color)'"
  }

  private static func whiskers(_ style: MarkStyle) -> String {
    "using 1:2:3:4 with yerrorbars pointtype \(style.pointType) pointsize 0.1 linewidth 1 "
      + "linecolor rgb '#\(style.color)'"
  }

  /// The ideal curve of every series, drawn once if it is the same for all.
  private func drawIdeals(_ curves: [Curve], column: Int, in panel: inout PlotContent.Panel) {
    var ideals: [[[Double]]] = []
    for curve in curves {
      let ideal = curve.points.map { [$0[0], $0[column]] }
      if !ideals.contains(ideal) { ideals.append(ideal) }
    }
    for ideal in ideals {
      panel.layers.append(
        (
          panel.add(ideal), "using 1:2 with lines \(GnuplotCanvas.lineStyle(.ideal, width: 1.5))"
        ))
    }
  }

  /// Labels beside the curves, if all of them end at the right edge and have room there.
  private func ends(
    _ curves: [Curve], _ entries: [PlotContent.Entry], _ axis: PlotAxis
  ) -> [PlotContent.End]? {
    let last = curves.map { curve in curve.points.last { $0[1].isFinite } }
    let rightmost = last.compactMap { $0?[0] }.map { axis.fraction(of: $0) }
    guard rightmost.count == curves.count, curves.count == entries.count,
      let edge = rightmost.max(), rightmost.allSatisfy({ $0 > edge - 0.05 }),
      EndLabels.height(entries.map(\.label)) <= 300
    else { return nil }
    return zip(last, entries).compactMap { point, entry in
      point.map { .init(x: $0[0], y: $0[1], entry: entry) }
    }
  }
}
