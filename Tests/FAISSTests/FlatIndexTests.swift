import FAISS
import Foundation
import Testing

/// Reproducible numbers between -1 and 1.
private struct Noise {
  var state: UInt64

  mutating func next() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int64(state >> 40)) / Float(1 << 23) - 1
  }

  mutating func rows(_ count: Int, _ dimension: Int) -> [Float] {
    (0..<count * dimension).map { _ in next() }
  }
}

private func compare(_ left: ArraySlice<Float>, _ right: ArraySlice<Float>, _ metric: IndexMetric)
  -> Float
{
  zip(left, right).reduce(0) { sum, pair in
    metric == .innerProduct
      ? sum + pair.0 * pair.1 : sum + (pair.0 - pair.1) * (pair.0 - pair.1)
  }
}

@Suite("A flat index")
struct FlatIndexTests {
  /// There are more vectors than FAISS multiplies by at once.
  @Test(arguments: [IndexMetric.innerProduct, .squaredL2], [1, 5, 19, 64])
  func findsTheNeighboursOfABruteForceSearch(_ metric: IndexMetric, _ queryCount: Int) throws {
    var noise = Noise(state: 7)
    let (dimension, count, k) = (24, 2_500, 10)
    let rows = noise.rows(count, dimension)
    let queries = noise.rows(queryCount, dimension)
    let index = try FlatIndex(dimension: dimension, metric: metric)
    try index.add(Array(rows[..<(100 * dimension)]))
    try index.add(Array(rows[(100 * dimension)...]))
    #expect(index.count == count)
    let found = try index.search(queries, k: k)
    #expect(found.count == queryCount)
    for (number, neighbors) in found.enumerated() {
      let query = queries[number * dimension..<(number + 1) * dimension]
      let all = (0..<count).map { row in
        (row, compare(query, rows[row * dimension..<(row + 1) * dimension], metric))
      }.sorted { metric == .innerProduct ? $0.1 > $1.1 : $0.1 < $1.1 }
      #expect(neighbors.ids == all.prefix(k).map { Int64($0.0) })
      for (distance, expected) in zip(neighbors.distances, all) {
        #expect(abs(distance - expected.1) < 1e-4)
      }
    }
  }

  @Test func equallyNearVectorsComeInOrderOfTheirIds() throws {
    let index = try FlatIndex(dimension: 2, metric: .squaredL2)
    try index.add([1, 0, 0, 1, -1, 0, 0, -1, 5, 5])
    let found = try index.search([0, 0], k: 4)
    #expect(found == [Neighbors(ids: [0, 1, 2, 3], distances: [1, 1, 1, 1])])
  }

  @Test func moreNeighboursThanVectorsGivesAllVectors() throws {
    let index = try FlatIndex(dimension: 1, metric: .innerProduct)
    #expect(try index.search([1], k: 3) == [Neighbors(ids: [], distances: [])])
    try index.add([2, 3])
    #expect(try index.search([1], k: 9) == [Neighbors(ids: [1, 0], distances: [3, 2])])
    #expect(try index.search([], k: 9) == [])
  }

  /// More neighbours than a block has vectors, also enough for FAISS's other collection method.
  @Test(arguments: [100, 1_023, 1_024, 1_025, 2_400, 2_500, 2_600])
  func manyNeighboursOfAFewQueriesAreThoseOfManyQueries(_ k: Int) throws {
    var noise = Noise(state: 11)
    let (dimension, count) = (8, 2_500)
    let index = try FlatIndex(dimension: dimension, metric: .innerProduct)
    try index.add(noise.rows(count, dimension))
    let queries = noise.rows(20, dimension)
    let many = try index.search(queries, k: k)
    let few = try index.search(Array(queries[..<(3 * dimension)]), k: k)
    #expect(few.map(\.ids) == many[..<3].map(\.ids))
    #expect(few.allSatisfy { $0.ids.count == min(k, count) })
  }

  @Test func aVectorComesBackAsItWasAdded() throws {
    let index = try FlatIndex(dimension: 3, metric: .squaredL2)
    try index.add([1, 2, 3, 0.1, -0.2, .leastNormalMagnitude])
    #expect(try index.reconstruct(1) == [0.1, -0.2, .leastNormalMagnitude])
    for id in [Int64(2), -1, .max, .min] {
      #expect(throws: FAISSError.self) { try index.reconstruct(id) }
    }
  }

  @Test func wrongShapesAndNumbersAreErrors() throws {
    for dimension in [0, -1, .max, .min] {
      #expect(throws: FAISSError.self) {
        try FlatIndex(dimension: dimension, metric: .innerProduct)
      }
    }
    let index = try FlatIndex(dimension: 2, metric: .innerProduct)
    #expect(
      throws: FAISSError.shape(what: "add", expected: "rows of 2 floats", found: "3 floats")
    ) { try index.add([1, 2, 3]) }
    #expect(throws: FAISSError.notFinite(what: "add", row: 1, column: 0)) {
      try index.add([1, 2, .nan, 3])
    }
    #expect(throws: FAISSError.notFinite(what: "search", row: 0, column: 1)) {
      try index.search([1, .infinity], k: 1)
    }
    #expect(throws: FAISSError.self) { try index.search([1, 2], k: 0) }
    #expect(throws: FAISSError.self) { try index.search([1], k: 1) }
    #expect(index.count == 0)
  }

  @Test func manyThreadsSearchWhileOneAdds() async throws {
    let index = try FlatIndex(dimension: 4, metric: .squaredL2)
    try index.add([0, 0, 0, 0])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for _ in 0..<50 {
            if task == 0 {
              try index.add([1, 1, 1, 1])
            } else {
              #expect(try index.search([0, 0, 0, 0], k: 1)[0].ids == [0])
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(index.count == 51)
  }
}
