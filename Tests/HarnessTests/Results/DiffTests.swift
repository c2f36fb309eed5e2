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
    var result = StoredResult(provenance, rows: [row, SampleRow()], summary: summary)
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
    #expect(
      diff.notes == ["rows are paired by order: no columns compared exactly identify them"])
  }

  private func many(_ count: Int, _ change: (Int, inout SampleRow) -> Void) -> StoredResult {
    let rows = (0..<count).map { index in
      var row = SampleRow(
        layer: index, klBaseSkip: Double(index % 7), agreement: 0, isExact: index % 2 == 0)
      change(index, &row)
      return row
    }
    return StoredResult(.sample(), rows: rows)
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
        "is_exact: 11 of 100 rows, most at layer 0: true → false (exact); 10 lost, 1 gained, "
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

  // MARK: Pairs

  @Test func theOrderOfRowsIsNoDifference() {
    let before = many(100) { _, _ in }
    let shuffled = many(100) { index, row in
      row.layer = index * 37 % 100
      row.klBaseSkip = Double(row.layer % 7)
      row.isExact = row.layer % 2 == 0
    }
    #expect(before.rows != shuffled.rows)
    #expect(ResultDiff(before, shuffled).text == "equal within the columns' rules")
    // Pairs by key, too, are what statistics of differences are about.
    let moved = many(100) { index, row in
      row.layer = index * 37 % 100
      row.klBaseSkip = Double(row.layer % 7) + 0.5
      row.isExact = row.layer % 2 == 0 && row.layer >= 20
    }
    #expect(
      ResultDiff(before, moved).differences == [
        "kl_base_skip: 100 of 100 rows, most at layer 0: 0.0 → 0.5 nats (relative 0.01); mean "
          + "difference 0.5 nats, 95 % in [0.5, 0.5], n = 100: beyond noise",
        "is_exact: 10 of 100 rows, most at layer 0: true → false (exact); 10 lost, 0 gained, "
          + "exact McNemar p = 0.001953: beyond noise",
      ])
  }

  @Test func rowsOfOneFileAloneAreNamedByTheirKeys() {
    let before = many(100) { _, _ in }
    var after = before
    after.rows.remove(at: 40)
    #expect(ResultDiff(before, after).differences == ["rows only in A: 1 of 100 (layer 40)"])
    #expect(ResultDiff(after, before).differences == ["rows only in B: 1 of 100 (layer 40)"])
    let later = many(100) { index, row in
      row.layer += 4
      row.klBaseSkip = Double(row.layer % 7)
      row.isExact = row.layer == 50
    }
    #expect(
      ResultDiff(before, later).differences == [
        "rows only in A: 4 of 100 (layer 0; layer 1; layer 2; …)",
        "rows only in B: 4 of 100 (layer 100; layer 101; layer 102; …)",
        "is_exact: 47 of 96 rows, most at layer 4: true → false (exact); 47 lost, 0 gained, "
          + "exact McNemar p = 1.421e-14: beyond noise",
      ])
  }

  @Test func theKeyIsTheShortestPrefixThatIdentifiesEveryRow() {
    let text = "a \"plan\"\nof two lines"
    func grid(_ change: (inout SampleRow) -> Void = { _ in }) -> StoredResult {
      many(20) { index, row in
        row.layer = index / 2
        row.category = text
        change(&row)
      }
    }
    // Layer and is_exact together identify a row, so that category is compared like any other.
    let diff = ResultDiff(
      grid(), grid { if $0.layer == 3, !$0.isExact { $0.category = "other" } })
    #expect(
      diff.differences == [
        "category: 1 of 20 rows, most at layer 3, is_exact false: "
          + #""a "plan"\nof two lines" → "other" (exact)"#
      ])
    #expect(diff.notes.isEmpty)
    // What identifies the rows of one file must identify those of the other.
    let same = ResultDiff(grid(), grid { if $0.layer == 3 { $0.isExact = true } })
    #expect(same.notes == ["rows are paired by order: no columns compared exactly identify them"])
    #expect(same.differences.count == 1 && same.differences[0].contains("most in row 7"))
  }

  @Test func aKeysColumnsMayLieElsewhereInTheOtherFile() {
    let before = many(10) { _, _ in }
    var after = before
    after.columns.swapAt(0, 3)
    for row in after.rows.indices { after.rows[row].swapAt(0, 3) }
    #expect(ResultDiff(before, after).isEqual && ResultDiff(after, before).isEqual)
    after.rows.removeFirst()
    #expect(ResultDiff(before, after).differences == ["rows only in A: 1 of 10 (layer 0)"])
  }

  @Test func rowsWithoutAKeyAreTwoSamplesWhereTheyMayBeAboutOtherThings() {
    func samples(shift: Int, every: Int) -> StoredResult {
      many(100) { index, row in
        row.layer = index % 10 + shift
        row.isExact = index % every == 0
      }
    }
    let before = samples(shift: 0, every: 2)
    let lines = ResultDiff(before, samples(shift: 1, every: 4)).differences
    #expect(lines.count == 2)
    #expect(lines.last?.contains("unpaired: 0.5 → 0.25, 95 % in [0.40") == true)
    #expect(lines.last?.hasSuffix("beyond noise") == true)
    let pairs = ResultDiff(before, samples(shift: 0, every: 4)).differences
    #expect(pairs.count == 1 && pairs[0].contains("25 lost, 0 gained"))
  }

  // MARK: Origin

  @Test func resultsOfTwoDevicesAreNeverEqual() {
    let gpu = result { $0.provenance.libraryVersions.append("device cuda") }
    let diff = ResultDiff(result(), gpu)
    #expect(
      diff.differences == ["device: cpu in A, cuda in B: rows of two devices are never equal"])
    #expect(!diff.isEqual && !diff.text.contains("equal within"))
    let other = result { $0.provenance.libraryVersions.append("device cuda A, CUDA 13.0") }
    #expect(
      ResultDiff(gpu, other).text
        == "device: cuda in A, cuda A, CUDA 13.0 in B: rows of two devices are never equal")
    #expect(ResultDiff(gpu, gpu).isEqual)
    // A file that names no device is of the only one that there was.
    #expect(
      ResultDiff(result(), result { $0.provenance.libraryVersions.append("device cpu") }).text
        == "equal within the columns' rules")
  }

  @Test func librariesAndKernelsAreNoted() {
    let diff = ResultDiff(
      result { $0.provenance.libraryVersions.append("kernels avx2 aa") },
      result {
        $0.provenance.libraryVersions = ["openblas 0.3.29", "Swift 6.1", "kernels avx2 bb"]
      })
    #expect(
      diff.isEqual
        && diff.notes == [
          "kernels: avx2 aa → avx2 bb", "Swift: not named → 6.1", "hdf5: 1.10.8 → not named",
          "openblas: 0.3.21 → 0.3.29",
        ])
  }

  // MARK: Times and tables

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
      lines.first == "table agreement, agreement: 8 of 8 rows, most at category "
        + "\"brainstorming\": 0.97 → 0.47 (exact)")
    #expect(lines.suffix(2) == ["table cells: is gone", "table points: is new"])
  }
}
