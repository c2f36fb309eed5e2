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
    // Circles, 0x66 transparent, in the first two colours.
    let data = text.split(separator: "\n").drop { !$0.hasPrefix("$p0b0") }.dropFirst()
    #expect(data.first?.hasSuffix(" 7 \(0x66_00_72_B2)") == true)
    #expect(data.dropFirst().first?.hasSuffix(" 7 \(0x66_D5_5E_00)") == true)
    #expect(data.prefix { $0 != "END" }.count == 2_000)
    #expect(text.contains("point pointtype 7 pointsize 0.8 linecolor rgb '#0072B2'"))
    #expect(text.contains("set label 'information extraction' at screen"))
  }

  @Test func aHeatMapHasAPlaceForEveryValueAndABar() throws {
    let text = try script(Fixtures.heatmap, [("", Fixtures.cells())])
    #expect(text.contains("set xrange [-0.5:29.5]") && text.contains("set yrange [7.5:-0.5]"))
    #expect(text.contains("'brainstorming'") && text.contains("'closed qa'"))
    #expect(text.contains("set label 'mean KL(base‖skip) (nats)'"))
    #expect(text.contains("set colorbox horizontal") && text.contains("\n17 3 NaN\n"))
  }

  @Test func intervalsOfSeveralFilesStandSideBySideUnderTheThreshold() throws {
    // Long names stand at the vertical axis: the value comes first, then the place.
    let alone = try script(Fixtures.intervals, [("", Fixtures.agreement())])
    #expect(alone.contains("\n97 0 92 100\n") && alone.contains("'top-1 agreement (%)'"))
    #expect(alone.contains("with xerrorbars") && alone.contains("'threshold 95 %'"))
    #expect(alone.contains("set yrange [7.6:-0.6]"))
    let two = try script(
      Fixtures.intervals,
      [("hard", Fixtures.agreement(shift: 0.2)), ("soft", Fixtures.agreement())])
    #expect(two.contains("\n77 -0.1 72 80\n") && two.contains("\n97 0.1 92 100\n"))
    #expect(two.contains("'hard'") && two.contains("'soft'"))
  }

  @Test func shortNamesStandBelow() throws {
    let rows = ["a", "b"].map {
      Fixtures.CategoryRow(category: $0, agreement: 0.97, lower: 0.92, upper: 1)
    }
    let text = try script(
      Fixtures.intervals, [("", DerivedTable("agreement", title: "t", rows: rows))])
    #expect(text.contains("\n0 97 92 100\n") && text.contains("with yerrorbars"))
  }

  @Test func linesHaveBandsAndOneIdeal() throws {
    let text = try script(Fixtures.lines, [("", Fixtures.curves())])
    #expect(text.contains("set logscale x") && text.contains("set xtics ('' 1, '' 2, '' 4"))
    #expect(text.contains("'decode (tokens/s)'"))
    #expect(text.contains("using 1:3:4 with filledcurves"))
    #expect(text.components(separatedBy: "set label 'ideal'").count == 2)
    #expect(text.components(separatedBy: "using 1:2 with lines ").count == 2)
    #expect(text.contains("set label 'hard'") && text.contains("set label 'bridge'"))
  }

  @Test func barsBeginAtZero() throws {
    let text = try script(
      Fixtures.bars, [("a", Fixtures.agreement()), ("b", Fixtures.agreement(shift: 0.1))])
    #expect(text.contains("with boxxyerror fillstyle solid"))
    #expect(text.contains("set label 'Agreement''s bars'"))
    let range = try #require(text.firstMatch(of: /set xrange \[(-?[0-9.]+):([0-9.]+)\]/))
    #expect(Double(range.1).map { $0 <= 0 && $0 > -2 } == true)
    #expect(text.contains("\n97 -0.2 0 97 "))
  }

  @Test func pointsHaveWhiskersLabelsAndAFront() throws {
    let text = try script(Fixtures.points, [("", Fixtures.ways())])
    // The front's three points from left to right, then the whiskers, then the points.
    #expect(text.contains("$p0b0 << END\n1 98\n1.3 74\n1.6 50\nEND"))
    #expect(text.contains("$p0b1 << END\n1 98 0.95 1.08 \(0x44_00_72_B2)\n"))
    #expect(text.contains("with xerrorbars") && !text.contains("with yerrorbars"))
    #expect(text.contains("\n1 98 7 \(0x00_72_B2)\n1.1 90 5 \(0xD5_5E_00)\n"))
    for index in 0..<8 { #expect(text.contains("'layers \(8 + index)-\(15 + index)'")) }
    #expect(text.contains("'best at its speed'") && text.contains("'full model'"))
    let both = Figure(
      name: "ways", title: "t", table: "ways",
      kind: .points(x: "speed", y: "kept", yLower: "slower", yUpper: "faster"))
    #expect(try script(both, [("", Fixtures.ways())]).contains("with yerrorbars"))
  }

  @Test func aPointOutsideTheAxisHasNoLabel() throws {
    var figure = Fixtures.points
    figure.yRange = 0.45...1
    let text = try script(figure, [("", Fixtures.ways())])
    #expect(text.contains("'layers 14-21'") && !text.contains("'layers 15-22'"))
  }

  @Test func anAxisHoldsWhatTheFigureAsksFor() throws {
    func bottom(_ change: (inout Figure) -> Void) throws -> Double {
      var figure = Fixtures.lines
      change(&figure)
      let text = try script(figure, [("", Fixtures.curves(shift: 5))])
      let range = try #require(text.firstMatch(of: /set yrange \[(-?[0-9.]+):/))
      return try #require(Double(range.1))
    }
    #expect(try bottom { $0.yFromZero = true } <= 0)
    let ratio = try bottom { $0.reference = 1 }
    #expect(ratio <= 1 && ratio > 0)
    #expect(try bottom { $0.yRange = 3...9 } == 3)
    // A range that is none changes nothing.
    let usual = try bottom { _ in }
    #expect(try bottom { $0.yRange = 3...3 } == usual && usual > 1)
    #expect(try bottom { $0.yRange = 3...Double.infinity } == usual)
  }

  @Test func everyTextIsLargeEnoughAndInsideThePicture() throws {
    let figure = Figure(
      name: "long", title: String(repeating: "A title that is far too long ", count: 6),
      table: "agreement", kind: Fixtures.intervals.kind, yLabel: "top-1 agreement",
      note: String(repeating: "top-1 agreement of this plan: 0.0 %; ", count: 8))
    let text = try script(
      figure, [("a", Fixtures.agreement()), ("b", Fixtures.agreement(shift: 0.1))])
    let size = try #require(text.firstMatch(of: /set terminal svg size 700,(\d+)/))
    #expect(Double(size.1).map { $0 > 400 && $0 < 1_000 } == true)
    let labels = text.matches(
      of: /set label '([^\n]*)' at screen (-?[0-9.]+),(-?[0-9.]+) ([a-z]+) .*,([0-9.]+)' text/)
    #expect(labels.filter { $0.1.hasPrefix("A title") || $0.1.contains("far too") }.count > 1)
    #expect(labels.filter { $0.1.contains("top-1 agreement of this plan") }.count > 2)
    for label in labels {
      let place = [label.2, label.3].compactMap { Double($0) }
      let wide = 7 * Double(label.1.count) / 700
      #expect(place.allSatisfy { (0...1).contains($0) } && Double(label.5).map { $0 >= 12 } == true)
      if label.4 == "left" { #expect(place[0] + wide * 0.8 < 1.02, "\(label.1)") }
      if label.4 == "right" { #expect(place[0] - wide > -0.02, "\(label.1)") }
    }
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
    var split = Fixtures.bars
    split.panels = "shape"
    #expect(
      message { _ = try script(split, [("", Fixtures.agreement())]) }
        == "figure bars: expected a column shape in table agreement, found none")
    var crowded = Fixtures.scatter
    crowded.panels = "x"
    #expect(
      message { _ = try script(crowded, [("", Fixtures.points(200))]) }
        .hasPrefix("figure map: expected at most 60 panels, found "))
  }

  @Test(arguments: [1e300, -1.7e308, 5e-324, 0, 1e17])
  func extremeNumbersAreDrawnOrRefused(value: Double) throws {
    let rows = [value, value * 0.5, 1].map {
      Fixtures.CurveRow(
        batch: 1, mode: "a", speedup: $0, lower: $0, upper: $0, ideal: -$0)
    }
    let table = DerivedTable("speed", title: "t", rows: rows)
    for x in ["batch", "speedup"] {
      var figure = Figure(
        name: "speed", title: "t", table: "speed",
        kind: .lines(
          x: x, value: "speedup", lower: "lower", upper: "upper", series: "mode",
          ideal: "ideal"))
      for isLogarithmic in [false, true] {
        figure.logX = isLogarithmic
        do {
          #expect(!(try script(figure, [("", table)])).contains("set yrange [NaN"))
        } catch let error as FigureError {
          #expect(error.problem.hasPrefix("no finite values"))
        }
      }
    }
  }

  @Test(arguments: [
    (Fixtures.scatter, Fixtures.points(300)), (Fixtures.heatmap, Fixtures.cells()),
    (Fixtures.intervals, Fixtures.agreement()), (Fixtures.lines, Fixtures.curves()),
    (Fixtures.bars, Fixtures.agreement()), (Fixtures.points, Fixtures.ways()),
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
    // The card is there, and letters that a machine has not are replaced by others of their kind.
    #expect(text.contains("rx=\"6\" fill=\"#ffffff\" stroke=\"#d0d7de\""))
    #expect(text.contains("sans-serif\" font-weight=\"bold\"") && !text.contains(":Bold"))
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
