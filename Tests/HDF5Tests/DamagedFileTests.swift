import Foundation
import HDF5
import Testing

/// Damaged files: each gives an error or correct values, none a crash.
@Suite struct DamagedFileTests {
  let folder: TemporaryFolder
  let path: String
  let whole: Data

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("a.h5")
    let file = try HDF5File.create(path)
    try file.write((0..<3_000).map(Float.init), shape: [30, 100], to: "/rows/values")
    try file.write((0..<50).map { "text \($0)" }, to: "/rows/text")
    try file.write([Int64(7), 8], to: "/plain", storage: .contiguous)
    try file.setAttribute("unit", "nats", on: "/rows/values")
    try file.setAttribute("criteria", ["a", "b"])
    try file.close()
    whole = try Data(contentsOf: URL(fileURLWithPath: path))
  }

  /// Reads everything in the file.
  private func readAll() throws {
    let file = try HDF5File.open(path)
    for name in try file.children() + ["rows/text", "rows/values"] {
      for attribute in try file.attributeNames(on: name) {
        _ = try file.attributeContent(attribute, on: name)
      }
      guard try file.kind(of: name) == .dataset else { continue }
      switch try file.elementType(of: name) {
      case .float32: _ = try file.read(Float.self, from: name)
      case .int64: _ = try file.read(Int64.self, from: name)
      case .string: _ = try file.read(String.self, from: name)
      default: continue
      }
    }
    try file.close()
  }

  @Test func aFileCutAnywhereIsAnError() throws {
    let near = Array(0..<200) + [whole.count - 1]
    let lengths = Set(near + stride(from: 200, to: whole.count, by: 97))
    for length in lengths.sorted() {
      try whole.prefix(length).write(to: URL(fileURLWithPath: path))
      #expect(throws: HDF5Error.self, "cut to \(length) of \(whole.count)") { try readAll() }
    }
  }

  @Test func aFileWithAFlippedBitIsAnErrorOrReads() throws {
    // The same flips every time; `AIS_FUZZ=100000` tries more of them.
    let flips = ProcessInfo.processInfo.environment["AIS_FUZZ"].flatMap(Int.init) ?? 400
    var random = Sequence(state: UInt64(flips))
    var failures = 0
    for _ in 0..<flips {
      var damaged = whole
      let place = Int.random(in: 0..<damaged.count, using: &random)
      damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      try damaged.write(to: URL(fileURLWithPath: path))
      do { try readAll() } catch is HDF5Error { failures += 1 }
    }
    #expect(failures > flips / 10)
  }

  /// A linear congruential generator (Knuth's MMIX constants), upper half first.
  private struct Sequence: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      func step() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 32
      }
      return step() << 32 | step()
    }
  }

  @Test func foreignFilesFoldersAndPipesAreErrorsThatSaySo() throws {
    func message(_ path: String) -> String {
      do {
        _ = try HDF5File.open(path)
        return "no error"
      } catch {
        return error.description.replacingOccurrences(of: folder.path, with: "")
      }
    }
    try Data("GGUF and so on".utf8).write(to: URL(fileURLWithPath: path))
    #expect(message(path) == "/a.h5: cannot open: expected an HDF5 file, found 14 other bytes")
    #expect(message(folder.path) == ": cannot open: expected a regular file, found a folder")
    #expect(
      message(folder.file("no.h5"))
        == "/no.h5: cannot open: expected a file, found No such file or directory")
    let pipe = folder.file("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(message(pipe) == "/pipe: cannot open: expected a regular file, found something else")
    #expect(throws: HDF5Error.self) { _ = try HDF5File.create(pipe) }
    let nowhere = folder.file("no/such/folder.h5")
    #expect(throws: HDF5Error.self) { _ = try HDF5File.create(nowhere) }
  }

  @Test func aShapeThatNoSuchFileHoldsIsRefusedBeforeMemoryIsSetAside() throws {
    let file = try HDF5File.create(path)
    _ = try file.createDataset(
      "/vast", of: .float64, shape: [1 << 30, 1 << 20], storage: HDF5Storage(chunk: [1, 1 << 10]))
    try file.close()
    let again = try HDF5File.open(path)
    let error = #expect(throws: HDF5Error.self) { try again.read(Double.self, from: "/vast") }
    #expect(error?.found == "\(1 << 50) elements of 8 bytes")
    let overflowing = #expect(throws: HDF5Error.self) {
      try again.read(Double.self, from: "/vast", rows: 0..<(1 << 31))
    }
    #expect(overflowing?.found == "\(1 << 30) rows")
    #expect(try again.read(Double.self, from: "/vast", rows: 5..<6).count == 1 << 20)
  }
}
