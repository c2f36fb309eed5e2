import AISHarness
import AISKit
import Foundation

/// Tests whether the map finds its own entries and centroids, also after a round trip to disk.
struct MapTrial {
  /// Held-out prompts are divided into this many parts, each with a centroid per category.
  private static let parts = 5

  let map: TopologicalMap
  let corpus: Corpus
  let probes: [Float]
  let width: Int

  private var mapProbes: [Float] { Array(probes.prefix(corpus.mapCount * width)) }
  private var heldOut: [Float] { Array(probes.dropFirst(corpus.mapCount * width)) }

  func retrieve(in lab: Lab<Exp014.Row>) throws {
    if lab.rows(of: EntryRow.self).isEmpty {
      let own = try map.lookUp(batch: mapProbes, k: 1)
      try lab.record(
        raw: own.enumerated().map { entry, found in
          let nearest = found.neighbors.first?.id ?? -1
          return EntryRow(
            entry: entry, category: corpus.categories[corpus.mapLabels[entry]], nearest: nearest,
            isFound: nearest == entry || nearest >= 0 && isEqual(entry, nearest))
        })
    }
    guard lab.rows(of: CentroidRow.self).isEmpty else { return }
    var rows = centroids(of: mapProbes, corpus.mapLabels, part: CentroidRow.ownEntries)
    for part in 0..<Self.parts {
      let members = corpus.heldOutLabels.indices.filter { $0 % Self.parts == part }
      rows += centroids(
        of: members.flatMap { heldOut[$0 * width..<($0 + 1) * width] },
        members.map { corpus.heldOutLabels[$0] }, part: part)
    }
    try lab.record(raw: rows)
  }

  private func centroids(of rows: [Float], _ labels: [Int], part: Int) -> [CentroidRow] {
    Centroids(rows: rows, width: width, labels: labels)
      .recall(at: 10, among: mapProbes, labels: corpus.mapLabels).sorted { $0.key < $1.key }
      .map { label, recall in
        CentroidRow(
          category: corpus.categories[label], part: part, found: recall.successes,
          nearest: recall.trials)
      }
  }

  private func isEqual(_ first: Int, _ second: Int) -> Bool {
    probes[first * width..<(first + 1) * width] == probes[second * width..<(second + 1) * width]
  }

  /// Saves the map, loads it, and repeats the queries.
  func roundTrip(
    _ queries: [Float], _ found: [Neighborhood], _ k: Int, _ store: MapStore,
    in lab: Lab<Exp014.Row>
  ) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("ais-map-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try store.save(map, to: folder)
    let again = try MapFolder.load(folder.path).map.lookUp(batch: queries, k: k)
    try lab.note(
      "round_trip_identical", again == found,
      "the map, saved and loaded, answers every held-out prompt in the same bits")
  }
}
