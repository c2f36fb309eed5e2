extension GnuplotScript {
  /// Rows that are drawn in one colour.
  fileprivate struct Series {
    var label: String
    var source: Source
    var rows: [Int]
  }

  /// A series per file, or per file and text of the series column.
  private func series(_ name: String?) throws -> [Series] {
    try sources.flatMap { source -> [Series] in
      guard let name else {
        return [Series(label: source.label, source: source, rows: Array(source.table.rows.indices))]
      }
      let (column, values) = try column(name, of: source)
      let groups = PlotPlaces(column, values)
      return groups.labels.enumerated().map { index, label in
        Series(
          label: source.label.isEmpty ? label : "\(source.label), \(label)", source: source,
          rows: values.indices.filter { groups.place(values[$0]) == Double(index) })
      }
    }
  }

  /// Points with whiskers, or bars if there are no bounds, over categories.
  mutating func overCategories(
    _ categoryName: String, _ valueName: String, _ bounds: (lower: String, upper: String)?,
    _ seriesName: String?
  ) throws {
    let all = try series(seriesName)
    guard let first = sources.first else { throw nothingToDraw() }
    let category = try column(categoryName, of: first).column
    let value = try column(valueName, of: first).column
    let categories = PlotPlaces(
      category, try sources.flatMap { try column(categoryName, of: $0).values })
    var heights: [Double] = [figure.reference.map { $0 * value.scale } ?? .nan]
    if bounds == nil { heights.append(0) }
    var parts: [String] = []
    let step = min(bounds == nil ? 0.8 : 0.2, (bounds == nil ? 0.8 : 0.6) / Double(all.count))
    for (index, series) in all.enumerated() {
      let places = try column(categoryName, of: series.source).values.map(categories.place)
      let names = [valueName] + (bounds.map { [$0.lower, $0.upper] } ?? [])
      let columns = try names.map { try numbers($0, of: series.source) }
      let shift = (Double(index) - Double(all.count - 1) / 2) * step
      heights += series.rows.flatMap { row in columns.map { $0[row] } }
      let data = block(series.rows.map { row in [places[row] + shift] + columns.map { $0[row] } })
      let title = legend(all.count > 1 ? series.label : "")
      parts.append(data + " " + Self.style(index, hasBounds: bounds != nil, width: step) + title)
    }
    guard heights.dropFirst(bounds == nil ? 2 : 1).contains(where: \.isFinite),
      let range = range(heights, value)
    else { throw nothingToDraw() }
    set("x", -0.6...Double(categories.count) - 0.4)
    set("y", range)
    settings.append(categories.tics("x", letters: 88, slants: true))
    if let margin = categories.leftMargin(letters: 88), margin > 8 {
      settings.append("set lmargin \(margin)")
    }
    settings.append("set grid noxtics ytics")
    labelAxes(category, value)
    if bounds == nil { reference(value) }
    plots += parts
    if bounds != nil { reference(value) }
  }

  private static func style(_ index: Int, hasBounds: Bool, width: Double) -> String {
    let color = "linecolor rgb '#\(color(index))'"
    // Shapes differ too, for readers who cannot distinguish the colours.
    let shape = [7, 5, 9, 11, 13, 6, 4, 8][index % 8]
    return hasBounds
      ? "using 1:2:3:4 with yerrorbars linewidth 1.6 pointtype \(shape) pointsize 0.8 \(color) "
      : "using 1:2:(\(number(width * 0.92))) with boxes fillstyle solid 0.85 "
        + "border \(color) \(color) "
  }

  /// Curves with bands, and the ideal curve, dashed.
  mutating func lines(
    _ xName: String, _ valueName: String, _ lower: String?, _ upper: String?,
    _ seriesName: String?, _ idealName: String?
  ) throws {
    guard let first = sources.first else { throw nothingToDraw() }
    let (x, value) = (
      try column(xName, of: first).column, try column(valueName, of: first).column
    )
    let bounds = lower.flatMap { lower in upper.map { [lower, $0] } } ?? []
    let names = [xName, valueName] + bounds + (idealName.map { [$0] } ?? [])
    let all = try series(seriesName)
    var curves: [[[Double]]] = []
    for series in all {
      let columns = try names.map { try numbers($0, of: series.source) }
      let points = series.rows.map { row in columns.map { $0[row] } }
      curves.append(
        points.filter { $0[0].isFinite && (!figure.logX || $0[0] > 0) }.sorted { $0[0] < $1[0] })
    }
    let points = curves.flatMap { $0 }
    let heights =
      points.flatMap { $0.dropFirst() } + [figure.reference.map { $0 * value.scale } ?? .nan]
    guard points.contains(where: { $0[1].isFinite }), let yRange = range(heights, value)
    else { throw nothingToDraw() }
    set("y", yRange)
    spreadX(points.map { $0[0] }, x)
    labelAxes(x, value)
    let data = curves.map { block($0) }
    if !bounds.isEmpty { plots += data.enumerated().map { Self.band($1, $0) } }
    if idealName != nil { ideal(curves, data, column: names.count, all.map(\.label)) }
    for (index, name) in data.enumerated() {
      let title = legend(all.count > 1 || idealName != nil ? all[index].label(or: value.name) : "")
      let mark = curves[index].count > 40 ? "lines" : "linespoints pointtype 7 pointsize 0.55"
      // Once colours repeat, lines are dashed and dotted.
      let dash = index < Self.palette.count ? "" : "dashtype 4 "
      plots.append(
        "\(name) using 1:2 with \(mark) linewidth 2 \(dash)linecolor rgb "
          + "'#\(Self.color(index))' \(title)")
    }
    reference(value)
  }

  private static func band(_ data: String, _ index: Int) -> String {
    "\(data) using 1:3:4 with filledcurves fillstyle transparent solid 0.18 noborder "
      + "linecolor rgb '#\(color(index))' notitle"
  }

  /// The ideal curve of every series, drawn once if it is the same for all.
  private mutating func ideal(
    _ curves: [[[Double]]], _ data: [String], column: Int, _ labels: [String]
  ) {
    let ideals = curves.map { $0.map { [$0[0], $0[column - 1]] } }
    let isOne = ideals.allSatisfy { $0 == ideals[0] }
    for index in isOne ? 0..<1 : ideals.indices {
      let color = isOne ? "555555" : Self.color(index)
      let title = index == 0 ? legend("ideal") : "notitle"
      plots.append(
        "\(data[index]) using 1:\(column) with lines dashtype 2 linewidth 1.5 "
          + "linecolor rgb '#\(color)' \(title)")
    }
  }

  /// The horizontal axis of curves; a logarithmic one has a tic at each value.
  private mutating func spreadX(_ values: [Double], _ column: ColumnDescription) {
    guard let low = values.min(), let high = values.max() else { return }
    let distinct = Set(values).sorted()
    if figure.logX {
      settings.append("set logscale x")
      let margin = high > low ? (high / low).squareRoot().squareRoot().squareRoot() : 2
      set("x", low / margin...high * margin)
      if distinct.count <= 12 {
        let list = distinct.map { "'\(Self.number($0))' \(Self.number($0))" }
        settings.append("set xtics (\(list.joined(separator: ", ")))")
      }
    } else {
      let margin = high > low ? (high - low) * 0.03 : 0.5
      set("x", low - margin...high + margin)
    }
  }
}

extension GnuplotScript.Series {
  /// The source's label, or another if it has none.
  fileprivate func label(or other: String) -> String { label.isEmpty ? other : label }
}
