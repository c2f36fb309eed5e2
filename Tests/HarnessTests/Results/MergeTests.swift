import AISHarness
import Testing

@Suite struct MergeTests {
  private static let total = 11

  private func shard(
    _ index: Int, of count: Int = 3, _ change: (inout StoredResult) -> Void = { _ in }
  ) throws -> StoredResult {
    let shard = try #require(Shard(index: index, count: count))
    var provenance = Provenance.sample()
    provenance.isComplete = true
    provenance.shard = shard
    provenance.shardItems = Self.total
    provenance.wallSeconds = 10
    provenance.makeLine = "make exp-099 ALPHA=0.7 SHARD=\(shard)"
    let rows = shard.range(of: Self.total).map(SampleRow.sample)
    var result = Evidence(rows: rows).stored(provenance)
    change(&result)
    return result
  }

  private func merge(_ shards: [StoredResult]) throws -> StoredResult {
    try ResultMerge.merge(
      shards.enumerated().map { ("s\($0).h5", $1) }, command: "ais results merge")
  }

  private func problem(_ shards: [StoredResult]) -> String { message { _ = try merge(shards) } }

  @Test(arguments: [2, 3, 5, 11, 20])
  func allShardsInAnyOrderGiveTheRowsOfTheWholeInItsOrder(count: Int) throws {
    let shards = try (0..<count).map { try shard($0, of: count) }
    let expected = values((0..<Self.total).map(SampleRow.sample))
    #expect(try merge(shards).rows == expected)
    #expect(try merge(shards.reversed()).rows == expected)
    #expect(shards.map(\.rows.count).max()! - shards.map(\.rows.count).min()! <= 1)
  }

  @Test func theWholeSaysWhereItComesFromAndIsUnfinished() throws {
    let whole = try merge([
      shard(0),
      shard(1) {
        $0.provenance.gitCommit = "def"
        $0.provenance.cpuModel = "Another"
        $0.provenance.startedUTC = "2025-01-01T00:00:00Z"
      }, shard(2),
    ])
    let origin = whole.provenance
    #expect(origin.verdict == nil && !origin.isComplete && origin.wallSeconds == 30)
    #expect(origin.gitCommit == "abc123 and def" && origin.command == "ais results merge")
    #expect(origin.cpuModel == "A processor and Another" && origin.shard == nil)
    #expect(origin.startedUTC == "2025-01-01T00:00:00Z" && origin.parameters == ["alpha": "0.7"])
    #expect(origin.makeLine == "make exp-099 ALPHA=0.7")
  }

  /// A change of provenance that means other rows.
  struct Change: Sendable, CustomTestStringConvertible {
    let name: String
    let apply: @Sendable (inout StoredResult) -> Void
    var testDescription: String { name }

    init(_ name: String, _ apply: @escaping @Sendable (inout StoredResult) -> Void) {
      (self.name, self.apply) = (name, apply)
    }
  }

  private static let changes = [
    Change("experiment") { $0.provenance.experiment = "exp098" },
    Change("model_sha256") { $0.provenance.modelSHA256 = "cc" },
    Change("data_sha256") { $0.provenance.dataSHA256 = "cc" },
    Change("data_name") { $0.provenance.dataName = "other" },
    Change("dtype") { $0.provenance.dtype = "bf16" },
    Change("seed") { $0.provenance.seed = 9 },
    Change("variant") { $0.provenance.variant = "bridge" },
    Change("alpha") { $0.provenance.parameters["alpha"] = "0.5" },
    Change("alpha") { $0.provenance.parameters = [:] },
    Change("exp015_sha256") { $0.provenance.parameters["exp015_sha256"] = "dd" },
    Change("criteria") { $0.provenance.criteria.removeLast() },
    Change("shard_items") { $0.provenance.shardItems = 12 },
    Change("isa") { $0.provenance.isa = "avx512" },
    Change("library_versions") { $0.provenance.libraryVersions.removeLast() },
    Change("device") { $0.provenance.libraryVersions.append("device cuda") },
    Change("kernels") { $0.provenance.libraryVersions.append("kernels avx2 ee") },
  ]

  @Test(arguments: changes)
  func shardsOfOtherMeasurementsAreRefusedByWhatDiffers(change: Change) throws {
    let (name, apply) = (change.name, change.apply)
    let text = problem([try shard(0), try shard(1), try shard(2, of: 3, apply)])
    #expect(
      text.hasPrefix("s2.h5: cannot merge: \(name) is ") && text.hasSuffix(" in s0.h5"), "\(text)")
    let first = problem([try shard(0, of: 3, apply), try shard(1), try shard(2)])
    #expect(first.hasPrefix("s1.h5: cannot merge: \(name) is "), "\(first)")
  }

  @Test func aResultThatIsNoShardIsRefused() throws {
    for place in 0..<3 {
      var shards = [try shard(0), try shard(1), try shard(2)]
      shards[place].provenance.shard = nil
      #expect(
        problem(shards).hasPrefix("s\(place).h5: cannot merge: expected a shard, made with --shard")
      )
    }
  }

  @Test func everyShardIsThereOnce() throws {
    #expect(
      problem([try shard(0), try shard(1)])
        == "s0.h5: cannot merge: expected all 3 shards, found none for 2/3")
    #expect(
      problem([try shard(0), try shard(2), try shard(1), try shard(2)])
        == "s3.h5: cannot merge: it is shard 2/3, as s1.h5 is")
    #expect(
      problem([try shard(0, of: 2), try shard(1, of: 3)])
        == "s1.h5: cannot merge: shard_count is 3, but 2 in s0.h5")
    #expect(problem([try shard(0)]) == "s0.h5: expected two shards or more")
    #expect(
      problem([try shard(0), try shard(1) { $0.provenance.isComplete = false }, try shard(2)])
        == "s1.h5: expected a whole shard, found an unfinished one")
  }

  @Test func everyRowIsThereOnce() throws {
    for (place, size) in [3, 4, 4].enumerated() {
      var shards = [try shard(0), try shard(1), try shard(2)]
      shards[place].rows.removeLast()
      #expect(
        problem(shards)
          == "s\(place).h5: cannot merge: expected \(size) of 11 rows in shard \(place)/3, "
          + "found \(size - 1)")
    }
    let other = try shard(0).rows[2]
    let twice = problem([
      try shard(0), try shard(1), try shard(2) { $0.rows[1] = other },
    ])
    #expect(twice == "s2.h5: cannot merge: row 1 is also row 2 of s0.h5")
    // A row measured again has other times; it is still the same row.
    let again = problem([
      try shard(0), try shard(1),
      try shard(2) {
        $0.rows[1] = other
        $0.rows[1][5] = .real(99)
      },
    ])
    #expect(again == twice)
  }

  @Test func otherColumnsAreRefused() throws {
    #expect(
      problem([try shard(0), try shard(1) { $0.columns.removeLast() }, try shard(2)])
        == "s1.h5: cannot merge: column 5: expected wall (real), found no more")
  }

  @Test func aShardsTextIsReadAsItIsWritten() throws {
    let shard = try #require(Shard("2/7"))
    #expect(shard.index == 2 && shard.count == 7 && "\(shard)" == "2/7")
    #expect(shard.label == "shard2of7")
    for text in ["", "1", "7/7", "-1/3", "0/1", "0/0", "1/2/3", "a/3", "1/", "0/99999999", " 1/3"] {
      #expect(Shard(text) == nil, "\(text)")
    }
  }

  @Test func shardsAreWrittenAndReadAndKeptOffThePage() throws {
    let folder = try ResultFolder()
    let whole = try shard(1)
    try ResultFile.write(whole, to: folder.file)
    #expect(try ResultFile.read(folder.file) == whole)
    let results = ResultCollection(
      "exp099", [("exp099/a.h5", whole), ("exp099/b.h5", try shard(2))])
    let page = MarkdownReport.page(for: results)
    #expect(results.members.isEmpty && page.contains("None yet: no run is whole."))
    #expect(page.contains("- `exp099/a.h5`: shard 1/3, 4 rows"), "\(page)")
  }
}
