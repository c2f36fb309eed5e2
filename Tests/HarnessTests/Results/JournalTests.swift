import AISHarness
import Foundation
import Testing

/// Journals whose lines are damaged, repeated, missing or moved.
@Suite struct JournalTests {
  private let folder: ResultFolder
  private let expected = values((0..<6).map(SampleRow.sample))

  init() throws { folder = try ResultFolder() }

  private func run(resume: Bool = true) throws -> ResultRun<SampleRow> {
    try ResultRun<SampleRow>(folder.file, provenance: .sample(), resume: resume)
  }

  /// The lines of a journal of six rows, the header first.
  ///
  /// There is a complete result beside it; an unfinished one would have the same rows.
  private func lines() throws -> [Data] {
    try run(resume: false).finish(nil, card: .sample)
    let run = try run(resume: false)
    for index in 0..<6 { try run.append(.sample(index)) }
    return try folder.bytes(folder.journal).split(separator: 10).map { Data($0) }
  }

  private func write(_ lines: [Data]) throws {
    try folder.write(Data(lines.map { $0 + [10] }.joined()), to: folder.journal)
  }

  /// Resumes from `lines`: returns the number of first rows kept and the message.
  ///
  /// The run then continues to all six rows, and its journal must be sound.
  private func resume(_ lines: [Data]) throws -> (rows: Int, remark: String?) {
    try write(lines)
    let (rows, remark): (Int, String?) = try {
      let run = try run()
      #expect(values(run.evidence.rows) == Array(expected.prefix(run.resumedRowCount)))
      for index in run.resumedRowCount..<6 { try run.append(.sample(index)) }
      return (run.resumedRowCount, run.resumeRemark)
    }()
    let again = try run()
    #expect(values(again.evidence.rows) == expected)
    return (rows, remark?.replacingOccurrences(of: folder.journal + ": ", with: ""))
  }

  @Test func aSoundJournalIsTakenUpWithoutARemark() throws {
    let lines = try lines()
    #expect(try resume(lines) == (6, nil))
    #expect(try resume(Array(lines.prefix(4))) == (3, nil))
  }

  @Test func aLineThatIsThereTwiceCountsOnce() throws {
    var lines = try lines()
    lines.insert(lines[3], at: 4)
    #expect(try resume(lines) == (6, "1 repeated line counts once"))
    lines += lines[2...]
    #expect(try resume(lines).rows == 6)
    #expect(try resume(Array(repeating: lines[0], count: 3) + lines.dropFirst()).rows == 6)
  }

  @Test func fromAMissingLineOnRowsAreMeasuredAgain() throws {
    var lines = try lines()
    lines.remove(at: 3)
    let (rows, remark) = try resume(lines)
    #expect(rows == 2)
    #expect(
      remark
        == "line 4: expected number 3, found number 4; the 3 lines from there on are cut off, and "
        + "measured again")
    #expect(
      try resume(Array(lines.prefix(4))).remark?.hasSuffix("it is cut off, and measured again")
        == true)
  }

  @Test func movedLinesDoNotTakeEachOthersPlaces() throws {
    var lines = try lines()
    lines.swapAt(2, 5)
    #expect(try resume(lines).rows == 1)
    lines.swapAt(2, 5)
    lines.swapAt(5, 6)
    #expect(try resume(lines).rows == 4)
  }

  @Test func aNumberIsChangedNoMoreThanAValue() throws {
    var lines = try lines()
    // Line 3 claims to be line 4, and the real line 4 is missing.
    let text = String(decoding: lines[3], as: UTF8.self)
    lines[3] = Data((text.prefix(17) + "4" + text.dropFirst(18)).utf8)
    #expect(text.dropFirst(17).hasPrefix("3 {"))
    let (rows, remark) = try resume(lines)
    #expect(rows == 2 && remark?.hasPrefix("line 4 is damaged; the 4 lines") == true)
  }

  /// Lines as they were written before they had numbers.
  private func unnumbered(_ line: Data) -> Data {
    let json = line.dropFirst(17).drop { $0 != 32 }.dropFirst()
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in json { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Data(String(format: "%016lx ", hash).utf8) + json
  }

  @Test func aJournalOfAnEarlierVersionLosesNothing() throws {
    let lines = try lines()
    let old = lines.map(unnumbered)
    #expect(try resume(old) == (6, nil))
    // The run continued the file with numbers; these must be in order.
    #expect(try resume(Array(old[..<4] + lines[4...])) == (6, nil))
    #expect(try resume(Array(old[..<4] + lines[5...])).rows == 3)
    #expect(try resume(Array(lines[..<4] + old[4...])).rows == 3)
  }
}
