/// The nearest entries of a probe, and their vote on its category.
public struct Neighborhood: Sendable, Equatable {
  /// One of the entries.
  public struct Neighbor: Sendable, Equatable {
    /// The index of the entry; 0 is the first that was added.
    public let id: Int
    /// The cosine of the angle between probe and entry.
    public let similarity: Float
    /// The entry's category.
    public let category: Int

    /// A neighbour.
    public init(id: Int, similarity: Float, category: Int) {
      self.id = id
      self.similarity = similarity
      self.category = category
    }
  }

  /// The neighbours, nearest first.
  public let neighbors: [Neighbor]
  /// Each category's votes: the sum of the weights of its neighbours.
  public let votes: [Double]
  /// The category with the most votes; of equal ones, the one with the nearest neighbour.
  public let category: Int
  /// The category's share of the vote, above 0, at most 1.
  public let confidence: Double

  /// The vote of the neighbours, nearest first.
  ///
  /// - Throws: `RequestError` if there is no neighbour, or one has a category out of range.
  public init(
    neighbors: [Neighbor], categoryCount: Int, vote: Vote
  ) throws(RequestError) {
    guard let nearest = neighbors.first else {
      throw RequestError("map look-up", expected: "a neighbour", found: "none")
    }
    if let stray = neighbors.first(where: { !(0..<categoryCount).contains($0.category) }) {
      throw RequestError(
        "map neighbour \(stray.id)", expected: "a category from 0 to \(categoryCount - 1)",
        found: "\(stray.category)")
    }
    var votes = [Double](repeating: 0, count: categoryCount)
    for (neighbor, weight) in zip(neighbors, vote.weights(of: neighbors)) {
      votes[neighbor.category] += weight
    }
    let most = votes.max() ?? 0
    let winner = neighbors.first { votes[$0.category] == most } ?? nearest
    self.neighbors = neighbors
    self.votes = votes
    category = winner.category
    // The nearest neighbour weighs 1 in either vote, so the sum is not 0.
    confidence = most / votes.reduce(0, +)
  }
}
