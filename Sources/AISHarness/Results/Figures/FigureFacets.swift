/// The panels of a figure, and the series in each.
struct FigureFacets {
  /// Rows of one file that are drawn in one colour.
  struct Series {
    let label: String
    let source: GnuplotScript.Source
    let rows: [Int]
    /// The number of its style, the same in all panels.
    var style = 0
  }

  struct Panel {
    let title: String
    var series: [Series]
  }

  /// The most curves that a reader can follow in one panel.
  static let mostCurves = 8
  private static let mostPanels = 60

  private(set) var panels: [Panel]
  /// The distinct labels of series, at the index of their styles.
  let labels: [String]

  /// The facets of a figure whose series are the texts of a column, and the files.
  ///
  /// With a limit, more series than that in one panel become panels: one per file if that is
  /// enough, else one per text. Throws `FigureError` if a column is missing.
  init(_ script: GnuplotScript, series column: String?, limit: Int = .max) throws {
    let figure = script.figure
    // A panel's title already says what its only series would.
    let series = figure.panels == column ? nil : column
    var ways = [(figure.panelPerFile, figure.panels, series)]
    if figure.panels == nil, !figure.panelPerFile {
      ways += [(true, nil, column), (false, column, nil)]
    }
    var panels: [Panel] = []
    for way in ways {
      panels = try Self.panels(script, perFile: way.0, panels: way.1, series: way.2)
      if panels.allSatisfy({ $0.series.count <= limit }) { break }
    }
    guard panels.count <= Self.mostPanels else {
      throw FigureError(
        figure: figure.name,
        problem: "expected at most \(Self.mostPanels) panels, found \(panels.count)")
    }
    var seen: Set<String> = []
    labels = panels.flatMap { $0.series.map(\.label) }.filter { seen.insert($0).inserted }
    let styles = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
    for panel in panels.indices {
      for index in panels[panel].series.indices {
        panels[panel].series[index].style = styles[panels[panel].series[index].label] ?? 0
      }
    }
    self.panels = panels
  }

  private static func panels(
    _ script: GnuplotScript, perFile: Bool, panels: String?, series: String?
  ) throws -> [Panel] {
    let perFile = perFile && script.sources.count > 1
    let files = perFile ? script.sources.map { ($0.label, [$0]) } : [("", script.sources)]
    return try files.flatMap { title, sources -> [Panel] in
      let splits = try sources.map { source in
        (source, try split(source, by: panels, Array(source.table.rows.indices), script))
      }
      var seen: Set<String> = []
      let names = splits.flatMap { $0.1.map(\.name) }.filter { seen.insert($0).inserted }
      return try names.map { name in
        let series = try splits.flatMap { source, parts in
          try parts.filter { $0.name == name }.flatMap { part in
            try split(source, by: series, part.rows, script).map { piece in
              Series(
                label: joined(perFile ? "" : source.label, piece.name), source: source,
                rows: piece.rows)
            }
          }
        }
        return Panel(title: joined(title, name), series: series)
      }
    }
  }

  /// Rows by the distinct values of a column; all under an empty name without one.
  private static func split(
    _ source: GnuplotScript.Source, by name: String?, _ rows: [Int], _ script: GnuplotScript
  ) throws -> [(name: String, rows: [Int])] {
    guard let name else { return [("", rows)] }
    let (column, values) = try script.column(name, of: source)
    let places = PlotPlaces(column, rows.map { values[$0] })
    let groups = Dictionary(grouping: rows) { places.place(values[$0]) }
    return places.names(column).enumerated().map { ($1, groups[Double($0)] ?? []) }
  }

  private static func joined(_ first: String, _ second: String) -> String {
    [first, second].filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// Whether a panel has several series, so that a legend has to name them.
  var isNamed: Bool { labels.count > 1 }
}
