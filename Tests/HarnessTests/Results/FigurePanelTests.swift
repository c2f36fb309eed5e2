import AISHarness
import Foundation
import Testing

/// Small multiples, and what becomes of curves that are too many for one panel.
@Suite struct FigurePanelTests {
  typealias Fixtures = FigureFixtures

  private func script(_ figure: Figure, files: [String] = [""], modes: Int = 2) throws -> String {
    let rows = (0..<modes).flatMap { mode in
      [1, 2, 4].map { batch in
        Fixtures.CurveRow(
          batch: batch, mode: "mode \(mode)", speedup: 1 + Double(mode) / 10, lower: 1, upper: 2,
          ideal: 2)
      }
    }
    let table = DerivedTable("speed", title: "Speed", rows: rows)
    return try GnuplotScript(figure, files.map { .init(label: $0, table: table) }).text()
  }

  private func panels(_ text: String) -> Int { text.components(separatedBy: "\nplot ").count - 1 }

  private func count(_ label: String, in text: String) -> Int {
    text.components(separatedBy: "set label '\(label)'").count - 1
  }

  private static func lines(series: String?) -> Figure {
    Figure(
      name: "speed", title: "Speed", table: "speed",
      kind: .lines(
        x: "batch", value: "speedup", lower: "lower", upper: "upper", series: series, ideal: nil))
  }

  @Test func eachValueOfAColumnHasAPanelUnderOneLegend() throws {
    var figure = Self.lines(series: nil)
    figure.panels = "mode"
    let text = try script(figure, files: ["hard", "soft"], modes: 5)
    #expect(panels(text) == 5)
    for mode in 0..<5 { #expect(count("mode \(mode)", in: text) == 1) }
    #expect(count("hard", in: text) == 1 && count("soft", in: text) == 1)
    // Three columns: the axes are labelled once, at the left and below.
    let left = Set(text.matches(of: /set lmargin at screen ([0-9.]+)/).map { String($0.1) })
    let tops = Set(text.matches(of: /set tmargin at screen ([0-9.]+)/).map { String($0.1) })
    #expect(left.count == 3 && tops.count == 2)
    #expect(text.components(separatedBy: "set yrange").count == 2)
    #expect(count("requests at a time", in: text) == 1 && count("4", in: text) == 3)
    // What the panels' titles say, the legend does not repeat.
    var same = Self.lines(series: "mode")
    same.panels = "mode"
    #expect(try script(same, files: ["hard", "soft"], modes: 5) == text)
  }

  @Test func aNumberThatNamesAPanelSaysOfWhat() throws {
    var figure = Self.lines(series: "mode")
    figure.panels = "batch"
    let text = try script(figure)
    #expect(panels(text) == 3 && count("batch 4", in: text) == 1)
  }

  @Test func aFileCanBeAPanelInsteadOfASeries() throws {
    var figure = Self.lines(series: "mode")
    #expect(try panels(script(figure, files: ["hard", "soft"])) == 1)
    #expect(try count("hard, mode 1", in: script(figure, files: ["hard", "soft"])) == 1)
    figure.panelPerFile = true
    let text = try script(figure, files: ["hard", "soft"])
    #expect(panels(text) == 2 && count("hard", in: text) == 1 && count("mode 1", in: text) == 1)
    // Alone, a file needs no panel of its own.
    #expect(try panels(script(figure)) == 1)
    figure.panels = "batch"
    let both = try script(figure, files: ["hard", "soft"])
    #expect(panels(both) == 6 && count("soft, batch 2", in: both) == 1)
  }

  @Test func figuresOfSeveralFilesAreOneIfEachFileIsAPanel() {
    func names(_ panelPerFile: Bool) -> [String] {
      let files = ["hard", "soft"].map { variant in
        var result = FigureFixtures.result(variant: variant)
        var figure = Fixtures.heatmap
        figure.panelPerFile = panelPerFile
        figure.note = "top-1 agreement of \(variant)"
        result.figures = [figure]
        return ("exp099/\(variant).h5", result)
      }
      return FigurePlan.drawings(of: ResultCollection("exp099", files)).map {
        "\($0.stem): \($0.figure.note ?? "")"
      }
    }
    #expect(
      names(false)
        == ["layers-hard: top-1 agreement of hard", "layers-soft: top-1 agreement of soft"])
    #expect(
      names(true) == ["layers: hard: top-1 agreement of hard; soft: top-1 agreement of soft"])
  }

  @Test func moreThanEightCurvesBecomePanels() throws {
    let figure = Self.lines(series: "mode")
    #expect(try panels(script(figure, modes: 8)) == 1)
    #expect(try panels(script(figure, files: ["hard", "soft"], modes: 4)) == 1)
    #expect(try panels(script(figure, files: ["hard", "soft"], modes: 5)) == 2)
    #expect(try panels(script(figure, modes: 9)) == 9)
    let many = try script(figure, files: ["hard", "soft"], modes: 12)
    #expect(panels(many) == 12 && count("hard", in: many) == 1)
  }

  @Test func aSeriesHasTheSameColourInEveryPanel() throws {
    var rows = [("a", "x"), ("a", "y"), ("b", "y")].flatMap { panel, mode in
      let ideal = panel == "a" ? 1.0 : 2
      return [1, 2].map { Fixtures.CurveRow(batch: $0, mode: mode, speedup: 1, ideal: ideal) }
    }
    rows.sort { $0.ideal < $1.ideal }
    var figure = Self.lines(series: "mode")
    figure.panels = "ideal"
    let text = try GnuplotScript(
      figure, [.init(label: "", table: DerivedTable("speed", title: "t", rows: rows))]
    ).text()
    let plots = text.components(separatedBy: "\nplot ").dropFirst()
    #expect(plots.count == 2)
    #expect(plots.first?.contains("linecolor rgb '#0072B2'") == true)
    // Only `y` is in the second panel, in its second colour.
    let last = try #require(plots.last?.components(separatedBy: "unset multiplot").first)
    #expect(last.contains("#D55E00") && !last.contains("#0072B2"))
  }

  @Test func curvesThatEndTogetherAreLabelledThereAndOthersInALegend() throws {
    // A label at a curve's end is joined to it by a thin line.
    let thin = "linewidth 0.8"
    #expect(try script(Self.lines(series: "mode")).components(separatedBy: thin).count == 3)
    let rows = [("a", [1, 2, 4]), ("b", [1, 2])].flatMap { mode, batches in
      batches.map { Fixtures.CurveRow(batch: $0, mode: mode, speedup: 1) }
    }
    let text = try GnuplotScript(
      Self.lines(series: "mode"),
      [.init(label: "", table: DerivedTable("speed", title: "t", rows: rows))]
    ).text()
    #expect(!text.contains(thin) && count("b", in: text) == 1)
  }
}
