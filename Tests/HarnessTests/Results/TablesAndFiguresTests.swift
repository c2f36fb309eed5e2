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
    let table = try read.table(of: SampleRow.self, file: folder.file)
    #expect(table.tables == result.tables && table.figures == result.figures)
  }

  @Test func tablesLieInTheFileAsRowsDo() throws {
    try ResultFile.write(FigureFixtures.result(variant: ""), to: folder.file)
    let file = try HDF5File.open(folder.file)
    #expect(try file.children() == ["figures", "rows", "summary", "tables", "timings"])
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
    try run.finish(
      verdict: .supported, tables: [FigureFixtures.cells()], figures: [FigureFixtures.heatmap],
      showsRows: false)
    let read = try ResultFile.read(folder.file)
    #expect(read.tables == [FigureFixtures.cells()] && read.figures == [FigureFixtures.heatmap])
    #expect(!read.showsRows)
  }

  @Test func aResultOfAnEarlierLayoutIsReadAndShown() throws {
    let file = "exp012/SmolLM2-135M-Instruct.Q4_1-f32.h5"
    let path = ReferenceFiles.repository.appendingPathComponent("Results/\(file)").path
    let result = try ResultFile.read(path)
    #expect(result.tables.isEmpty && result.figures.isEmpty && result.showsRows)
    #expect(result.provenance.variant == nil && result.rows.count == 128)
    let results = ResultCollection("exp012", [(file, result)])
    #expect(results.members.map(\.label) == [""])
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
