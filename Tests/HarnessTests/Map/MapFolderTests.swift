import AISHarness
import AISKit
import Foundation
import TestSupport
import Testing

@Suite("A map's folder")
struct MapFolderTests {
  @Test(arguments: MapShape.Kind.allCases)
  func holdsTheWholeMap(_ kind: MapShape.Kind) throws {
    let fixture = try MapFixture(kind)
    try MapFolder.save(fixture.map, fixture.meta, to: fixture.path)
    let (map, meta) = try MapFolder.load(fixture.path)
    #expect(meta == fixture.meta)
    #expect(map.shape == fixture.map.shape && map.count == 120)
    #expect(map.entries == fixture.map.entries)
    #expect(map.entries.contains { $0.observations > 0 })
    #expect(map.importance == fixture.map.importance)
    #expect(
      try map.lookUp(batch: fixture.queries) == fixture.map.lookUp(batch: fixture.queries))
    #expect(try fixture.folder.names() == ["map"])
    #expect(try fixture.bytes().keys.sorted() == ["index.faiss", "meta.json", "values.h5"])
  }

  @Test func aMapWithoutImportanceComesBackWithoutIt() throws {
    let fixture = try MapFixture()
    try fixture.map.setImportance(nil)
    try MapFolder.save(fixture.map, fixture.meta, to: fixture.path)
    #expect(try MapFolder.load(fixture.path).map.importance == nil)
  }

  @Test func aLoadedMapGrowsAndReplacesItsFolder() throws {
    let fixture = try MapFixture()
    try MapFolder.save(fixture.map, fixture.meta, to: fixture.path)
    let (map, meta) = try MapFolder.load(fixture.path)
    try map.add(
      probes: fixture.queries, entries: (0..<10).map { _ in .init(category: 0, text: "") })
    // A folder that a killed run left beside it does not prevent saving.
    try FileManager.default.createDirectory(
      atPath: fixture.path + ".writing/junk", withIntermediateDirectories: true)
    try MapFolder.save(map, meta, to: fixture.path)
    #expect(try MapFolder.load(fixture.path).map.count == 130)
    #expect(try fixture.folder.names() == ["map"])
  }

  @Test func onlyMapsAreReplaced() throws {
    let fixture = try MapFixture()
    try fixture.folder.write("text", as: "file")
    #expect(throws: MapFolderError.self) {
      try MapFolder.save(fixture.map, fixture.meta, to: fixture.folder.path("file"))
    }
    try FileManager.default.createDirectory(
      atPath: fixture.path, withIntermediateDirectories: true)
    try fixture.folder.write("mine", as: "map/notes.txt")
    #expect(throws: MapFolderError.self) {
      try MapFolder.save(fixture.map, fixture.meta, to: fixture.path)
    }
    #expect(try fixture.bytes().keys.sorted() == ["notes.txt"])
    #expect(throws: ResultWriteError.self) {
      try MapFolder.save(fixture.map, fixture.meta, to: fixture.folder.path("no/such/folder"))
    }
    #expect(try fixture.folder.names() == ["file", "map"])
  }

  @Test func whatIsNoMapLeavesTheEarlierOne() throws {
    let fixture = try MapFixture()
    try MapFolder.save(fixture.map, fixture.meta, to: fixture.path)
    let before = try fixture.bytes()
    let empty = TopologicalMap(fixture.map.shape)
    #expect(throws: RequestError.self) {
      try MapFolder.save(empty, fixture.meta, to: fixture.path)
    }
    var other = fixture.meta
    other.shape = try MapShape(
      categories: MapFixture.categories, pivot: 2, width: 8, layerCount: 5)
    #expect(throws: MapFolderError.self) {
      try MapFolder.save(fixture.map, other, to: fixture.path)
    }
    #expect(try fixture.bytes() == before)
    #expect(try fixture.folder.names() == ["map"])
  }

  @Test func aMapsDeviceIsNamedIfItIsNotTheProcessor() throws {
    let fixture = try MapFixture()
    for device in DeviceName.allCases {
      var meta = fixture.meta
      meta.device = device
      try MapFolder.save(fixture.map, meta, to: fixture.path)
      #expect(try MapFolder.load(fixture.path).meta == meta)
      let text = String(decoding: try fixture.folder.read("map/meta.json"), as: UTF8.self)
      #expect(text.contains("\"device\"") == (device != .cpu))
    }
    try fixture.editMeta("\"cuda\"", "\"abacus\"")
    let error = #expect(throws: MapFolderError.self) { try MapFolder.load(fixture.path) }
    #expect(error?.place == "device" && error?.found == "\"abacus\"")
  }

  @Test func aMapIsForOneModelPrecisionAndPivot() throws {
    let meta = try MapFixture().meta
    try meta.check(modelSHA256: meta.modelSHA256, dtype: "f32", pivot: 3, path: "m")
    let cases: [(String, String, Int, String)] = [
      ("00", "f32", 3, "model_sha256"), (meta.modelSHA256, "bf16", 3, "dtype"),
      (meta.modelSHA256, "f32", 4, "pivot"),
    ]
    for (sha256, dtype, pivot, place) in cases {
      let error = #expect(throws: MapFolderError.self) {
        try meta.check(modelSHA256: sha256, dtype: dtype, pivot: pivot, path: "m")
      }
      #expect(error?.place == place && error?.file == "m/meta.json")
    }
  }
}

extension TemporaryFolder {
  /// The names of what lies in the folder, sorted.
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
  }
}
