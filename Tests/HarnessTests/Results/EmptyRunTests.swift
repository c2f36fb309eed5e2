import AISHarness
import Foundation
import Testing

/// Runs that end before their first row, and messages about a run that is going on.
@Suite struct EmptyRunTests {
  private let folder: ResultFolder

  init() throws { folder = try ResultFolder() }

  private func run(resume: Bool = true, _ provenance: Provenance = .sample()) throws
    -> ResultRun<SampleRow>
  {
    try ResultRun<SampleRow>(folder.file, provenance: provenance, resume: resume)
  }

  private func finishedRun(rows: Int) throws -> StoredResult {
    let run = try run(resume: false)
    for index in 0..<rows { try run.append(.sample(index)) }
    return try run.finish(nil, card: .sample)
  }

  /// If another program holds the lock, the message names it, so that a user can find it.
  @Test func theProcessThatWritesAResultIsNamed() async throws {
    let path = folder.path
    await #expect(processExitsWith: .success) { [path = path as String] in
      let journal = path + "/exp099.h5.partial"
      Thread.detachNewThread {
        _ = try? ChildProcess.run(
          URL(fileURLWithPath: "/usr/bin/flock"),
          ["-x", journal, "/bin/sh", "-c", "echo $PPID > '\(path)/holder'; exec sleep 60"])
      }
      var holder = ""
      while !holder.hasSuffix("\n") {
        usleep(1_000)
        holder = (try? String(contentsOfFile: path + "/holder", encoding: .utf8)) ?? ""
      }
      let refusal = message {
        _ = try ResultRun<SampleRow>(
          path + "/exp099.h5", provenance: .sample(), resume: true)
      }
      let named = "process \(holder.dropLast()) (flock -x \(journal) /bin/sh -c "
      #expect(refusal.contains("another run is writing this result: " + named), "\(refusal)")
    }
  }

  /// A run that fails, or is killed, before its first row must not block others.
  @Test func aRunWithoutARowBlocksNone() throws {
    do { _ = try run() }
    #expect(try folder.names == ["exp099.h5", "exp099.h5.partial"])
    do {
      let other = try run(.sample(seed: 8))
      #expect(other.resumedRowCount == 0 && !other.isComplete)
      other.discardIfEmpty()
    }
    #expect(try folder.names.isEmpty)
  }

  @Test func aRunThatFailsBeforeItsFirstRowKeepsWhatWasThere() throws {
    var unfinished = try finishedRun(rows: 4)
    let complete = try folder.bytes(folder.file)
    try run(resume: false).discardIfEmpty()
    #expect(try folder.bytes(folder.file) == complete && folder.names == ["exp099.h5"])
    unfinished.provenance.isComplete = false
    try ResultFile.write(unfinished, to: folder.file)
    let before = try folder.bytes(folder.file)
    try run(resume: false).discardIfEmpty()
    #expect(try folder.bytes(folder.file) == before && folder.names == ["exp099.h5"])
    // A run with rows isn't empty.
    let run = try run()
    run.discardIfEmpty()
    #expect(try folder.names == ["exp099.h5", "exp099.h5.partial"])
  }

  /// The file has rows; the journal was started for them, but has none yet.
  @Test func aJournalWithoutARowDoesNotHideTheRowsOfTheFile() throws {
    do { _ = try run() }
    let header = try folder.bytes(folder.journal)
    var unfinished = try finishedRun(rows: 4)
    unfinished.provenance.isComplete = false
    try ResultFile.write(unfinished, to: folder.file)
    try folder.write(header, to: folder.journal)
    do {
      let resumed = try run()
      #expect(resumed.resumedRowCount == 4)
      try resumed.append(.sample(4))
    }
    #expect(try run().resumedRowCount == 5)
  }

  /// A run that should begin anew was killed before its first row.
  @Test func rowsThatWereToBeForgottenAreNotTakenUpLater() throws {
    var unfinished = try finishedRun(rows: 4)
    unfinished.provenance.isComplete = false
    try ResultFile.write(unfinished, to: folder.file)
    do { _ = try run(resume: false) }
    do { #expect(try run().resumedRowCount == 0) }
    do {
      let again = try run()
      #expect(again.resumedRowCount == 0)
      try again.append(.sample(9))
    }
    #expect(try run().resumedRowCount == 1)
  }

  /// The rows of an unreadable file may be lost, but never without a message.
  @Test func aFileThatCannotBeReadIsMeasuredAnewAndSaidSo() throws {
    try folder.write(Data("no HDF5".utf8), to: folder.file)
    let run = try ResultRun<SampleRow>(
      folder.file, provenance: .sample(), resume: true)
    #expect(run.resumedRowCount == 0)
    #expect(run.resumeRemark?.hasPrefix(folder.file + ": ") == true)
    #expect(run.resumeRemark?.hasSuffix("; it is measured anew") == true)
  }
}
