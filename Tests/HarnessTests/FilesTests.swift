import AISHarness
import Foundation
import TestSupport
import Testing

/// A folder that is deleted after the test.
final class ScratchFolder {
  let url = FileManager.default.temporaryDirectory
    .appendingPathComponent("ais-\(UUID().uuidString)", isDirectory: true)

  init() throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(at: url) }

  func file(_ name: String) -> URL { url.appendingPathComponent(name) }
}

@Suite struct DigestTests {
  /// FIPS 180-4 examples, and the empty message and the million letters from its test vectors.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func digestsAreThoseOfTheStandard(message: String, digest: String) {
    #expect(SHA256.hexDigest(of: message) == digest)
  }

  @Test func piecesOfAnySizeGiveTheSameDigest() {
    let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    func digest(piece: Int) -> String {
      var hash = SHA256()
      for start in stride(from: 0, to: bytes.count, by: piece) {
        Array(bytes[start..<min(start + piece, bytes.count)]).withUnsafeBytes { hash.update($0) }
      }
      return hash.finish()
    }
    let whole = digest(piece: 1_000)
    #expect([1, 7, 63, 64, 65, 128, 999].allSatisfy { digest(piece: $0) == whole })
  }

  @Test func aFilesDigestIsRememberedUntilTheFileChanges() throws {
    let scratch = try ScratchFolder()
    let file = scratch.file("data")
    try "abc".write(to: file, atomically: false, encoding: .utf8)
    let digest = try FileDigest.sha256(of: file, cache: scratch.url)
    #expect(digest.hasPrefix("ba7816bf"))
    // A false note: if it is used, the false digest is returned.
    let notes = scratch.file("digests")
    let note = try #require(
      FileManager.default.contentsOfDirectory(at: notes, includingPropertiesForKeys: nil).first)
    let stamp = try String(contentsOf: note, encoding: .utf8).dropFirst(64)
    let poison = String(repeating: "0", count: 64)
    try (poison + stamp).write(to: note, atomically: true, encoding: .utf8)
    #expect(try FileDigest.sha256(of: file, cache: scratch.url) == poison)
    try "abd".write(to: file, atomically: false, encoding: .utf8)
    #expect(try FileDigest.sha256(of: file, cache: scratch.url).hasPrefix("a52d159f"))
  }

  @Test func aMissingFileOrAFolderIsOneLine() throws {
    let scratch = try ScratchFolder()
    for file in [scratch.file("none"), scratch.url] {
      #expect(throws: FileDigestError.self) {
        try FileDigest.sha256(of: file, cache: scratch.url)
      }
    }
  }
}

@Suite struct CatalogTests {
  @Test func theCatalogAndSetUpsTableSayTheSame() throws {
    let table = ReferenceFiles.repository.appendingPathComponent("Sources/Setup/models.txt")
    let models = try String(contentsOf: table, encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: " ").map(String.init) }.filter { $0.first == "model" }
    let catalog = ModelCatalog.entries.map {
      ["model", $0.name, $0.file, "\($0.byteCount)", $0.sha256]
    }
    #expect(models == catalog)
  }

  @Test func pathsWinOverNamesAndNamesLeadToTheCache() throws {
    let scratch = try ScratchFolder()
    #expect(
      try ModelCatalog.resolve(scratch.url.path, cache: scratch.url).path == scratch.url.path)
    let name = ModelCatalog.defaultName
    let entry = try #require(ModelCatalog.entries.first)
    let file = scratch.file("models").appendingPathComponent(entry.file)
    #expect(throws: ModelCatalogError.notFetched(name: name, path: file.path)) {
      try ModelCatalog.resolve(name, cache: scratch.url)
    }
    try FileManager.default.createDirectory(
      at: scratch.file("models"), withIntermediateDirectories: true)
    try Data(count: 7).write(to: file)
    #expect(
      throws: ModelCatalogError.damaged(
        name: name, path: file.path, expectedBytes: entry.byteCount, foundBytes: 7)
    ) {
      try ModelCatalog.resolve(name, cache: scratch.url)
    }
    truncate(file.path, off_t(entry.byteCount))
    #expect(try ModelCatalog.resolve(name, cache: scratch.url) == file)
    let shared = scratch.file("shared.gguf")
    try FileManager.default.moveItem(at: file, to: shared)
    try FileManager.default.createSymbolicLink(at: file, withDestinationURL: shared)
    #expect(try ModelCatalog.resolve(name, cache: scratch.url) == file, "through a link")
  }

  @Test func anUnknownNameListsTheKnownOnes() {
    #expect(throws: ModelCatalogError.unknown("gpt5", known: ModelCatalog.entries.map(\.name))) {
      try ModelCatalog.resolve("gpt5")
    }
  }
}
