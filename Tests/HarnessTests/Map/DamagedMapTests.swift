import AISHarness
import AISKit
import FAISS
import Foundation
import HDF5
import TestSupport
import Testing

@Suite("A damaged map")
struct DamagedMapTests {
  /// Loads the map; expects a one-line error that names `file`, and an untouched folder.
  private func expectRefusal(
    _ fixture: MapFixture, naming file: String, _ what: Comment
  ) throws {
    let before = try fixture.bytes()
    do {
      _ = try MapFolder.load(fixture.path)
      Issue.record("\(what): expected an error")
    } catch let error as any InputError {
      #expect(error.description.contains(file), what)
      #expect(!error.description.contains("\n"), what)
    }
    #expect(try fixture.bytes() == before, what)
  }

  private func saved(
    _ kind: MapShape.Kind = .exact, seed: UInt64 = 1, entries: Int = 120
  ) throws -> MapFixture {
    let fixture = try MapFixture(kind, seed: seed, entries: entries)
    try MapFolder.save(fixture.map, fixture.meta, to: fixture.path)
    return fixture
  }

  @Test(arguments: ["index.faiss", "values.h5", "meta.json"])
  func filesMayBeMissingTruncatedOrForeign(_ name: String) throws {
    let fixture = try saved()
    let whole = try fixture.folder.read("map/\(name)")
    for bytes in [[], Array(whole[..<(whole.count / 2)]), whole.dropLast(), Array("GGUF".utf8)] {
      try fixture.folder.write(Array(bytes), as: "map/\(name)")
      // A text file without its last line break is still whole.
      if name == "meta.json", bytes.count == whole.count - 1 { continue }
      try expectRefusal(fixture, naming: name, "\(bytes.count) bytes of \(name)")
    }
    try FileManager.default.removeItem(atPath: fixture.folder.path("map/\(name)"))
    try expectRefusal(fixture, naming: name, "no \(name)")
  }

  @Test func aMissingFolderIsAnError() throws {
    let fixture = try MapFixture()
    #expect(throws: MapFolderError.self) { try MapFolder.load(fixture.path) }
    try fixture.folder.write("text", as: "map")
    #expect(throws: MapFolderError.self) { try MapFolder.load(fixture.path) }
  }

  @Test(arguments: MapShape.Kind.allCases)
  func everyBitOfTheIndexIsGuarded(_ kind: MapShape.Kind) throws {
    let fixture = try saved(kind)
    let whole = try fixture.folder.read("map/index.faiss")
    var random = SeededGenerator(seed: 4)
    for round in 0..<60 {
      let damaged = random.mutated(whole)
      if damaged == whole { continue }
      try fixture.folder.write(damaged, as: "map/index.faiss")
      try expectRefusal(fixture, naming: "index.faiss", "round \(round)")
    }
  }

  @Test(arguments: ["index.faiss", "values.h5", "meta.json"])
  func filesOfAnotherMapAreRefused(_ name: String) throws {
    for (seed, entries) in [(9, 120), (1, 119)] as [(UInt64, Int)] {
      let fixture = try saved()
      let other = try saved(seed: seed, entries: entries)
      try fixture.folder.write(other.folder.read("map/\(name)"), as: "map/\(name)")
      try expectRefusal(fixture, naming: fixture.path, "\(name) of another map")
    }
  }

  @Test(arguments: [
    ("\"schema_version\" : 1", "\"schema_version\" : 2", "schema_version"),
    ("\"pivot\" : 3", "\"pivot\" : 5", "pivot"),
    ("\"pivot\" : 3", "\"pivot\" : \"3\"", "pivot"),
    ("\"width\" : 8", "\"width\" : 9", "width"),
    ("\"layers\" : 5", "\"layers\" : 6", "importance"),
    ("\"entries\" : 120", "\"entries\" : 121", "121"),
    ("\"entries\" : 120", "\"entries\" : 0", "entries"),
    ("Fragen", "Antworten", "categories"),
    ("\"Fragen\",", "", "categories"),
    ("\"k\" : 7", "\"k\" : 0", "k"),
    ("\"majority\"", "\"loudest\"", "vote"),
    ("\"exact\"", "\"approximate\"", "index.faiss"),
    ("\"exact\"", "\"magic\"", "index"),
    ("model_name", "name", "model_name"),
  ])
  func metaMustAgreeWithTheRest(_ old: String, _ new: String, _ named: String) throws {
    let fixture = try saved()
    try fixture.editMeta(old, new)
    try expectRefusal(fixture, naming: named, "\(new)")
  }

  private func edit(
    _ fixture: MapFixture, _ dataset: String, _ change: (borrowing HDF5File) throws -> Void
  ) throws {
    let file = try HDF5File.open(fixture.folder.path("map/values.h5"), .readWrite)
    if !dataset.isEmpty { try file.delete(dataset) }
    try change(file)
    try file.close()
  }

  @Test func valuesMustAgreeWithTheRest() throws {
    typealias Change = (borrowing HDF5File) throws -> Void
    let changes: [(String, Change)] = [
      ("/categories", { try $0.write(["a", "b"], to: "/categories") }),
      ("/importance", { try $0.write([1.0, 2], to: "/importance") }),
      (
        "/importance",
        {
          try $0.write([Double](repeating: .nan, count: 15), shape: [3, 5], to: "/importance")
        }
      ),
      (
        "/entries/category",
        {
          try $0.write([Int32](repeating: 3, count: 120), to: "/entries/category")
        }
      ),
      (
        "/entries/category",
        {
          try $0.write([Int64](repeating: 0, count: 120), to: "/entries/category")
        }
      ),
      (
        "/entries/category",
        {
          try $0.write([Int32](repeating: 0, count: 119), to: "/entries/category")
        }
      ),
      (
        "/entries/observations",
        {
          try $0.write([Int64](repeating: -1, count: 120), to: "/entries/observations")
        }
      ),
      (
        "/entries/quality",
        {
          try $0.write([Double](repeating: 1, count: 120), to: "/entries/quality")
        }
      ),
      ("/entries/quality", { _ in }),
      ("/entries/text", { try $0.write(["one"], to: "/entries/text") }),
      ("", { try $0.setAttribute("schema_version", 2) }),
      ("", { try $0.setAttribute("index_sha256", "ef") }),
    ]
    for (place, change) in changes.enumerated() {
      let fixture = try saved()
      try edit(fixture, change.0, change.1)
      try expectRefusal(fixture, naming: "values.h5", "change \(place) of \(change.0)")
    }
  }
}
