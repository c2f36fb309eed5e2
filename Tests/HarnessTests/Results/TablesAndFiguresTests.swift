import AISHarness
import Foundation
import HDF5
import TestSupport
import Testing

@Suite struct TablesAndFiguresTests {
  let folder: ResultFolder

  init() throws { folder = try ResultFolder() }

  @Test func tablesAndFiguresComeBackFromTheFile() throws {
    var result = FigureFixtures.result(variant: "soft")
    result.figures[0].reference = .infinity
    try ResultFile.write(result, to: folder.file)
    let read = try ResultFile.read(folder.file)
    #expect(read == result)
    #expect(read.provenance.variant == "soft" && !read.showsRows)
    #expect(read.tables.map(\.isShown) == [true, true, false, false])
    #expect(read.tables == result.tables && read.figures == result.figures)
  }

  @Test func tablesLieInTheFileAsRowsDo() throws {
    try ResultFile.write(FigureFixtures.result(variant: ""), to: folder.file)
    let file = try HDF5File.open(folder.file)
    #expect(
      try file.children() == ["facts", "figures", "raw", "rows", "summary", "tables", "timings"])
    #expect(
      try file.attribute("columns", as: [String].self, on: "/tables/agreement")
        == ["category", "agreement", "lower", "upper"])
    #expect(
      try file.attribute("title", as: String.self, on: "/tables/agreement")
        == "Agreement by category")
    #expect(try file.attribute("is_shown", as: Int.self, on: "/tables/points") == 0)
    #expect(
      try file.attribute("show", as: String.self, on: "/tables/agreement/lower") == "percent 1")
    #expect(try file.read(Double.self, from: "/tables/agreement/agreement").count == 8)
  }

  @Test func aRunKeepsThemWithItsVerdict() throws {
    let run = try ResultRun<SampleRow>(folder.file, provenance: .sample(), resume: false)
    try run.append(.sample(0))
    var report = Report()
    report.judge("KL", .met(true, measured: "0.2", asked: "≥ 0.1"))
    report.tabulate(FigureFixtures.cells())
    report.draw(FigureFixtures.heatmap)
    try run.finish(report, card: .sample)
    let read = try ResultFile.read(folder.file)
    #expect(read.tables.map(\.name) == ["criteria", FigureFixtures.cells().name])
    #expect(read.tables[1] == FigureFixtures.cells() && read.figures == [FigureFixtures.heatmap])
    #expect(read.provenance.verdict == .supported)
  }

  @Test func aResultOfAnEarlierLayoutIsReadAndShown() throws {
    var written = FigureFixtures.result(variant: "")
    written.provenance.variant = nil
    try ResultFile.write(written, to: folder.file)
    // A file of the first layout: no tables, no figures, and no presentation of columns.
    let file = try HDF5File.open(folder.file, .readWrite)
    for group in ["/tables", "/figures", "/rows"] { try file.delete(group) }
    try file.createGroup("/rows")
    try file.setAttribute("columns", ["tokens"], on: "/rows")
    try file.write([Int64(5), 7], to: "/rows/tokens")
    let said = [
      "kind": "integer", "unit": "tokens", "description": "length", "compare": "exact",
      "show": "automatic",
    ]
    for (name, text) in said { try file.setAttribute(name, text, on: "/rows/tokens") }
    try file.close()

    let result = try ResultFile.read(folder.file)
    #expect(result.tables.isEmpty && result.figures.isEmpty && result.showsRows)
    #expect(result.provenance.variant == nil)
    #expect(result.rows == [[.integer(5)], [.integer(7)]])
    // Such a file has no variant; its name has it.
    let names = ["exp099/model-f32.h5", "exp099/model-f32-soft.h5"]
    let results = ResultCollection("exp099", names.map { ($0, result) })
    #expect(results.members.map(\.label) == ["default", "soft"])
  }

  @Test func aFigureOfAnEarlierLayoutHasTheDefaults() throws {
    let text = #"""
      {"kind":{"lines":{"ideal":"ideal","value":"speedup","x":"batch"}},"logX":true,\
      "name":"decode","reference":1,"table":"curve","title":"Speed","xLabel":"batch","yLabel":""}
      """#.replacing("\\\n", with: "")
    let figure = try JSONDecoder().decode(Figure.self, from: Data(text.utf8))
    #expect(
      figure
        == Figure(
          name: "decode", title: "Speed", table: "curve",
          kind: .lines(
            x: "batch", value: "speedup", lower: nil, upper: nil, series: nil, ideal: "ideal"),
          xLabel: "batch", reference: 1, logX: true))
  }

  @Test func everyPartOfAFigureComesBackFromTheFile() throws {
    var result = FigureFixtures.result(variant: "")
    var figure = FigureFixtures.points
    figure.note = "agreement: 98 %"
    figure.panels = "kind"
    (figure.panelPerFile, figure.yFromZero, figure.yRange) = (true, true, 0.5...1)
    result.figures = [figure]
    result.tables.append(FigureFixtures.ways())
    try ResultFile.write(result, to: folder.file)
    #expect(try ResultFile.read(folder.file).figures == [figure])
  }

  @Test func aFigureWhoseNameLeadsElsewhereIsRefused() throws {
    let result = FigureFixtures.result(variant: "")
    try ResultFile.write(result, to: folder.file)
    let file = try HDF5File.open(folder.file, .readWrite)
    try file.write(
      [#"{"kind":{},"name":"../../x","table":"t","title":""}"#], shape: [], to: "/figures/x")
    try file.setAttribute("names", ["x"], on: "/figures")
    try file.close()
    #expect(
      message { _ = try ResultFile.read(folder.file) }
        .hasSuffix("/figures/x: expected a figure, found other text"))
  }
}
