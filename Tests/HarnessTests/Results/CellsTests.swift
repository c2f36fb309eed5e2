import AISHarness
import Testing

/// Tables that are computed from items, and what they are made of.
struct CellsTests {
  private struct Row: ResultRow {
    var name = ""
    var share = EstimateCells()

    static let columns = Column<Row>.list(
      [Column("name", \.name, "its name")],
      Column.estimate("share", \.share, "its share", .share))
  }

  private let estimate = Estimate(
    value: 0.5, interval: Interval(lower: 0.25, upper: 0.75), count: 20)

  @Test func aTableOfCellsIsThatOfTypedRows() {
    let typed = DerivedTable(
      "t", title: "T",
      rows: [Row(name: "a", share: EstimateCells(estimate)), Row(name: "b")])
    let items = [("a", Optional(estimate)), ("b", nil)]
    let computed = DerivedTable(
      "t", title: "T", of: items,
      [
        .cell("name", "its name") { $0.0 },
        .estimate("share", "its share", .share) { $0.1 },
      ])
    #expect(computed == typed)
  }

  @Test func aStyleIsItsThreeParts() {
    #expect(ValueStyle.plain == ValueStyle(unit: "", compare: .exact, show: .automatic))
    #expect(ValueStyle.share == ValueStyle(compare: .absolute(0.02), show: .percent(1)))
    #expect(
      ValueStyle.nats(4, within: 1e-3)
        == ValueStyle(unit: "nats", compare: .absolute(1e-3), show: .decimals(4)))
    #expect(
      ValueStyle.unchecked(1, unit: "ms")
        == ValueStyle(unit: "ms", compare: .ignored, show: .decimals(1)))
  }

  @Test func groupsKeepTheOrderOfTheirFirstRows() {
    let groups = ["b1", "a1", "b2", "c1", "a2"].grouped { $0.prefix(1) }
    #expect(groups.map(\.key) == ["b", "a", "c"])
    #expect(groups.map(\.rows) == [["b1", "b2"], ["a1", "a2"], ["c1"]])
  }

  @Test func aFigureFindsTheColumnsOfAnEstimate() {
    #expect(
      Figure.intervals("f", "F", of: "t", "share", by: "name").kind
        == .intervals(
          category: "name", value: "share", lower: "share_lower", upper: "share_upper",
          series: nil))
    #expect(
      Figure.lines(
        "f", "F", "share", by: "x", hasBand: false, series: "s", xLabel: "", yLabel: ""
      ).kind
        == .lines(x: "x", value: "share", lower: nil, upper: nil, series: "s", ideal: nil))
  }

  @Test func aGroupWithoutWhichNothingDiffersIsNamed() {
    let profiles = (0..<60).map { place -> [Double] in
      let wave = Double((place * 7) % 11) / 11
      return [place % 3 == 0 ? wave + 5 : wave, Double((place * 5) % 13) / 13]
    }
    let effect = GroupEffect(
      profiles, groups: (0..<60).map { ["a", "b", "c"][$0 % 3] },
      without: (0..<60).map { Double(($0 * 3) % 17) }, items: "prompts")
    #expect(effect.tests.map(\.leftOut) == ["none", "a", "b", "c"])
    #expect(effect.tests.map(\.count) == [60, 40, 40, 40])
    #expect(effect.needed.map(\.leftOut) == ["a"])
    #expect(effect.finding.outcome == .holds)
    #expect(effect.words("groups").contains("not detectably without a"))
  }

  @Test func aProgramAnswersALineWithALine() throws {
    let echo = try LineProcess("/bin/cat", [], name: "cat", farewell: "")
    let answer: [String: Int] = try echo.ask(["n": 3])
    #expect(answer == ["n": 3])
    #expect(throws: LineProcessError.self) { let _: Int = try echo.ask(["n": 3]) }
  }
}
