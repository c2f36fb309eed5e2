/// Whether vectors with the same label are each other's neighbours.
public struct NeighborAgreement: Sendable, Equatable {
  /// The share of each query's neighbours with the query's label.
  public let shares: [Double]
  /// The most frequent label among a query's neighbours; `nil` if there is no neighbour.
  ///
  /// Of equally frequent labels it is the one of the nearest neighbour.
  public let votes: [Int?]
  /// How often each label was voted for, by true label.
  public let confusion: Confusion
  /// The expected mean share for neighbours drawn at random.
  public let chance: Double
  /// The accuracy of always voting for the entries' most frequent label.
  public let majority: Double

  /// The mean share of neighbours with the same label.
  public var homogeneity: Double { Bootstrap.mean(shares) }

  /// How many votes were right.
  public var accuracy: Proportion {
    Proportion(successes: confusion.right, trials: shares.count)
  }

  /// Agreement of vectors with their neighbours among the others.
  ///
  /// - Parameters:
  ///   - neighbors: the neighbours of each vector, the nearest first, without the vector itself.
  ///   - labels: the label of each vector.
  public init(leavingOneOut neighbors: [[Int]], labels: [Int]) {
    self.init(neighbors, of: labels, among: labels, leavingOneOut: true)
  }

  /// Agreement of held-out vectors with their neighbours among the entries.
  ///
  /// - Parameters:
  ///   - neighbors: entries, the nearest first, for each query.
  ///   - labels: the label of each query.
  ///   - entryLabels: the label of each entry.
  public init(neighbors: [[Int]], labels: [Int], entryLabels: [Int]) {
    self.init(neighbors, of: labels, among: entryLabels, leavingOneOut: false)
  }

  private init(
    _ neighbors: [[Int]], of labels: [Int], among entryLabels: [Int], leavingOneOut: Bool
  ) {
    precondition(neighbors.count == labels.count, "neighbours for each query")
    let near = neighbors.map { $0.map { entryLabels[$0] } }
    shares = zip(near, labels).map { found, label in
      found.isEmpty ? 0 : Double(found.count { $0 == label }) / Double(found.count)
    }
    votes = near.map(Self.vote)
    confusion = Confusion(labels: labels, votes: votes)
    var counts: [Int: Int] = [:]
    for label in entryLabels { counts[label, default: 0] += 1 }
    // A vector is not its own neighbour, so it counts in neither number.
    let itself = leavingOneOut ? 1 : 0
    let others = Double(max(1, entryLabels.count - itself))
    chance = Bootstrap.mean(labels.map { Double((counts[$0] ?? 0) - itself) / others })
    let most = counts.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key
    majority = Double(labels.count { $0 == most }) / Double(labels.count)
  }

  private static func vote(_ labels: [Int]) -> Int? {
    var counts: [Int: Int] = [:]
    for label in labels { counts[label, default: 0] += 1 }
    let most = counts.values.max()
    return labels.first { counts[$0] == most }
  }
}

/// The confusion matrix of a vote.
public struct Confusion: Sendable, Equatable {
  /// All labels in rising order: the order of rows and columns.
  public let labels: [Int]
  /// Shape: [true label][label voted for].
  public let counts: [[Int]]

  /// Counts votes; a query without a vote is not counted.
  public init(labels: [Int], votes: [Int?]) {
    let all = Set(labels).union(votes.compactMap(\.self)).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(all, all.indices))
    var counts = [[Int]](repeating: [Int](repeating: 0, count: all.count), count: all.count)
    for (label, vote) in zip(labels, votes) {
      guard let vote, let row = places[label], let column = places[vote] else { continue }
      counts[row][column] += 1
    }
    self.labels = all
    self.counts = counts
  }

  /// How many votes were right.
  public var right: Int { labels.indices.reduce(0) { $0 + counts[$1][$1] } }
}
