extension GnuplotScript {
  /// Points with whiskers, or bars if there are no bounds, over categories.
  ///
  /// Categories stand at the vertical axis if their names do not fit below the horizontal one.
  func overCategories(
    _ categoryName: String, _ valueName: String, _ bounds: [String], _ seriesName: String?
  ) throws -> PlotContent {
    let (category, value) = (try column(categoryName), try column(valueName))
    let places = try places(categoryName)
    let facets = try FigureFacets(self, series: seriesName)
    let isBars = bounds.isEmpty
    let count = facets.panels.map(\.series.count).max() ?? 1
    let names = [valueName] + bounds
    let drawn = try facets.panels.flatMap(\.series).flatMap { series in
      let columns = try names.map { try numbers($0, of: series.source) }
      return series.rows.flatMap { row in columns.map { $0[row] } }
    }
    guard drawn.contains(where: \.isFinite) else { throw nothingToDraw() }
    let values = PlotAxis(try valueRange(drawn + [isBars ? 0 : .nan], value))
    let slot =
      600 / Double(FigureLayout.columns(facets.panels.count)) / Double(max(1, places.count))
    let isUpright =
      category.kind != .text || PlotAxis.areShort(places.labels, slot: slot)
    let axis = PlotAxis(places: places.labels, room: 0.6, isReversed: !isUpright)
    let labels = [axisLabel(figure.xLabel, category), axisLabel(figure.yLabel, value)]
    let line = figure.reference.map { $0 * value.scale }
    var content = PlotContent(
      x: isUpright ? axis : values, y: isUpright ? values : axis,
      xLabel: labels[isUpright ? 0 : 1], yLabel: labels[isUpright ? 1 : 0], panels: [])
    (content.horizontalLine, content.verticalLine) = isUpright ? (line, nil) : (nil, line)
    if !isUpright {
      content.height = FigureLayout.height(
        ofRows: places.labels, panels: facets.panels.count, row: max(26, 9 * Double(count) + 10))
    }
    let step = min(isBars ? 0.8 : 0.2, (isBars ? 0.8 : 0.7) / Double(count))
    for facet in facets.panels {
      var panel = PlotContent.Panel(title: facet.title)
      for (index, series) in facet.series.enumerated() {
        let at = try column(categoryName, of: series.source).values.map(places.place)
        let columns = try names.map { try numbers($0, of: series.source) }
        let shift = (Double(index) - Double(facet.series.count - 1) / 2) * step
        let rows = series.rows.map { row -> [Double] in
          let (place, values) = (at[row] + shift, columns.map { $0[row] })
          if isBars {
            return Self.bar(place, values[0], half: step * 0.46, isUpright: isUpright)
          }
          return isUpright ? [place] + values : [values[0], place] + values.dropFirst()
        }
        let style = MarkStyle(series.style)
        panel.layers.append(
          (panel.add(rows), isBars ? Self.box(style) : Self.whiskers(style, isUpright)))
      }
      content.panels.append(panel)
    }
    if facets.isNamed {
      content.legend = facets.labels.enumerated().map { index, label in
        entry(label, or: value.description, isBars ? .box : .point, MarkStyle(index))
      }
    }
    content.legend += referenceEntries()
    return content
  }

  /// A bar from 0: the middle, then its left, right, lower and upper edges.
  private static func bar(
    _ place: Double, _ value: Double, half: Double, isUpright: Bool
  ) -> [Double] {
    let (across, along) = ([place - half, place + half], [0, value])
    return isUpright ? [place, value] + across + along : [value, place] + along + across
  }

  private static func box(_ style: MarkStyle) -> String {
    "using 1:2:3:4:5:6 with boxxyerror fillstyle solid 0.85 noborder "
      + "linecolor rgb '#\(style.color)'"
  }

  private static func whiskers(_ style: MarkStyle, _ isUpright: Bool) -> String {
    "using 1:2:3:4 with \(isUpright ? "y" : "x")errorbars linewidth 1.6 "
      + "pointtype \(style.pointType) pointsize 0.8 linecolor rgb '#\(style.color)'"
  }
}
