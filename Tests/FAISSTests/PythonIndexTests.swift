import FAISS
import Foundation
import TestSupport
import Testing

/// Python's faiss and this module read each other's files and find the same neighbours.
@Suite struct PythonIndexTests {
  private static let python = PythonPeer.having("faiss, numpy")

  private let folder: TemporaryFolder
  private let data = ClusteredVectors(
    count: 1_050, dimension: 24, clusters: 12, spread: 0.6, seed: 5
  ).rows
  private var rows: [Float] { Array(data[..<(1_000 * 24)]) }
  private var queries: [Float] { Array(data[(1_000 * 24)...]) }

  private struct Found: Decodable {
    let ids: [[Int64]]
    let distances: [[Float]]
  }

  init() throws { folder = try TemporaryFolder() }

  /// Runs a script that makes `index` or reads it from `ours`; returns what it finds.
  private func search(_ script: String) throws -> Found {
    try folder.write(littleEndianBytes(rows), as: "rows")
    try folder.write(littleEndianBytes(queries), as: "queries")
    let python = try #require(Self.python)
    let text = try python.run(
      """
      import faiss, json, numpy as np
      folder = "\(folder.url.path)"
      rows = np.fromfile(folder + "/rows", "<f4").reshape(-1, 24)
      queries = np.fromfile(folder + "/queries", "<f4").reshape(-1, 24)
      \(script)
      distances, ids = index.search(queries, 10)
      print(json.dumps({"ids": ids.tolist(), "distances": distances.tolist()}))
      """)
    return try JSONDecoder().decode(Found.self, from: Data(text.utf8))
  }

  private func expectSame(_ found: Found, _ index: some VectorIndex) throws {
    let own = try index.search(queries, k: 10)
    #expect(own.map(\.ids) == found.ids)
    expectClose(
      own.flatMap(\.distances), found.distances.flatMap { $0 }, tolerance: 1e-4)
  }

  @Test(.enabled(if: python != nil), arguments: [IndexMetric.innerProduct, .squaredL2])
  func pythonFindsTheSameNeighboursInOurFlatIndex(_ metric: IndexMetric) throws {
    let index = try FlatIndex(dimension: 24, metric: metric)
    try index.add(rows)
    try index.save(path: folder.path("ours"))
    try expectSame(search("index = faiss.read_index(folder + '/ours')"), index)
  }

  @Test(.enabled(if: python != nil), arguments: [IndexMetric.innerProduct, .squaredL2])
  func pythonFindsTheSameNeighboursInOurLists(_ metric: IndexMetric) throws {
    let index = try ApproximateIndex(dimension: 24, metric: metric, sample: rows, probes: 3)
    try index.add(rows)
    try index.save(path: folder.path("ours"))
    let found = try search(
      """
      index = faiss.read_index(folder + '/ours')
      assert index.ntotal == 1000 and index.nlist == \(index.lists) and index.nprobe == 3
      assert np.array_equal(faiss.downcast_index(index).reconstruct(7), rows[7])
      """)
    try expectSame(found, index)
  }

  @Test(.enabled(if: python != nil))
  func whatPythonWroteIsRead() throws {
    let flat = try search(
      """
      index = faiss.IndexFlatIP(24)
      index.add(rows)
      faiss.write_index(index, folder + '/theirs')
      """)
    try expectSame(flat, FlatIndex(path: folder.path("theirs")))
    let lists = try search(
      """
      index = faiss.index_factory(24, "IVF20,Flat", faiss.METRIC_INNER_PRODUCT)
      index.train(rows)
      index.add(rows)
      index.nprobe = 4
      faiss.write_index(index, folder + '/theirs')
      """)
    let read = try ApproximateIndex(path: folder.path("theirs"))
    #expect(read.lists == 20 && read.probes == 4)
    try expectSame(lists, read)
    #expect(try read.reconstruct(7) == Array(rows[168..<192]))
  }
}
