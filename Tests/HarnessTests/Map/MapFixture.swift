import AISHarness
import AISKit
import Foundation
import TestSupport

/// A small map with something in every field, and a folder to keep it in.
struct MapFixture {
  static let categories = ["Fragen", "écrire", "編集"]

  let folder: TemporaryFolder
  let map: TopologicalMap
  let meta: MapMeta
  let queries: [Float]

  var path: String { folder.path("map") }

  init(_ kind: MapShape.Kind = .exact, seed: UInt64 = 1, entries: Int = 120) throws {
    folder = try TemporaryFolder()
    let data = ClusteredVectors(
      count: entries + 10, dimension: 8, clusters: 3, spread: 0.8, seed: seed)
    map = try TopologicalMap(
      categories: Self.categories, pivot: 3, width: 8, layerCount: 5, kind: kind)
    let labels = data.labels[..<entries]
    try map.add(
      probes: Array(data.rows[..<(entries * 8)]),
      entries: labels.enumerated().map {
        MapEntry(category: $1, text: $0 == 1 ? "" : "prompt \($0)\n“漢字”")
      })
    queries = Array(data.rows[(entries * 8)...])
    try map.setImportance(
      LayerImportance(
        categoryCount: 3, layerCount: 5, values: (0..<15).map { Double($0) / 7 }))
    for (place, found) in try map.lookUp(batch: queries, k: 1).enumerated() {
      try map.observe(found, quality: Double(place) / 3)
    }
    meta = MapMeta(
      shape: map.shape, modelName: "model.gguf", modelSHA256: String(repeating: "ab", count: 32),
      dtype: "f32", k: 7, vote: .majority, dataName: "prompts.jsonl", dataSHA256: "cd",
      createdUTC: "2025-01-02T03:04:05Z", gitCommit: "0123456789")
  }

  /// Changes a text in `meta.json`.
  func editMeta(_ old: String, _ new: String) throws {
    let text = String(decoding: try folder.read("map/meta.json"), as: UTF8.self)
    try folder.write(text.replacingOccurrences(of: old, with: new), as: "map/meta.json")
  }

  /// The bytes of the folder's files by name.
  func bytes() throws -> [String: [UInt8]] {
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
    return Dictionary(
      uniqueKeysWithValues: try names.map { ($0, try folder.read("map/\($0)")) })
  }
}
