extension GnuplotScript {
  /// Points coloured by group, drawn in the rows' order so that no group covers all others.
  mutating func scatter(_ xName: String, _ yName: String, _ groupName: String) throws {
    guard let source = sources.first else { throw nothingToDraw() }
    let (x, y) = (try column(xName, of: source).column, try column(yName, of: source).column)
    let (groupColumn, values) = try column(groupName, of: source)
    let groups = PlotPlaces(groupColumn, values)
    let (xs, ys) = (try numbers(xName, of: source), try numbers(yName, of: source))
    let isDrawn = values.indices.map { row in
      xs[row].isFinite && ys[row].isFinite && (!figure.logX || xs[row] > 0)
    }
    let rows = values.indices.filter { isDrawn[$0] }
    guard let xRange = range(rows.map { xs[$0] }, x, room: 0.04),
      let yRange = range(rows.map { ys[$0] }, y, room: 0.04)
    else { throw nothingToDraw() }
    if figure.logX { settings.append("set logscale x") } else { set("x", xRange) }
    set("y", yRange)
    labelAxes(x, y)
    let (size, veil): (String, Int) =
      rows.count > 1_500 ? ("0.32", 0x66) : rows.count > 300 ? ("0.5", 0x55) : ("0.75", 0x33)
    let data = block(
      rows.map { row in
        let group = Int(groups.place(values[row]))
        let color = Int(Self.color(group), radix: 16) ?? 0
        return [xs[row], ys[row], Double(veil << 24 | color)]
      })
    plots.append(
      "\(data) using 1:2:3 with points pointtype 7 pointsize \(size) linecolor rgb variable "
        + "notitle")
    for (index, label) in groups.labels.enumerated() {
      let title = legend(label)
      plots.append(
        "keyentry with points pointtype 7 pointsize 0.9 linecolor rgb '#\(Self.color(index))' "
          + title)
    }
    reference(y)
  }

  /// One cell per row, coloured from dark to light; the first row of cells is on top.
  mutating func heatmap(_ xName: String, _ yName: String, _ valueName: String) throws {
    guard let source = sources.first else { throw nothingToDraw() }
    let (x, xValues) = try column(xName, of: source)
    let (y, yValues) = try column(yName, of: source)
    let value = try column(valueName, of: source).column
    let values = try numbers(valueName, of: source)
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { throw nothingToDraw() }
    let (across, down) = (PlotPlaces(x, xValues), PlotPlaces(y, yValues))
    settings += [
      Self.viridis,
      "unset grid",
      "set border 0",
      "set tics scale 0",
      // Room for the colour bar, and grey if a cell has no number.
      "set rmargin 14",
      "set object 1 rectangle from graph 0, graph 0 to graph 1, graph 1 behind "
        + "fillstyle solid noborder fillcolor rgb '#dddddd'",
      "set colorbox user origin graph 1.02, graph 0 size graph 0.025, graph 1 noborder",
      "set cblabel \(Self.quoted(axisLabel("", value))) textcolor rgb '#333333'",
      across.tics("x", letters: 78, slants: true),
      down.tics("y", letters: 200, slants: false),
    ]
    set("x", -0.5...Double(across.count) - 0.5)
    settings.append("set yrange [\(Self.number(Double(down.count) - 0.5)):-0.5]")
    set("cb", low < high ? low...high : low - 0.5...high + 0.5)
    labelAxes(x, y, plain: true)
    let data = block(
      values.indices.map { row in
        let (column, line) = (across.place(xValues[row]), down.place(yValues[row]))
        return [
          column, line, column - 0.5, column + 0.5, line - 0.5, line + 0.5, values[row],
        ]
      })
    plots.append(
      "\(data) using 1:2:3:4:5:6:7 with boxxyerror fillstyle solid 1 "
        + "border linecolor rgb 'white' fillcolor palette notitle")
  }

  /// From dark violet to yellow, perceptually uniform, also when printed in grey.
  ///
  /// Source: Smith and van der Walt 2015, the viridis colour map, nine of its stops.
  private static let viridis =
    "set palette defined (0 '#440154', 1 '#472d7b', 2 '#3b528b', 3 '#2c728e', 4 '#21918c', "
    + "5 '#28ae80', 6 '#5ec962', 7 '#addc30', 8 '#fde725')"

  /// Labels the axes; `plain` leaves units out, for axes of names.
  mutating func labelAxes(_ x: ColumnDescription, _ y: ColumnDescription, plain: Bool = false) {
    let text =
      plain
      ? [figure.xLabel.isEmpty ? x.description : figure.xLabel, figure.yLabel]
      : [axisLabel(figure.xLabel, x), axisLabel(figure.yLabel, y)]
    for (axis, label) in zip(["x", "y"], text) {
      settings.append("set \(axis)label \(Self.quoted(label)) textcolor rgb '#333333'")
    }
  }
}
