import AISHarness
import Foundation
import HDF5
import TestSupport
import Testing

/// Another process reads the same from a file as this one would.
@Suite("HDF5 files of unknown origin") struct ForeignHDF5Tests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("a.h5")
  }

  private func make(_ fill: (borrowing HDF5File) throws -> Void) throws {
    let file = try HDF5File.create(path)
    try fill(file)
    try file.close()
  }

  @Test func everyKindOfValueArrives() throws {
    try make { file in
      try file.write([Float(1.5), -.infinity, .nan], to: "/rows/single")
      try file.write([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], shape: [2, 3], to: "/rows/real")
      try file.write([Int32.min, .max], to: "/rows/short")
      try file.write([Int64.min, .max, 0], to: "/rows/long")
      try file.write([UInt8(0), 255], to: "/rows/byte")
      try file.write(["", "Grüße\n漢", "b"], to: "/rows/deeper/text")
      try file.write(["one"], shape: [], to: "/rows/scalar")
      try file.write([Double](), to: "/rows/none")
      try file.setAttribute("whole", -7)
      try file.setAttribute("truth", true)
      try file.setAttribute("parts", [1.5, .nan], on: "/rows/real")
      try file.setAttribute("names", ["é", ""], on: "/rows")
      try file.setAttribute("nothing", [String](), on: "/rows")
    }
    let contents = try ForeignHDF5.read(path, roots: ["/rows", "/absent"])
    let single = try contents.read(Float.self, from: "/rows/single")
    #expect(single[..<2] == [1.5, -.infinity] && single[2].isNaN && single.count == 3)
    #expect(try contents.read(Double.self, from: "/rows/real") == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    #expect(try contents.shape(of: "rows/real") == [2, 3])
    #expect(try contents.read(Int32.self, from: "/rows/short") == [.min, .max])
    #expect(try contents.read(Int64.self, from: "/rows/long") == [.min, .max, 0])
    #expect(try contents.read(UInt8.self, from: "/rows/byte") == [0, 255])
    #expect(try contents.read(String.self, from: "/rows/deeper/text") == ["", "Grüße\n漢", "b"])
    #expect(try contents.read(String.self, from: "/rows/scalar") == ["one"])
    #expect(try contents.shape(of: "/rows/scalar") == [])
    #expect(try contents.read(Double.self, from: "/rows/none") == [])
    #expect(try contents.attribute("whole", as: Int.self) == -7)
    #expect(try contents.attribute("truth", as: Bool.self))
    #expect(try contents.attribute("parts", as: [Double].self, on: "/rows/real")[0] == 1.5)
    #expect(try contents.attribute("names", as: [String].self, on: "/rows") == ["é", ""])
    #expect(try contents.attribute("nothing", as: [String].self, on: "/rows") == [])
    #expect(
      try contents.children(of: "/rows")
        == ["byte", "deeper", "long", "none", "real", "scalar", "short", "single"])
    #expect(contents.exists("/rows/deeper") && !contents.exists("/absent"))
    #expect(try contents.hasAttribute("whole") && !contents.hasAttribute("whole", on: "/rows"))
  }

  @Test func whatIsAskedForWronglyIsTheErrorOfAnOpenFile() throws {
    try make { file in
      try file.write([1.0, 2], to: "/rows/real")
      try file.setAttribute("n", 3, on: "/rows")
    }
    let contents = try ForeignHDF5.read(path, roots: ["/rows"])
    let file = try HDF5File.open(path)
    #expect(
      message { _ = try contents.read(Float.self, from: "/rows/real") }
        == message { _ = try file.read(Float.self, from: "/rows/real") })
    #expect(
      message { _ = try contents.read(Float.self, from: "/rows/no") }
        == message { _ = try file.read(Float.self, from: "/rows/no") })
    #expect(
      message { _ = try contents.read(String.self, from: "/rows") }
        == message { _ = try file.read(String.self, from: "/rows") })
    #expect(
      message { _ = try contents.children(of: "/rows/real") }
        == message { _ = try file.children(of: "/rows/real") })
    #expect(
      message { let _: String = try contents.attribute("n", on: "/rows") }
        == message { let _: String = try file.attribute("n", on: "/rows") })
    #expect(
      message { let _: Int = try contents.attribute("m", on: "/rows") }
        == message { let _: Int = try file.attribute("m", on: "/rows") })
    #expect(
      message { let _: Int = try contents.attribute("n", on: "/no") }
        == message { let _: Int = try file.attribute("n", on: "/no") })
  }

  @Test func onlyWhatIsAskedForIsRead() throws {
    try make { file in
      try file.write([1.0], to: "/rows/x")
      _ = try file.createDataset(
        "/hidden/L1", of: .float32, shape: [1 << 20, 1 << 10],
        storage: HDF5Storage(chunk: [1, 1 << 10]))
    }
    let contents = try ForeignHDF5.read(path, roots: ["/rows"])
    #expect(contents.exists("/rows/x") && !contents.exists("/hidden"))
    // Four GiB of zeros in a file of a few kilobytes.
    #expect(
      message { _ = try ForeignHDF5.read(path, roots: ["/hidden"]) }
        == "\(path): /hidden/L1: cannot read: expected at most \(1 << 23) values in a file, "
        + "found more")
  }

  @Test func groupsWithoutEndAreRefused() throws {
    let deep = "/rows" + (0..<20).map { "/\($0)" }.joined()
    try make { try $0.createGroup(deep) }
    #expect(message { _ = try ForeignHDF5.read(path, roots: ["/rows"]) }.contains("8 deep"))
  }

  @Test func foreignFilesFoldersAndPipesSayWhatTheyAre() throws {
    func problem(_ path: String) -> String {
      message { _ = try ForeignHDF5.read(path, roots: ["/rows"]) }
        .replacingOccurrences(of: folder.url.path, with: "")
    }
    try folder.write("GGUF and so on", as: "a.h5")
    #expect(problem(path) == "/a.h5: cannot open: expected an HDF5 file, found 14 other bytes")
    #expect(
      problem(folder.url.path) == ": cannot open: expected a regular file, found a folder")
    #expect(
      problem(folder.path("no.h5"))
        == "/no.h5: cannot open: expected a file, found No such file or directory")
    #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
    #expect(
      problem(folder.path("pipe"))
        == "/pipe: cannot open: expected a regular file, found something else")
  }

  /// Changed bytes of a sound reader must give an error or values.
  @Test func bytesOfADamagedReaderAreNotBelieved() throws {
    try make { file in
      try file.write([1.0, 2, 3, 4, 5, 6], shape: [2, 3], to: "/rows/x")
      try file.write(["a", "", "long enough"], to: "/rows/text")
      try file.setAttribute("names", ["x", "y"])
      try file.setAttribute("n", [1, 2, 3], on: "/rows")
    }
    let program = try #require(RunningTool.path(of: "ais-read-hdf5"))
    let sent = try ChildProcess.output(
      of: URL(fileURLWithPath: program), [path, "/rows"], limit: 1 << 20, seconds: 60)
    #expect(sent.ending == .exited(0))
    let whole = sent.bytes
    #expect(try HDF5Contents(whole, path: path).read(Double.self, from: "/rows/x").count == 6)
    for length in whole.indices {
      #expect(throws: HDF5Error.self) { _ = try HDF5Contents(Array(whole[..<length]), path: path) }
    }
    #expect(throws: HDF5Error.self) { _ = try HDF5Contents(whole + [0], path: path) }
    var (random, refusals) = (SeededGenerator(seed: 11), 0)
    for _ in 0..<4_000 {
      if isRefused(random.mutated(whole)) { refusals += 1 }
    }
    #expect(refusals > 400)
  }

  /// Names are split at slashes, even at one with a combining mark; long runs of marks are refused.
  @Test func combiningMarksAreBytesUntilTheyAreTooMany() throws {
    try make { file in try file.write([1.0], to: "/rows/zzx") }
    let program = try #require(RunningTool.path(of: "ais-read-hdf5"))
    func bytes() throws -> [UInt8] {
      let sent = try ChildProcess.output(
        of: URL(fileURLWithPath: program), [path, "/rows"], limit: 1 << 20, seconds: 60)
      #expect(sent.ending == .exited(0))
      return sent.bytes
    }
    // The mark has two bytes too.
    let marked = try bytes().replacing("zzx".utf8, with: "\u{301}x".utf8)
    #expect(try HDF5Contents(marked, path: path).children(of: "/rows") == ["\u{301}x"])
    try make { file in
      try file.setAttribute("names", ["a" + String(repeating: "\u{301}\u{316}", count: 10_000)])
    }
    let error = #expect(throws: HDF5Error.self) { try HDF5Contents(bytes(), path: path) }
    #expect(error?.expected == "at most 64 combining marks in a row")
  }

  /// Whether bytes are refused as contents; accepted contents must be consistent.
  private func isRefused(_ bytes: [UInt8]) -> Bool {
    guard let contents = try? HDF5Contents(bytes, path: path) else { return true }
    for name in (try? contents.children(of: "/rows")) ?? [] {
      let values = try? contents.read(Double.self, from: "/rows/\(name)")
      let shape = try? contents.shape(of: "/rows/\(name)")
      if let values { #expect(shape?.reduce(1, *) == values.count) }
    }
    return false
  }
}
