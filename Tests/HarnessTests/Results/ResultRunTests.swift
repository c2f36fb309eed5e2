import AISHarness
import AISKit
import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite struct ResultRunTests {
  let folder: ResultFolder

  init() throws { folder = try ResultFolder() }

  private func run(resume: Bool = true, _ provenance: Provenance = .sample()) throws
    -> ResultRun<SampleRow>
  {
    try ResultRun<SampleRow>(folder.file, provenance: provenance, resume: resume)
  }

  private func finishedRun(rows: Int) throws -> StoredResult {
    let run = try run(resume: false)
    for index in 0..<rows { try run.append(.sample(index)) }
    var report = Report()
    report.judge("KL", .open("n = \(rows)"))
    report.summarize(SummaryValue("n", rows, "rows"))
    return try run.finish(report, card: .sample)
  }

  @Test func aFinishedResultIsReadBackWhole() throws {
    let run = try run()
    try run.append(contentsOf: (0..<12).map(SampleRow.sample))
    try run.appendTimings("baseline", seconds: [0.5, 0.25])
    try run.appendTimings("baseline", seconds: [0.125])
    let summary = [
      SummaryValue("mean_kl", 0.25, unit: "nats", "mean", compare: .absolute(0.1)),
      SummaryValue("plans", 3, "distinct plans"), SummaryValue("is_whole", true, "all rows"),
      SummaryValue("best", "L9", "least KL"), SummaryValue("rate", Float(0.1), "rate"),
    ]
    try run.append(raw: [TimedPair("decode", process: 1, pair: 0, baseline: 3, variant: 2)])
    let fact = SummaryValue("layers", 30, "of the model")
    try run.note(SummaryValue("layers", 29, "of the model"))
    try run.note(fact)
    var report = Report()
    report.judge("KL", .met(true, measured: "0.2", asked: "≥ 0.1"))
    for figure in summary { report.summarize(figure) }
    let written = try run.finish(report, card: .sample)
    let read = try ResultFile.read(folder.file)
    #expect(read == written)
    #expect(read.provenance.isComplete && read.provenance.verdict == .supported)
    #expect(read.provenance.criteria == ["KL ≥ 0.1 nats", "n ≥ 25"])
    #expect(read.timings == ["baseline": [0.5, 0.25, 0.125]])
    #expect(read.summary == summary && read.facts == [fact])
    #expect(read.provenance.looks?.map(\.rows) == [12])
    let table = try read.evidence(
      of: SampleRow.self, raw: [TimedPair.self], file: folder.file)
    #expect(table.rows(of: TimedPair.self).map(\.variantMilliseconds) == [2])
    #expect(values(table.rows) == values((0..<12).map(SampleRow.sample)))
    #expect(table.rows[3].klBaseSkip.sign == .minus)
    #expect(try folder.names == ["exp099.h5"])
  }

  @Test func anUnfinishedRunIsReadableAndResumes() throws {
    do {
      let run = try run()
      try run.append(.sample(0))
      let snapshot = try ResultFile.read(folder.file)
      #expect(!snapshot.provenance.isComplete)
      try run.append(.sample(1))
      try run.appendTimings("skip", seconds: [1])
    }
    let resumed = try run()
    #expect(resumed.resumedRowCount == 2)
    #expect(values(resumed.evidence.rows) == values([.sample(0), .sample(1)]))
    #expect(resumed.evidence.timings == ["skip": [1]])
    try resumed.append(.sample(2))
    var report = Report()
    report.judge("KL", .met(false, measured: "0", asked: "≥ 0.1"))
    let result = try resumed.finish(report, card: .sample)
    #expect(result.rows == values((0..<3).map(SampleRow.sample)))
    let again = try run()
    #expect(again.isComplete && again.evidence.rows.count == 3)
    #expect(again.stored.provenance.verdict == .refuted)
    #expect(throws: ResultWriteError.self) { try again.append(.sample(3)) }
    #expect(try folder.names == ["exp099.h5"])
  }

  /// A journal with rows, beside a complete result so that no snapshots are written.
  private func journal(rows: Int) throws -> Data {
    _ = try finishedRun(rows: 1)
    do {
      let run = try run(resume: false)
      for index in 0..<rows - 1 { try run.append(.sample(index)) }
      try run.appendTimings("t", seconds: [1, 2])
      try run.append(.sample(rows - 1))
    }
    return try folder.bytes(folder.journal)
  }

  @Test func aJournalCutAtAnyByteResumesToTheSameRows() throws {
    let whole = try journal(rows: 4)
    let start = try #require(whole.firstIndex(of: UInt8(ascii: "\n"))) + 1
    let expected = values((0..<4).map(SampleRow.sample))
    var counts: Set<Int> = []
    // Without a first line it is not a journal; then the complete result counts.
    for length in start...whole.count {
      // The tail is missing or, as after a power cut, zeros.
      try folder.write(whole.prefix(length) + Data(count: length % 2 * 50), to: folder.journal)
      let resumed = try run()
      counts.insert(resumed.resumedRowCount)
      #expect(values(resumed.evidence.rows) == Array(expected.prefix(resumed.resumedRowCount)))
      for index in resumed.resumedRowCount..<4 { try resumed.append(.sample(index)) }
    }
    #expect(counts == [0, 1, 2, 3, 4])
    #expect(try run().finish(nil, card: .sample).rows == expected)
  }

  @Test func aJournalCutInItsFirstLineLeavesTheCompleteResult() throws {
    let whole = try journal(rows: 2)
    let start = try #require(whole.firstIndex(of: UInt8(ascii: "\n")))
    for length in 0...start {
      try folder.write(whole.prefix(length), to: folder.journal)
      let resumed = try run()
      #expect(resumed.isComplete && resumed.resumedRowCount == 1)
    }
  }

  @Test func aJournalWithAnyByteChangedGivesIntactRowsOrAnError() throws {
    let whole = try journal(rows: 2)
    let expected = values((0..<2).map(SampleRow.sample))
    for place in whole.indices {
      var damaged = whole
      damaged[place] ^= 0x15
      try folder.write(damaged, to: folder.journal)
      do {
        let resumed = try run()
        #expect(values(resumed.evidence.rows) == Array(expected.prefix(resumed.resumedRowCount)))
        #expect(resumed.resumedRowCount < 2)
      } catch is ResultError {
        #expect(try folder.bytes(folder.journal) == damaged)
      }
    }
  }

  @Test func anUnfinishedRunThatDiffersIsRefusedInOneLineAndNothingIsTouched() throws {
    let file = folder.file
    func refusal(_ provenance: Provenance) -> String {
      message { _ = try run(provenance) }
        .replacingOccurrences(of: folder.path, with: "F")
    }
    _ = try finishedRun(rows: 3)
    let complete = try folder.bytes(file)
    do {
      let fresh = try run(resume: false)
      try fresh.append(.sample(0))
    }
    let journal = try folder.bytes(folder.journal)
    let start = "F/exp099.h5.partial: cannot resume: "
    #expect(refusal(.sample(seed: 9)) == start + "seed was 7, now 9")
    #expect(refusal(.sample(parameters: ["alpha": "0.5"])) == start + "alpha was 0.7, now 0.5")
    #expect(
      refusal(.sample(parameters: ["alpha": "0.7", "n": "9"])) == start + "n was unset, now 9")
    var onGPU = Provenance.sample()
    onGPU.libraryVersions = LibraryVersions.loaded(device: .someGPU())
    #expect(refusal(onGPU) == start + "device was cpu, now cuda NVIDIA H200, CUDA 13.0")
    #expect(try folder.bytes(folder.journal) == journal)
    #expect(try folder.bytes(file) == complete)
  }

  /// A complete result loses nothing by waiting: it stays until the new one is whole.
  @Test func aCompleteResultOfOtherSettingsIsMeasuredAnewAndStaysUntilThen() throws {
    _ = try finishedRun(rows: 3)
    let complete = try folder.bytes(folder.file)
    let other = try run(.sample(seed: 8))
    #expect(!other.isComplete && other.resumedRowCount == 0)
    #expect(
      other.resumeRemark == "\(folder.file): seed was 7, now 8; it is measured anew")
    try other.append(.sample(0))
    #expect(try folder.bytes(folder.file) == complete)
    #expect(try other.finish(nil, card: .sample).provenance.seed == 8)
  }

  @Test func rowsOfOtherColumnsAreNotMixed() throws {
    struct OtherRow: ResultRow {
      var layer = 0.0
      static let columns: [Column<OtherRow>] = [Column("layer", \.layer, "index")]
    }
    let problem = "column 0: expected layer (real), found layer (integer)"
    let result = try finishedRun(rows: 1)
    do {
      let run = try ResultRun<OtherRow>(folder.file, provenance: .sample(), resume: true)
      #expect(run.resumeRemark == "\(folder.file): \(problem); it is measured anew")
      #expect(run.evidence.rows.isEmpty)
    }
    do {
      let run = try run(resume: false)
      try run.append(.sample(0))
    }
    #expect(
      message { _ = try ResultRun<OtherRow>(folder.file, provenance: .sample(), resume: true) }
        .hasSuffix("cannot resume: \(problem)"))
    #expect(throws: ResultError.self) { try result.evidence(of: OtherRow.self, raw: [], file: "f") }
  }

  @Test func aCompleteResultOutlivesANewRunThatFails() throws {
    _ = try finishedRun(rows: 2)
    let complete = try folder.bytes(folder.file)
    do {
      let run = try run(resume: false)
      for index in 0..<20 { try run.append(.sample(index)) }
    }
    #expect(try folder.bytes(folder.file) == complete)
    let resumed = try run()
    #expect(resumed.resumedRowCount == 20 && !resumed.isComplete)
    try resumed.finish(nil, card: .sample)
    #expect(try ResultFile.read(folder.file).rows.count == 20)
  }

  @Test func aSnapshotWithoutItsJournalResumes() throws {
    var unfinished = try finishedRun(rows: 4)
    unfinished.provenance.isComplete = false
    try ResultFile.write(unfinished, to: folder.file)
    do {
      let resumed = try run()
      #expect(resumed.resumedRowCount == 4 && !resumed.isComplete)
      try resumed.append(.sample(4))
    }
    #expect(try run().resumedRowCount == 5)
  }

  @Test func twoRunsOfOneResultAreNotMixed() throws {
    let first = try run()
    let refusal = message { _ = try run() }
    let name = URL(fileURLWithPath: CommandLine.arguments[0]).lastPathComponent
    #expect(
      refusal.hasPrefix(
        "\(folder.journal): another run is writing this result: process \(getpid()), this one (\(name)"
      ), "\(refusal)")
    let start = try #require(refusal.firstMatch(of: /, since (\S+)$/)).1
    let age = try -Date(String(start), strategy: .iso8601).timeIntervalSinceNow
    #expect((0..<86_400).contains(age + 2), "\(start)")
    try first.append(.sample(0))
    #expect(try first.finish(nil, card: .sample).rows.count == 1)
  }

  @Test func whatCannotBeReadOrWrittenIsOneClearError() throws {
    func problem(_ path: String) -> String {
      message { _ = try ResultRun<SampleRow>(path, provenance: .sample(), resume: true) }
        .replacingOccurrences(of: folder.path, with: "F")
    }
    #expect(
      problem(folder.path + "/no/exp.h5")
        == "F/no/exp.h5.partial: cannot create: No such file or directory")
    try folder.write(Data("not HDF5".utf8), to: folder.file)
    #expect(
      try run().resumeRemark?.contains("expected an HDF5 file") == true)
    try folder.write(Data("notes\nof mine\n".utf8), to: folder.journal)
    #expect(
      problem(folder.file) == "F/exp099.h5.partial: expected a result journal, found another file")
    #expect(throws: ResultError.self) { try ResultFile.read(folder.path + "/gone.h5") }
  }

  @Test func aResultFileCutAnywhereIsAnError() throws {
    _ = try finishedRun(rows: 3)
    let whole = try folder.bytes(folder.file)
    // Only some lengths, since each starts a process; HDF5's own tests cut at many more places.
    for length in stride(from: 0, to: whole.count, by: 499) {
      try folder.write(whole.prefix(length), to: folder.file)
      #expect(throws: ResultError.self) { try ResultFile.read(folder.file) }
    }
  }

  @Test(arguments: [1, 8, 30, 120] as [UInt32])
  func rowsSurviveAProcessKilledAtAnyMoment(milliseconds: UInt32) async throws {
    let (file, made) = (folder.file, folder.path + "/made")
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [file = file as String, made = made as String, milliseconds = milliseconds as UInt32] in
      let run = try ResultRun<SampleRow>(file, provenance: .sample(), resume: false)
      Thread.detachNewThread {
        usleep(milliseconds * 1_000)
        kill(getpid(), SIGKILL)
      }
      for index in 0... {
        try run.append(.sample(index))
        try "\(index + 1)".write(toFile: made, atomically: true, encoding: .utf8)
      }
    }
    let count = (try? String(contentsOfFile: made, encoding: .utf8)).flatMap(Int.init) ?? 0
    let snapshot = try ResultFile.read(file)
    #expect(!snapshot.provenance.isComplete)
    let resumed = try run()
    #expect(resumed.resumedRowCount >= count)
    #expect(
      values(resumed.evidence.rows) == values((0..<resumed.resumedRowCount).map(SampleRow.sample)))
  }

  @Test func aFullDiskIsOneErrorAndKeepsEarlierRows() async throws {
    await #expect(processExitsWith: .success) {
      let folder = try ResultFolder()
      let run = try ResultRun<SampleRow>(folder.file, provenance: .sample(), resume: false)
      signal(SIGXFSZ, SIG_IGN)
      var made = 0
      var limit = rlimit(rlim_cur: 60_000, rlim_max: 60_000)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      do {
        while made < 100_000 {
          try run.append(.sample(made))
          made += 1
        }
        Issue.record("no error")
      } catch let error as ResultWriteError {
        #expect(error.problem == "File too large")
      }
      let stored = run.stored
      #expect(stored.rows.count == made && made > 50)
      #expect(throws: ResultWriteError.self) {
        try run.append(contentsOf: (0..<200).map(SampleRow.sample))
      }
      #expect(try folder.bytes(folder.journal).split(separator: 10).count == made + 1)
    }
  }
}
