import AISKit
import Testing

@Suite("A neighbourhood")
struct NeighborhoodTests {
  /// Neighbours with the given categories and similarities, nearest first.
  private func neighbors(_ pairs: [(Int, Float)]) -> [Neighborhood.Neighbor] {
    pairs.enumerated().map { .init(id: $0, similarity: $1.1, category: $1.0) }
  }

  @Test func theMajorityWins() throws {
    let found = try Neighborhood(
      neighbors: neighbors([(2, 0.9), (0, 0.8), (0, 0.7), (1, 0.6)]), categoryCount: 3,
      vote: .majority)
    #expect(found.category == 0)
    #expect(found.votes == [2, 1, 1])
    #expect(found.confidence == 0.5)
  }

  @Test func tiesGoToTheNearest() throws {
    let found = try Neighborhood(
      neighbors: neighbors([(2, 0.9), (1, 0.8), (0, 0.7), (0, 0.6), (1, 0.5)]), categoryCount: 3,
      vote: .majority)
    #expect(found.votes == [2, 2, 1])
    #expect(found.category == 1)
    #expect(found.confidence == 0.4)
  }

  @Test func weightedVoicesCountWhatTheyAreNearerThanTheFarthest() throws {
    let found = try Neighborhood(
      neighbors: neighbors([(1, 1), (0, 0.75), (0, 0.625), (2, 0.5)]), categoryCount: 3,
      vote: .weighted)
    #expect(found.votes == [0.75, 1, 0])
    #expect(found.category == 1)
    #expect(found.confidence == 1 / 1.75)
    let other = try Neighborhood(
      neighbors: neighbors([(1, 1), (0, 1), (0, 0.75), (2, -1)]), categoryCount: 3,
      vote: .weighted)
    #expect(other.votes == [1.875, 1, 0])
    #expect(other.category == 0)
  }

  @Test func onlyDifferencesOfNearnessCount() throws {
    let spread = try Neighborhood(
      neighbors: neighbors([(1, 0.5), (0, 0.25), (0, -0.5)]), categoryCount: 2, vote: .weighted)
    let close = try Neighborhood(
      neighbors: neighbors([(1, 1), (0, 0.9375), (0, 0.75)]), categoryCount: 2, vote: .weighted)
    #expect(spread.votes == close.votes && spread.confidence == close.confidence)
  }

  @Test(arguments: [1, -0.5] as [Float])
  func equallyNearVoicesCountTheSame(_ similarity: Float) throws {
    let found = try Neighborhood(
      neighbors: neighbors([(1, similarity), (0, similarity), (0, similarity)]),
      categoryCount: 2, vote: .weighted)
    #expect(found.votes == [2, 1] && found.category == 0)
    let single = try Neighborhood(
      neighbors: neighbors([(1, similarity)]), categoryCount: 2, vote: .weighted)
    #expect(single.category == 1 && single.confidence == 1)
  }

  @Test func onlyNeighboursOfACategoryVote() throws {
    #expect(throws: RequestError.self) {
      try Neighborhood(neighbors: [], categoryCount: 2, vote: .majority)
    }
    for category in [-1, 2] {
      #expect(throws: RequestError.self) {
        try Neighborhood(
          neighbors: neighbors([(category, 1)]), categoryCount: 2, vote: .majority)
      }
    }
  }
}

@Suite("Layer importance")
struct LayerImportanceTests {
  @Test func isReadByCategoryAndLayer() throws {
    let importance = try LayerImportance(rows: [[1, 2, 3], [3, 4, 8]])
    #expect(importance.categoryCount == 2 && importance.layerCount == 3)
    #expect(importance[1, 0] == 3 && importance[0, 2] == 3)
    #expect(importance.row(1) == [3, 4, 8])
    #expect(importance.overall == [2, 3, 5.5])
    #expect(
      try importance
        == LayerImportance(
          categoryCount: 2, layerCount: 3, values: [1, 2, 3, 3, 4, 8]))
  }

  @Test func wrongShapesAndNumbersAreErrors() throws {
    for (categories, layers) in [(2, 2), (0, 0), (-1, -3), (3, 0), (.max, 2)] {
      #expect(throws: RequestError.self) {
        try LayerImportance(
          categoryCount: categories, layerCount: layers, values: [1, 2, 3])
      }
    }
    #expect(throws: RequestError.self) { try LayerImportance(rows: [[1, 2], [3]]) }
    #expect(throws: RequestError.self) { try LayerImportance(rows: []) }
    #expect(
      throws: RequestError(
        "map importance of category 1, layer 0", expected: "a finite number", found: "inf")
    ) { try LayerImportance(rows: [[1, 2], [.infinity, 3]]) }
  }
}
