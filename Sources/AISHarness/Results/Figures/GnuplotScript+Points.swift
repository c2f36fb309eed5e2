extension GnuplotScript {
  /// The columns of points.
  struct PointColumns {
    let x: String
    var xBounds: [String] = []
    let y: String
    var yBounds: [String] = []
    var label: String?
    var group: String?
    var front: String?
    /// Whether there may be so many points that they are drawn small, light and all alike.
    var isCrowd = false
  }

  /// Points coloured by group, drawn in the rows' order so that no group covers all others.
  func points(_ names: PointColumns) throws -> PlotContent {
    let (x, y) = (try column(names.x), try column(names.y))
    let facets = try FigureFacets(self, series: names.group)
    let panels = try facets.panels.map { panel in
      try panel.series.flatMap { try points($0, names) }.sorted { $0.order < $1.order }
    }
    let all = panels.flatMap { $0 }
    guard !all.isEmpty else { throw nothingToDraw() }
    var content = PlotContent(
      x: try numberAxis(all.flatMap { [$0.point.x] + $0.point.xBounds }, x),
      y: PlotAxis(try valueRange(all.flatMap { [$0.point.y] + $0.point.yBounds }, y)),
      xLabel: axisLabel(figure.xLabel, x), yLabel: axisLabel(figure.yLabel, y), panels: [])
    content.horizontalLine = figure.reference.map { $0 * y.scale }
    content.verticalLine = figure.xReference.map { $0 * x.scale }
    if FigureLayout.columns(facets.panels.count) == 1 { content.height = 360 }
    content.panels = zip(facets.panels, panels).map {
      panel($0.title, $1, isCrowd: names.isCrowd)
    }
    if facets.isNamed {
      content.legend = facets.labels.enumerated().map { index, label in
        entry(label, or: y.description, .point, MarkStyle(index, isRound: names.isCrowd))
      }
    }
    if let front = names.front, all.contains(where: \.isFront) {
      content.legend.append(entry(try column(front).description, .dashes, .front))
    }
    content.legend += referenceEntries()
    return content
  }

  /// A row as a point.
  private struct Dot {
    /// The row's place among those of all files.
    let order: Int
    let point: LabelPlacement.Point
    let style: MarkStyle
    let isFront: Bool
  }

  private func points(_ series: FigureFacets.Series, _ names: PointColumns) throws -> [Dot] {
    let (xs, ys) = (
      try numbers(names.x, of: series.source), try numbers(names.y, of: series.source)
    )
    let across = try names.xBounds.map { try numbers($0, of: series.source) }
    let up = try names.yBounds.map { try numbers($0, of: series.source) }
    let front = try names.front.map { try numbers($0, of: series.source) }
    let label = try names.label.map { try column($0, of: series.source) }
    func isShown(_ x: Double) -> Bool { x.isFinite && (!figure.logX || x > 0) }
    return series.rows.filter { isShown(xs[$0]) && ys[$0].isFinite }.map { row in
      let point = LabelPlacement.Point(
        x: xs[row], y: ys[row], xBounds: across.map { $0[row] }.filter(isShown),
        yBounds: up.map { $0[row] }.filter(\.isFinite),
        label: label.map { PlotPlaces.label($0.values[row], $0.column) } ?? "")
      return Dot(
        order: row, point: point, style: MarkStyle(series.style, isRound: names.isCrowd),
        isFront: front?[row] == 1)
    }
  }

  private func panel(_ title: String, _ dots: [Dot], isCrowd: Bool) -> PlotContent.Panel {
    var panel = PlotContent.Panel(title: title)
    let front = dots.filter(\.isFront).map(\.point).sorted { $0.x < $1.x }
    if front.count > 1 {
      panel.layers.append(
        (
          panel.add(front.map { [$0.x, $0.y] }),
          "using 1:2 with lines \(GnuplotCanvas.lineStyle(.front, width: 1.5))"
        ))
    }
    for isAcross in [true, false] {
      let bars = dots.compactMap { dot -> [Double]? in
        let bounds = isAcross ? dot.point.xBounds : dot.point.yBounds
        guard bounds.count == 2 else { return nil }
        return [dot.point.x, dot.point.y] + bounds + [dot.style.rgb(veil: 0x44)]
      }
      if bars.isEmpty { continue }
      panel.layers.append(
        (
          panel.add(bars),
          "using 1:2:3:4:5 with \(isAcross ? "x" : "y")errorbars pointtype 7 pointsize 0.1 "
            + "linewidth 1.2 linecolor rgb variable"
        ))
    }
    let (size, veil): (String, Int) =
      !isCrowd
      ? ("0.9", 0)
      : dots.count > 1_500 ? ("0.32", 0x66) : dots.count > 300 ? ("0.5", 0x55) : ("0.75", 0x33)
    let rows = dots.map { dot in
      [dot.point.x, dot.point.y, Double(dot.style.pointType), dot.style.rgb(veil: veil)]
    }
    panel.layers.append(
      (
        panel.add(rows),
        "using 1:2:3:4 with points pointtype variable pointsize \(size) linecolor rgb variable"
      ))
    if !isCrowd { (panel.points, panel.front) = (dots.map(\.point), front) }
    return panel
  }
}
