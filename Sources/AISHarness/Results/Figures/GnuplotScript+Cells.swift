extension GnuplotScript {
  /// One cell per row, coloured from dark to light; the first row of cells is on top.
  func cells(_ xName: String, _ yName: String, _ valueName: String) throws -> PlotContent {
    let (x, value) = (try column(xName), try column(valueName))
    let (across, down) = (try places(xName), try places(yName))
    let facets = try FigureFacets(self, series: nil)
    let numbers = try sources.flatMap { try self.numbers(valueName, of: $0) }.filter(\.isFinite)
    guard let low = numbers.min(), let high = numbers.max(), (high - low).isFinite else {
      throw nothingToDraw()
    }
    var content = PlotContent(
      x: PlotAxis(places: across.labels), y: PlotAxis(places: down.labels, isReversed: true),
      xLabel: Self.visible(figure.xLabel.isEmpty ? x.description : figure.xLabel),
      yLabel: Self.visible(figure.yLabel), panels: [])
    content.height = FigureLayout.height(
      ofRows: down.labels, panels: facets.panels.count, row: down.count > 16 ? 14 : 26)
    content.colorBar = .init(
      label: axisLabel("", value), range: low < high ? low...high : low - 0.5...high + 0.5)
    for facet in facets.panels {
      var panel = PlotContent.Panel(title: facet.title)
      let rows = try facet.series.flatMap { series -> [[Double]] in
        let xs = try column(xName, of: series.source).values.map(across.place)
        let ys = try column(yName, of: series.source).values.map(down.place)
        let values = try self.numbers(valueName, of: series.source)
        return series.rows.map { [xs[$0], ys[$0], values[$0]] }
      }
      panel.layers.append(
        (
          panel.add(rows),
          "using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5):3 with boxxyerror fillstyle solid 1 "
            + "border linecolor rgb 'white' fillcolor palette"
        ))
      content.panels.append(panel)
    }
    return content
  }
}
