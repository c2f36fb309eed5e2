import AISHarness
import Foundation
import Testing

@Suite struct FigureTests {
  typealias Fixtures = FigureFixtures

  private func script(
    _ figure: Figure, _ tables: [(label: String, table: DerivedTable)]
  ) throws -> String {
    try GnuplotScript(figure, tables.map { .init(label: $0.label, table: $0.table) })
      .text()
  }

  @Test func aScatterKeepsTheOrderOfItsRowsAndNamesItsGroups() throws {
    let text = try script(Fixtures.scatter, [("", Fixtures.points(2_000))])
    // 0x66 transparent, then the first two colours.
    let data = text.split(separator: "\n").drop { !$0.hasPrefix("$data0") }.dropFirst()
    #expect(data.first?.hasSuffix(" \(0x66_00_72_B2)") == true)
    #expect(data.dropFirst().first?.hasSuffix(" \(0x66_D5_5E_00)") == true)
    #expect(data.prefix { $0 != "END" }.count == 2_000)
    #expect(text.contains("keyentry with points pointtype 7 pointsize 0.9 linecolor rgb '#0072B2'"))
    #expect(text.contains("title 'information_extraction'"))
  }

  @Test func aHeatMapHasAPlaceForEveryValueAndABar() throws {
    let text = try script(Fixtures.heatmap, [("", Fixtures.cells())])
    #expect(text.contains("set xrange [-0.5:29.5]") && text.contains("set yrange [7.5:-0.5]"))
    #expect(text.contains("'brainstorming' 0, 'classification' 1"))
    #expect(text.contains("set cblabel 'mean KL(base‖skip) (nats)'"))
    #expect(text.contains("\n17 3 16.5 17.5 2.5 3.5 NaN\n"))
  }

  @Test func intervalsOfSeveralFilesStandSideBySideUnderTheThreshold() throws {
    let alone = try script(Fixtures.intervals, [("", Fixtures.agreement())])
    #expect(alone.contains("\n0 97 92 100\n") && alone.contains("set ylabel 'top-1 agreement (%)'"))
    #expect(alone.contains("95 with lines dashtype 2") && alone.contains("title 'threshold 95 %'"))
    #expect(!alone.contains("title ''"))
    let two = try script(
      Fixtures.intervals,
      [("hard", Fixtures.agreement(shift: 0.2)), ("soft", Fixtures.agreement())])
    #expect(two.contains("\n-0.1 77 72 80\n") && two.contains("\n0.1 97 92 100\n"))
    #expect(two.contains("title 'hard'") && two.contains("title 'soft'"))
  }

  @Test func linesHaveBandsAndOneIdeal() throws {
    let text = try script(Fixtures.lines, [("", Fixtures.curves())])
    #expect(text.contains("set logscale x") && text.contains("set xtics ('1' 1, '2' 2, '4' 4"))
    #expect(text.contains("set ylabel 'decode (tokens/s)'"))
    #expect(text.contains("$data0 using 1:3:4 with filledcurves"))
    #expect(text.components(separatedBy: "title 'ideal'").count == 2)
    #expect(text.contains("title 'hard'") && text.contains("title 'bridge'"))
  }

  @Test func barsBeginAtZero() throws {
    let text = try script(
      Fixtures.bars, [("a", Fixtures.agreement()), ("b", Fixtures.agreement(shift: 0.1))])
    #expect(text.contains("with boxes fillstyle solid") && text.contains("set title 'Agreement''s"))
    let range = try #require(text.firstMatch(of: /set yrange \[(-?[0-9.]+):([0-9.]+)\]/))
    #expect(Double(range.1).map { $0 <= 0 && $0 > -2 } == true)
  }

  @Test func whatCannotBeDrawnIsOneClearError() {
    var figure = Fixtures.bars
    figure = Figure(
      name: "bars", title: "t", table: "agreement",
      kind: .bars(category: "category", value: "speed", series: nil))
    #expect(
      message { _ = try script(figure, [("", Fixtures.agreement())]) }
        == "figure bars: expected a column speed in table agreement, found none")
    let nothing = DerivedTable(
      "agreement", title: "t", rows: [Fixtures.CategoryRow(category: "a", agreement: .nan)])
    #expect(
      message { _ = try script(Fixtures.bars, [("", nothing)]) }
        == "figure bars: no finite values to draw in table agreement")
  }

  @Test(arguments: [
    (Fixtures.scatter, Fixtures.points(300)), (Fixtures.heatmap, Fixtures.cells()),
    (Fixtures.intervals, Fixtures.agreement()), (Fixtures.lines, Fixtures.curves()),
    (Fixtures.bars, Fixtures.agreement()),
  ])
  func everyPictureIsWellFormedAndTheSameTwice(figure: Figure, table: DerivedTable) throws {
    guard let renderer = FigureRenderer() else {
      FileHandle.standardError.write(Data("*** NO GNUPLOT: pictures are NOT TESTED ***\n".utf8))
      return
    }
    let folder = try ResultFolder()
    var odd = figure
    odd.reference = 0.5
    odd.referenceLabel = "<a & 'b'>\n\u{1}`date`"
    let script = try GnuplotScript(odd, [.init(label: "", table: table)])
    let files = ["a.svg", "b.svg"].map { URL(fileURLWithPath: folder.path + "/" + $0) }
    for file in files { try renderer.draw(script, to: file) }
    let picture = try folder.bytes(files[0].path)
    #expect(try picture == folder.bytes(files[1].path) && picture.count > 2_000)
    #expect(try folder.names == ["a.svg", "b.svg"])
    let text = String(decoding: picture, as: UTF8.self)
    #expect(!text.contains("GNUPLOT") && text.contains("`date`") || figure.isShownWithoutLine)
    // Every element is closed, in order.
    var open: [Substring] = []
    for tag in text.matches(of: /<(\/?)([a-zA-Z]+)[^>]*?(\/?)>/) {
      if tag.1 == "/" {
        #expect(open.popLast() == tag.2)
      } else if tag.3.isEmpty {
        open.append(tag.2)
      }
    }
    #expect(open.isEmpty && !text.contains("& '"))
  }

  @Test func noGnuplotIsNoRenderer() {
    #expect(FigureRenderer(environment: ["PATH": "/nowhere:"]) == nil)
  }
}

extension Figure {
  /// Whether this kind of figure ignores a reference value.
  fileprivate var isShownWithoutLine: Bool {
    if case .heatmap = kind { return true }
    return false
  }
}
