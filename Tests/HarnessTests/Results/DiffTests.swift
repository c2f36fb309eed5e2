import AISHarness
import Foundation
import Testing

@Suite struct DiffTests {
  private func result(_ change: (inout StoredResult) -> Void = { _ in }) -> StoredResult {
    let row = SampleRow(
      layer: 14_042, klBaseSkip: 1.23456, agreement: 0.953, isExact: true, category: "a|b",
      milliseconds: 5)
    let summary = [
      SummaryValue("speed", 1234.5, unit: "tokens/s", "decode", compare: .relative(0.1)),
      SummaryValue("plans", 3, "distinct plans"),
    ]
    var provenance = Provenance.sample()
    provenance.isComplete = true
    provenance.verdict = .supported
    var result = ResultTable(rows: [row, SampleRow()], summary: summary).stored(provenance)
    change(&result)
    return result
  }

  @Test func equalResultsAreEqualWhateverTheirTimings() {
    let diff = ResultDiff(
      result(),
      result {
        $0.rows[0][5] = .real(99)
        $0.rows[0][1] = .real(1.235)
        $0.timings = ["t": [1]]
        $0.provenance.gitCommit = "def"
      })
    #expect(diff.isEqual)
    #expect(diff.text == "equal within the columns' rules\nnote: git_commit: abc123 → def")
  }

  @Test func whatMovedIsNamedWithItsRule() {
    let diff = ResultDiff(
      result(),
      result {
        $0.rows[0][1] = .real(2)
        $0.rows[1][1] = .real(.nan)
        $0.rows[0][2] = .real(0.9535)
        $0.rows[1][4] = .text("x")
        $0.rows.append($0.rows[0])
        $0.summary[0] = SummaryValue("speed", 500.0, unit: "tokens/s", "decode")
        $0.summary[1] = SummaryValue("extra", 1, "new")
        $0.provenance.verdict = .refuted
      })
    #expect(!diff.isEqual)
    #expect(
      diff.differences == [
        "verdict: supported → refuted", "rows: 2 → 3",
        "kl_base_skip: 2 of 2 rows, most in row 1: 0.0 → nan nats (relative 0.01); unpaired: "
          + "mean 0.6173 → 2 nats, 95 % in [0, 1.235] and [2, 2]: beyond noise",
        "category: 1 of 2 rows, most in row 1: \"\" → \"x\" (exact)",
        "summary speed: 1234.5 → 500.0 tokens/s (relative 0.1)", "summary plans: is gone",
        "summary extra: is new",
      ])
  }

  private func many(_ count: Int, _ change: (Int, inout SampleRow) -> Void) -> StoredResult {
    let rows = (0..<count).map { index in
      var row = SampleRow(
        layer: index, klBaseSkip: Double(index % 7), agreement: 0, isExact: index % 2 == 0)
      change(index, &row)
      return row
    }
    return ResultTable(rows: rows).stored(.sample())
  }

  @Test func flipsAreCountedBothWaysWithMcNemar() {
    let before = many(100) { _, _ in }
    let after = many(100) { index, row in
      if index < 20, row.isExact { row.isExact = false }
      if index == 51 { row.isExact = true }
    }
    // 10 lost, 1 gained: p = 2 · (1 + 11) / 2¹¹.
    #expect(
      ResultDiff(before, after).differences == [
        "is_exact: 11 of 100 rows, most in row 0: true → false (exact); 10 lost, 1 gained, "
          + "exact McNemar p = 0.01172: beyond noise"
      ])
    let few = many(100) { index, row in if index == 0 { row.isExact = false } }
    #expect(
      ResultDiff(before, few).differences.first?.hasSuffix(
        "1 lost, 0 gained, exact McNemar p = 1: within noise") == true)
  }

  @Test func numbersAreJudgedByTheirPairedDifference() {
    let before = many(200) { _, _ in }
    let after = many(200) { index, row in row.klBaseSkip += index % 2 == 0 ? 0.3 : 0.1 }
    let line = ResultDiff(before, after).differences.first ?? ""
    #expect(line.contains("; mean difference 0.2 nats, 95 % in [0.1"))
    #expect(line.hasSuffix("n = 200: beyond noise"))
    let noisy = many(200) { index, row in row.klBaseSkip += index % 2 == 0 ? 1 : -1 }
    #expect(ResultDiff(before, noisy).differences.first?.hasSuffix("within noise") == true)
  }

  @Test func rowsThatAreAboutOtherThingsAreNotPaired() {
    let after = many(100) { index, row in
      row.layer += 1
      row.isExact = index % 4 == 0
    }
    let lines = ResultDiff(many(100) { _, _ in }, after).differences
    #expect(lines.count == 2 && lines.last?.contains("unpaired: 0.5 → 0.25, 95 % in [0.40") == true)
    #expect(lines.last?.hasSuffix("beyond noise") == true)
  }

  @Test func timesAreComparedByTheirMediansAndDecideNothing() {
    let times = (0..<40).map { 0.1 + 0.0001 * Double($0) }
    let diff = ResultDiff(
      result { $0.timings = ["decode": times, "same": times] },
      result { $0.timings = ["decode": times.map { $0 * 2 }, "same": times] })
    #expect(diff.isEqual && diff.notes.count == 1)
    #expect(diff.notes.first?.hasPrefix("timing decode: median 102 → 203.9 ms, 95 % in [") == true)
    #expect(diff.notes.first?.hasSuffix("beyond noise") == true)
  }

  @Test func derivedTablesAreComparedToo() {
    let before = result { $0.tables = [FigureFixtures.agreement(), FigureFixtures.cells()] }
    let after = result {
      $0.tables = [FigureFixtures.agreement(shift: 0.5), FigureFixtures.points(2)]
    }
    let lines = ResultDiff(before, after).differences
    #expect(
      lines.first == "table agreement, agreement: 8 of 8 rows, most in row 0: 0.97 → 0.47 (exact)")
    #expect(lines.suffix(2) == ["table cells: is gone", "table points: is new"])
  }
}
