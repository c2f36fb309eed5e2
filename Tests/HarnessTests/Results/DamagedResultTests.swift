import AISHarness
import Foundation
import TestSupport
import Testing

/// Damaged result files: each can be read or gives one clear error; this process survives.
@Suite struct DamagedResultTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder(inMemory: true)
    path = folder.path("damaged.h5")
  }

  /// Reads the file; returns whether it was refused, with one line that names it.
  private func isRefused(_ what: Comment) throws -> Bool {
    do {
      _ = try ResultFile.read(path)
      return false
    } catch let error as ResultError {
      #expect(error.file == path && !error.description.contains("\n"), what)
      return true
    }
  }

  /// The bytes with random damage: flipped, cut off, or a block zeroed.
  private func damaged(_ whole: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = whole
    switch Int.random(in: 0..<4, using: &random) {
    case 0: bytes.removeLast(Int.random(in: 1..<whole.count, using: &random))
    case 1:
      let start = Int.random(in: 0..<whole.count, using: &random)
      let end = min(whole.count, start + Int.random(in: 1...512, using: &random))
      for place in start..<end { bytes[place] = 0 }
    default: bytes = random.mutated(bytes)
    }
    return bytes
  }

  @Test func aDamagedResultReadsOrIsRefused() throws {
    let rows = (0..<60).map(SampleRow.sample)
    var result = StoredResult(
      .sample(), rows: rows, summary: [SummaryValue("n", 60, "rows")],
      timings: ["spin": [0.1, 0.2]],
      tables: [DerivedTable("first", title: "First", rows: Array(rows.prefix(3)))])
    result.raw = [
      DerivedTable(
        TimedPair.tableName, title: "",
        rows: [TimedPair("spin", process: 0, pair: 0, baseline: 1, variant: 2)], isShown: false)
    ]
    result.facts = [SummaryValue("layers", 30, "of the model")]
    result.figures = FigureFixtures.result(variant: "").figures
    try ResultFile.write(result, to: path)
    #expect(try !isRefused("the whole file"))
    let whole = try folder.read("damaged.h5")
    // The same damage every time; `AIS_FUZZ=10000` tries more of it.
    let rounds = ProcessInfo.processInfo.environment["AIS_FUZZ"].flatMap(Int.init) ?? 150
    var (random, refusals) = (SeededGenerator(seed: 23), 0)
    let start = ContinuousClock.now
    var slowest = Duration.zero
    for round in 0..<rounds {
      try folder.write(damaged(whole, &random), as: "damaged.h5")
      let begin = ContinuousClock.now
      if try isRefused("round \(round)") { refusals += 1 }
      slowest = max(slowest, begin.duration(to: .now))
    }
    #expect(refusals > rounds / 4 && refusals < rounds)
    #expect(slowest < .seconds(30), "\(start.duration(to: .now)) for all")
  }

  @Test func filesThatEndedTheLibraryAreRefused() throws {
    guard let hostile = ReferenceFiles.hostile else { return }
    let names = try FileManager.default.contentsOfDirectory(atPath: hostile.path)
      .filter { $0.hasSuffix(".h5") }
    #expect(!names.isEmpty)
    for name in names {
      let error = #expect(throws: ResultError.self) {
        try ResultFile.read(hostile.appendingPathComponent(name).path)
      }
      #expect(error?.description.contains(name) == true)
    }
  }
}
