import FAISS
import Foundation
import Testing

@Suite("A flat index's file")
struct IndexFileTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("index-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  private func cleanUp() { try? FileManager.default.removeItem(at: folder) }

  /// A file's bytes in FAISS's layout, built by hand.
  private func file(
    kind: String = "IxF2", dimension: Int32 = 2, vectors: Int64 = 2, trained: UInt8 = 1,
    metric: Int32 = 1, floats: UInt64 = 4, values: [Float] = [1, 2, 3, 4]
  ) -> Data {
    var data = Data(kind.utf8)
    func append<Number>(_ number: Number) {
      withUnsafeBytes(of: number) { data.append(contentsOf: $0) }
    }
    append(dimension)
    append(vectors)
    append(Int64(1 << 20))
    append(Int64(1 << 20))
    append(trained)
    append(metric)
    append(floats)
    for value in values { append(value) }
    return data
  }

  private func expectError(_ data: Data, _ what: String) throws {
    let name = path("broken.faiss")
    try data.write(to: URL(fileURLWithPath: name))
    do {
      _ = try FlatIndex(path: name)
      Issue.record("\(what): expected an error")
    } catch {
      guard case .file(name, let reason) = error else {
        Issue.record("\(what): \(error)")
        return
      }
      #expect(!reason.isEmpty && !error.description.contains("\n"), "\(what)")
    }
  }

  @Test(arguments: [IndexMetric.innerProduct, .squaredL2])
  func savedAndLoadedIndexesAreTheSame(_ metric: IndexMetric) throws {
    defer { cleanUp() }
    let index = try FlatIndex(dimension: 3, metric: metric)
    try index.add([1, 2, 3, -1, 0.5, 0.25, 7, 8, 9])
    try index.save(path: path("a.faiss"))
    let loaded = try FlatIndex(path: path("a.faiss"))
    #expect(loaded.dimension == 3)
    #expect(loaded.metric == metric)
    #expect(loaded.count == 3)
    #expect(try loaded.reconstruct(1) == [-1, 0.5, 0.25])
    let query: [Float] = [0.3, -2, 1]
    #expect(try loaded.search(query, k: 3) == index.search(query, k: 3))
    try loaded.add([0, 0, 0])
    try loaded.save(path: path("a.faiss"))
    #expect(try FlatIndex(path: path("a.faiss")).count == 4)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.faiss"])
  }

  @Test func anEmptyIndexSurvivesItsFile() throws {
    defer { cleanUp() }
    try FlatIndex(dimension: 5, metric: .innerProduct).save(path: path("e.faiss"))
    let loaded = try FlatIndex(path: path("e.faiss"))
    #expect(loaded.count == 0)
    #expect(loaded.metric == .innerProduct)
  }

  @Test func theHandBuiltFileIsWhatFAISSWrites() throws {
    defer { cleanUp() }
    let index = try FlatIndex(dimension: 2, metric: .squaredL2)
    try index.add([1, 2, 3, 4])
    try index.save(path: path("f.faiss"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: path("f.faiss"))) == file())
  }

  @Test func everyTruncationIsAnError() throws {
    defer { cleanUp() }
    let whole = file()
    for count in 0..<whole.count { try expectError(whole.prefix(count), "\(count) bytes") }
    try expectError(whole + [0], "a byte too many")
  }

  @Test func everyImplausibleHeaderIsAnError() throws {
    defer { cleanUp() }
    try expectError(file(kind: "IwFl"), "another kind of index")
    try expectError(file(kind: "GGUF"), "a foreign file")
    try expectError(file(kind: "IxFI"), "a kind that contradicts the metric")
    try expectError(file(dimension: 0), "no dimension")
    try expectError(file(dimension: -2), "a negative dimension")
    try expectError(file(dimension: .max), "a huge dimension")
    try expectError(file(vectors: -1), "a negative count")
    try expectError(file(vectors: .max), "a huge count")
    try expectError(file(vectors: 3), "a count that contradicts the floats")
    try expectError(file(trained: 0), "an index that is not trained")
    try expectError(file(metric: 2), "an unknown metric")
    try expectError(file(metric: -1), "a negative metric")
    for floats in [UInt64(5), 1 << 33, 1 << 39, 1 << 40, 1 << 62, .max] {
      try expectError(file(floats: floats), "\(floats) floats")
    }
  }

  @Test func flippedBytesNeverCrash() throws {
    defer { cleanUp() }
    let whole = file()
    let name = path("flipped.faiss")
    for place in 0..<45 {
      for flip in [UInt8(0x01), 0x80, 0xFF] {
        var data = whole
        data[place] ^= flip
        try data.write(to: URL(fileURLWithPath: name))
        // Bytes 16 to 31 have no meaning; a flip of any other is detected.
        let isIgnored = (16..<32).contains(place)
        #expect(((try? FlatIndex(path: name)) != nil) == isIgnored, "byte \(place)")
      }
    }
  }

  @Test func missingFilesAndFoldersAreErrors() throws {
    defer { cleanUp() }
    #expect(throws: FAISSError.self) { try FlatIndex(path: path("none.faiss")) }
    #expect(throws: FAISSError.self) { try FlatIndex(path: folder.path) }
    let index = try FlatIndex(dimension: 1, metric: .squaredL2)
    #expect(throws: FAISSError.self) { try index.save(path: path("no/such/folder.faiss")) }
    try FileManager.default.createDirectory(
      atPath: path("taken"), withIntermediateDirectories: true)
    #expect(throws: FAISSError.self) { try index.save(path: path("taken")) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["taken"])
  }
}
