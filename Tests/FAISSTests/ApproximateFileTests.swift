import FAISS
import Foundation
import TestSupport
import Testing

@Suite("An approximate index's file")
struct ApproximateFileTests {
  private let folder: TemporaryFolder
  private let rows = ClusteredVectors(
    count: 40, dimension: 3, clusters: 4, spread: 0.2, seed: 8
  ).rows

  init() throws { folder = try TemporaryFolder(inMemory: true) }

  private func index(lists: Int = 4) throws -> ApproximateIndex {
    let index = try ApproximateIndex(
      dimension: 3, metric: .innerProduct, sample: rows, lists: lists, probes: 2)
    try index.add(rows)
    return index
  }

  private func bytes() throws -> [UInt8] {
    try index().save(path: folder.path("whole.faiss"))
    return try folder.read("whole.faiss")
  }

  /// Reads damaged bytes; the result must be an error of one line, or an index that works.
  private func survives(_ bytes: [UInt8], _ what: Comment) throws -> Bool {
    let path = try folder.write(bytes, as: "broken.faiss")
    do {
      let index = try ApproximateIndex(path: path)
      #expect(index.count == 40 && index.dimension == 3, what)
      for id in 0..<40 { _ = try index.reconstruct(Int64(id)) }
      let ids = try index.search(rows, k: 40).flatMap(\.ids)
      #expect(ids.allSatisfy { (0..<40).contains($0) }, what)
      return true
    } catch {
      guard case .file(path, let reason) = error else {
        Issue.record("\(what): \(error)")
        return false
      }
      #expect(!reason.isEmpty && !error.description.contains("\n"), what)
      return false
    }
  }

  @Test func savedAndLoadedIndexesAreTheSame() throws {
    let index = try index()
    try index.save(path: folder.path("a.faiss"))
    let loaded = try ApproximateIndex(path: folder.path("a.faiss"))
    #expect(loaded.count == 40 && loaded.lists == 4 && loaded.probes == 2)
    #expect(loaded.metric == .innerProduct && loaded.dimension == 3)
    #expect(try loaded.search(rows, k: 5) == index.search(rows, k: 5))
    #expect(try loaded.reconstruct(17) == Array(rows[51..<54]))
    try loaded.add([1, 0, 0])
    #expect(try loaded.reconstruct(40) == [1, 0, 0])
    try loaded.save(path: folder.path("a.faiss"))
    #expect(try ApproximateIndex(path: folder.path("a.faiss")).count == 41)
  }

  @Test func mostlyEmptyListsSurviveTheirFile() throws {
    let index = try ApproximateIndex(
      dimension: 3, metric: .squaredL2, sample: rows, lists: 20, probes: 20)
    try index.save(path: folder.path("none.faiss"))
    #expect(try ApproximateIndex(path: folder.path("none.faiss")).count == 0)
    // With fewer than half of the lists in use, FAISS writes their sizes in another form.
    try index.add(Array(rows[..<9]))
    try index.save(path: folder.path("few.faiss"))
    let loaded = try ApproximateIndex(path: folder.path("few.faiss"))
    #expect(try loaded.search(rows, k: 3) == index.search(rows, k: 3))
  }

  @Test func everyTruncationIsAnError() throws {
    let whole = try bytes()
    #expect(try survives(whole, "the whole file"))
    for count in 0..<whole.count {
      #expect(try !survives(Array(whole[..<count]), "\(count) bytes"))
    }
    #expect(try !survives(whole + [0], "a byte too many"))
  }

  @Test func everyByteMayBeWrong() throws {
    let whole = try bytes()
    for place in whole.indices {
      for flip in [UInt8(0x01), 0x80, 0xFF] {
        var damaged = whole
        damaged[place] ^= flip
        _ = try survives(damaged, "byte \(place)")
      }
    }
  }

  @Test func severalBytesMayBeWrong() throws {
    let whole = try bytes()
    var random = SeededGenerator(seed: 11)
    for round in 0..<2_000 { _ = try survives(random.mutated(whole), "round \(round)") }
  }

  @Test func anIdThatOccursTwiceIsAnError() throws {
    var damaged = try bytes()
    // The last list's last id is the file's last number.
    damaged.replaceSubrange(
      (damaged.count - 8)..., with: damaged[(damaged.count - 16)...].prefix(8))
    #expect(try !survives(damaged, "an id that occurs twice"))
  }

  @Test func kindsAreNotMixedUp() throws {
    let flat = try FlatIndex(dimension: 3, metric: .innerProduct)
    try flat.save(path: folder.path("flat.faiss"))
    try index().save(path: folder.path("lists.faiss"))
    #expect(throws: FAISSError.self) { try ApproximateIndex(path: folder.path("flat.faiss")) }
    #expect(throws: FAISSError.self) { try FlatIndex(path: folder.path("lists.faiss")) }
    #expect(throws: FAISSError.self) { try ApproximateIndex(path: folder.path("none")) }
    #expect(throws: FAISSError.self) { try ApproximateIndex(path: folder.url.path) }
  }
}
