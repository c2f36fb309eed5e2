import AISHarness
import Foundation
import TestSupport
import Testing

@Suite("Probes on disk")
struct ProbeFileTests {
  private let folder: TemporaryFolder
  private let identity = ProbeFile.Identity(
    modelSHA256: "ab", dtype: "f32", pivot: 3, width: 2, tokensSHA256: "cd", rows: 10, window: 4)

  init() throws { folder = try TemporaryFolder() }

  private func open(_ identity: ProbeFile.Identity? = nil, fresh: Bool = false) throws -> ProbeFile
  {
    try ProbeFile(folder: folder.url, identity: identity ?? self.identity, fresh: fresh)
  }

  /// The rows of a range, as floats that identify them.
  private func rows(_ range: Range<Int>) -> [Float] {
    range.flatMap { [Float($0), Float($0) + 0.5] }
  }

  /// Writes a file of all ten rows, window by window.
  private func fill() throws {
    let file = try open()
    for window in [0..<4, 4..<8, 8..<10] { try file.append(rows(window)) }
  }

  private func bytes() throws -> [UInt8] { try folder.read("probes.f32") }

  @Test func whatIsAppendedIsThereWhenTheFileIsOpenedAgain() throws {
    try fill()
    let file = try open()
    #expect(file.rows == 10)
    #expect(try file.read() == rows(0..<10))
    // Little-endian float32, one row after the other.
    #expect(try bytes() == littleEndianBytes(rows(0..<10)))
  }

  @Test func readingDoesNotMoveWhereTheNextRowsGo() throws {
    let file = try open()
    try file.append(rows(0..<4))
    #expect(try file.read() == rows(0..<4))
    try file.append(rows(4..<8))
    #expect(try file.read() == rows(0..<8))
  }

  @Test func probesOfAnotherDeviceAreDropped() throws {
    try fill()
    let note = String(decoding: try folder.read("probes.json"), as: UTF8.self)
    #expect(!note.contains("device"), "as in files from before there was a choice")
    let onGPU = ProbeFile.Identity(
      modelSHA256: "ab", dtype: "f32", device: .cuda, pivot: 3, width: 2, tokensSHA256: "cd",
      rows: 10, window: 4)
    do {
      let file = try open(onGPU)
      #expect(file.rows == 0)
      try file.append(rows(0..<4))
    }
    #expect(try open(onGPU).rows == 4)
    #expect(try open().rows == 0)
  }

  /// For any number of bytes that a kill left, only whole windows stay; a whole file stays whole.
  @Test func aTornWindowIsCutOff() throws {
    try fill()
    let whole = try bytes()
    for count in 0...whole.count {
      try folder.write(Array(whole[..<count]), as: "probes.f32")
      let file = try open()
      let kept = count == 80 ? 10 : count / 32 * 4
      #expect(file.rows == kept, "\(count) bytes")
      #expect(try bytes().count == kept * 8)
      #expect(try file.read() == rows(0..<kept))
      if kept < 10 {
        try file.append(rows(kept..<min(kept + 4, 10)))
        #expect(try file.read() == rows(0..<min(kept + 4, 10)))
      }
    }
  }

  @Test func aFileThatIsTooLongIsCutToItsRows() throws {
    try fill()
    try folder.write(try bytes() + [1, 2, 3, 4, 5, 6, 7, 8, 9], as: "probes.f32")
    let file = try open()
    #expect(file.rows == 10)
    #expect(try file.read() == rows(0..<10) && bytes().count == 80)
  }

  @Test func probesOfAnythingElseAreDropped() throws {
    let changes: [(inout ProbeFile.Identity) -> Void] = [
      { $0.modelSHA256 = "ac" }, { $0.dtype = "bf16" }, { $0.pivot = 4 }, { $0.width = 1 },
      { $0.tokensSHA256 = "ce" }, { $0.rows = 9 }, { $0.window = 5 },
    ]
    for change in changes {
      try fill()
      var other = identity
      change(&other)
      #expect(try open(other).rows == 0)
      #expect(try bytes().isEmpty)
      #expect(try open().rows == 0, "the other's identity is the one that is known now")
    }
    try fill()
    try folder.write("{", as: "probes.json")
    #expect(try open().rows == 0)
  }

  @Test func freshDropsThemAll() throws {
    try fill()
    #expect(try open(fresh: true).rows == 0)
    #expect(try open().rows == 0)
  }

  @Test func oneRunWritesAtATime() throws {
    try fill()
    let before = try bytes()
    do {
      let first = try open()
      let error = #expect(throws: ResultError.self) { try open(fresh: true) }
      #expect(
        error?.problem.hasPrefix("another run is writing these probes: process \(getpid())") == true
      )
      #expect(first.rows == 10)
    }
    #expect(try bytes() == before)
    #expect(try open().rows == 10, "the lock went with the first")
  }

  @Test func aFolderThatCannotBeIsAnError() throws {
    try folder.write("text", as: "file")
    let place = folder.url.appendingPathComponent("file/probes")
    #expect(throws: ResultWriteError.self) {
      try ProbeFile(folder: place, identity: identity, fresh: false)
    }
    let nested = folder.url.appendingPathComponent("a/b/c")
    #expect(try ProbeFile(folder: nested, identity: identity, fresh: false).rows == 0)
  }
}
