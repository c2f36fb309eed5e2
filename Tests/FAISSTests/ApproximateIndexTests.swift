import FAISS
import TestSupport
import Testing

@Suite("An approximate index")
struct ApproximateIndexTests {
  private let dimension = 32

  private func vectors(_ count: Int) -> ClusteredVectors {
    ClusteredVectors(count: count, dimension: dimension, clusters: 40, spread: 0.5, seed: 3)
  }

  @Test(arguments: [IndexMetric.innerProduct, .squaredL2])
  func findsNearlyAllOfTheExactNeighbours(_ metric: IndexMetric) throws {
    let all = vectors(8_200).rows
    let (rows, queries) = (Array(all[..<(8_000 * dimension)]), Array(all[(8_000 * dimension)...]))
    let exact = try FlatIndex(dimension: dimension, metric: metric)
    let index = try ApproximateIndex(dimension: dimension, metric: metric, sample: rows)
    #expect(index.count == 0 && index.lists == 250 && index.probes == 8)
    try exact.add(rows)
    try index.add(Array(rows[..<(3_000 * dimension)]))
    try index.add(Array(rows[(3_000 * dimension)...]))
    #expect(index.count == 8_000)
    let expected = try exact.search(queries, k: 10)
    let found = try index.search(queries, k: 10)
    #expect(found.count == 200)
    let hits = zip(expected, found).reduce(0) { sum, pair in
      sum + Set(pair.0.ids).intersection(pair.1.ids).count
    }
    #expect(hits >= 1_900, "recall@10 \(Double(hits) / 2_000)")
    for (expected, found) in zip(expected, found) {
      let exact = Dictionary(uniqueKeysWithValues: zip(expected.ids, expected.distances))
      for (id, distance) in zip(found.ids, found.distances) {
        if let same = exact[id] { #expect(abs(same - distance) < 1e-3) }
      }
    }
  }

  @Test func everyListLookedIntoMeansExactNeighbours() throws {
    let rows = vectors(600).rows
    let exact = try FlatIndex(dimension: dimension, metric: .innerProduct)
    let index = try ApproximateIndex(
      dimension: dimension, metric: .innerProduct, sample: rows, lists: 9, probes: 9)
    try exact.add(rows)
    try index.add(rows)
    let queries = Array(rows[..<(20 * dimension)])
    #expect(try index.search(queries, k: 5).map(\.ids) == exact.search(queries, k: 5).map(\.ids))
    #expect(try index.search(queries, k: 700).allSatisfy { $0.ids.count == 600 })
  }

  @Test func theSameSampleGivesTheSameIndex() throws {
    let rows = vectors(2_000).rows
    let folder = try TemporaryFolder()
    var files: [[UInt8]] = []
    for name in ["a.faiss", "b.faiss"] {
      let index = try ApproximateIndex(dimension: dimension, metric: .innerProduct, sample: rows)
      try index.add(rows)
      try index.save(path: folder.path(name))
      files.append(try folder.read(name))
    }
    #expect(files[0] == files[1])
  }

  @Test func aVectorComesBackAsItWasAdded() throws {
    let rows = vectors(300).rows
    let index = try ApproximateIndex(dimension: dimension, metric: .squaredL2, sample: rows)
    try index.add(rows)
    for id in [0, 1, 299] {
      #expect(
        try index.reconstruct(Int64(id)) == Array(rows[id * dimension..<(id + 1) * dimension]))
    }
    for id in [Int64(300), -1, .max] {
      #expect(throws: FAISSError.self) { try index.reconstruct(id) }
    }
  }

  @Test func aTinySampleMakesOneList() throws {
    let index = try ApproximateIndex(dimension: 2, metric: .innerProduct, sample: [1, 0])
    #expect(index.lists == 1 && index.probes == 1)
    #expect(try index.search([1, 0], k: 3) == [Neighbors(ids: [], distances: [])])
    try index.add([0, 1, 1, 0])
    #expect(try index.search([1, 0], k: 3) == [Neighbors(ids: [1, 0], distances: [1, 0])])
  }

  @Test func wrongShapesAndNumbersAreErrors() throws {
    func make(
      _ sample: [Float], dimension: Int = 2, lists: Int? = nil, probes: Int? = nil
    ) throws {
      _ = try ApproximateIndex(
        dimension: dimension, metric: .innerProduct, sample: sample, lists: lists, probes: probes)
    }
    for dimension in [0, -1, .max] {
      #expect(throws: FAISSError.self) { try make([1, 2], dimension: dimension) }
    }
    #expect(throws: FAISSError.self) { try make([]) }
    #expect(throws: FAISSError.self) { try make([1]) }
    #expect(throws: FAISSError.notFinite(what: "sample", row: 1, column: 0)) {
      try make([1, 2, .nan, 3])
    }
    for lists in [0, -1, 3, .max] {
      #expect(throws: FAISSError.self) { try make([1, 2, 3, 4], lists: lists) }
    }
    for probes in [0, 3, .min] {
      #expect(throws: FAISSError.self) { try make([1, 2, 3, 4], lists: 2, probes: probes) }
    }
    let index = try ApproximateIndex(dimension: 2, metric: .innerProduct, sample: [1, 2])
    #expect(throws: FAISSError.self) { try index.add([1]) }
    #expect(throws: FAISSError.self) { try index.search([1, .infinity], k: 1) }
    #expect(throws: FAISSError.self) { try index.search([1, 2], k: 0) }
  }
}
