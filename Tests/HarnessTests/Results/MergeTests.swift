import AISHarness
import Testing

@Suite struct MergeTests {
  private func shard(
    _ indices: Range<Int>, _ change: (inout StoredResult) -> Void = { _ in }
  ) -> StoredResult {
    var provenance = Provenance.sample()
    provenance.isComplete = true
    provenance.verdict = .refuted
    provenance.wallSeconds = 10
    var result = ResultTable(rows: indices.map(SampleRow.sample)).stored(provenance)
    change(&result)
    return result
  }

  private func merge(_ shards: [StoredResult]) throws -> StoredResult {
    try ResultMerge.merge(
      shards.enumerated().map { ("s\($0).h5", $1) }, command: "ais results merge")
  }

  @Test func rowsFollowEachOtherAndOverlapsCountOnce() throws {
    let whole = try merge([shard(0..<8), shard(6..<12)])
    #expect(whole.rows == values((0..<12).map(SampleRow.sample)))
    let doubled = shard(0..<2) { $0.rows += $0.rows }
    #expect(try merge([doubled, shard(2..<3)]).rows.count == 5)
  }

  @Test func whatBelongsToAShardAloneIsLeftBehind() throws {
    let first = shard(0..<2) {
      $0.summary = [SummaryValue("n", 2, "rows")]
      $0.tables = [FigureFixtures.cells()]
      $0.timings = ["t": [1]]
    }
    let second = shard(2..<4) {
      $0.provenance.gitCommit = "def"
      $0.provenance.startedUTC = "2025-01-01T00:00:00Z"
    }
    let whole = try merge([first, second])
    #expect(ResultMerge.leavesBehind(first) && !ResultMerge.leavesBehind(second))
    #expect(!ResultMerge.leavesBehind(whole))
    let origin = whole.provenance
    #expect(origin.verdict == nil && origin.isComplete && origin.wallSeconds == 20)
    #expect(origin.gitCommit == "abc123 and def" && origin.command == "ais results merge")
    #expect(origin.startedUTC == "2025-01-01T00:00:00Z" && origin.parameters == ["alpha": "0.7"])
  }

  @Test func whatDiffersIsNamed() {
    func problem(_ change: (inout StoredResult) -> Void) -> String {
      message { _ = try merge([shard(0..<1), shard(1..<2, change)]) }
    }
    #expect(
      problem { $0.provenance.seed = 9 } == "s1.h5: cannot merge: seed is 9, but 7 in s0.h5")
    #expect(
      problem { $0.provenance.modelSHA256 = "cc" }
        == "s1.h5: cannot merge: model_sha256 is cc, but aa in s0.h5")
    #expect(
      problem { $0.columns.removeLast() }
        == "s1.h5: cannot merge: column 5: expected wall (real), found no more")
    #expect(
      problem { $0.provenance.isComplete = false }
        == "s1.h5: expected a whole result, found an unfinished one")
    #expect(message { _ = try merge([shard(0..<1)]) } == "s0.h5: expected two shards or more")
  }
}
