/// The entries nearest to a probe, and what they say about its category.
public struct Neighborhood: Sendable, Equatable {
  /// One of the entries.
  public struct Neighbor: Sendable, Equatable {
    /// Which entry: 0 for the first one added.
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
  /// What each category got of the vote; the sum is that of the neighbours' weights.
  public let votes: [Double]
  /// The category with the most; of equal ones that of the nearest neighbour among them.
  public let category: Int
  /// The category's share of the vote, above 0, at most 1.
  public let confidence: Double

  /// The vote of the neighbours, nearest first.
  ///
  /// - Throws: `MapError` where there is no neighbour or one is of no category.
  public init(
    neighbors: [Neighbor], categoryCount: Int, vote: Vote
  ) throws(MapError) {
    guard let nearest = neighbors.first else {
      throw MapError("look-up", expected: "a neighbour", found: "none")
    }
    if let stray = neighbors.first(where: { !(0..<categoryCount).contains($0.category) }) {
      throw MapError(
        "neighbour \(stray.id)", expected: "a category from 0 to \(categoryCount - 1)",
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
    // The nearest neighbour's voice counts one in either vote, so there is something to share.
    confidence = most / votes.reduce(0, +)
  }
}
