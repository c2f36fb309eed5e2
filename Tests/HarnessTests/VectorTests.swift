import AISHarness
import AISKit
import Testing

/// Groups of points around far-apart centres.
private func clusters(
  _ perLabel: Int, labels count: Int, width: Int, spread: Double, seed: UInt64
) -> (rows: [Float], labels: [Int]) {
  var generator = SplitMix64(seed: seed)
  func bell() -> Double { (0..<12).reduce(-6) { sum, _ in sum + generator.unit() } }
  let centres = (0..<count * width).map { _ in bell() }
  let labels = (0..<perLabel * count).map { $0 % count }
  let rows = labels.flatMap { label in
    (0..<width).map { Float(centres[label * width + $0] + spread * bell()) }
  }
  return (rows, labels)
}

@Suite struct SilhouetteTests {
  /// By hand, in the plane.
  ///
  /// For (1, 0): a = 1 − 0.8, b = 1 − (0 − 0.6)/2 = 1.3, s = 1.1/1.3. For
  /// (0.8, 0.6): a = 0.2, b = 1 − (0.6 + 0)/2 = 0.7, s = 0.5/0.7. For (0, 1): a = 1 − 0.8,
  /// b = 1 − (0 + 0.6)/2 = 0.7. For (−0.6, 0.8): a = 0.2, b = 1 − (−0.6 + 0)/2 = 1.3.
  @Test func fourPointsByHand() throws {
    let rows: [Float] = [1, 0, 0.8, 0.6, 0, 3, -1.2, 1.6]
    let found = Silhouette(rows: rows, width: 2, labels: [7, 7, -2, -2])
    let expected = [1.1 / 1.3, 0.5 / 0.7, 0.5 / 0.7, 1.1 / 1.3]
    for (value, hand) in zip(found.values, expected) { #expect(abs(value - hand) < 1e-6) }
    let mean = (1.1 / 1.3 + 0.5 / 0.7) / 2
    #expect(abs(found.mean - mean) < 1e-6)
  }

  @Test func itIsTheDefinition() {
    let (rows, labels) = clusters(20, labels: 4, width: 12, spread: 1.5, seed: 1)
    let n = labels.count
    func distance(_ i: Int, _ j: Int) -> Double {
      var (dot, first, second) = (0.0, 0.0, 0.0)
      for d in 0..<12 {
        let (a, b) = (Double(rows[i * 12 + d]), Double(rows[j * 12 + d]))
        dot += a * b
        first += a * a
        second += b * b
      }
      return 1 - dot / (first * second).squareRoot()
    }
    let found = Silhouette(rows: rows, width: 12, labels: labels)
    for i in 0..<n {
      let means = (0..<4).map { label in
        Bootstrap.mean((0..<n).filter { $0 != i && labels[$0] == label }.map { distance(i, $0) })
      }
      let inside = means[labels[i]]
      let outside = (0..<4).filter { $0 != labels[i] }.map { means[$0] }.min() ?? .nan
      #expect(abs(found.values[i] - (outside - inside) / max(inside, outside)) < 1e-12)
    }
  }

  @Test func edgesOfTheDefinition() {
    let alone = Silhouette(rows: [1, 0, 0, 1, 0, 1], width: 2, labels: [0, 1, 1])
    #expect(alone.values == [0, 1, 1], "a label's only vector counts 0")
    #expect(Silhouette(rows: [1, 0, 0, 1], width: 2, labels: [3, 3]).mean.isNaN)
    let same = Silhouette(rows: [1, 2, 1, 2, 1, 2, 1, 2], width: 2, labels: [0, 0, 1, 1])
    #expect(same.mean == 0, "everything in one place")
    #expect(Silhouette(rows: [], width: 2, labels: []).mean.isNaN)
  }
}

@Suite struct NeighborAgreementTests {
  @Test func votesAndSharesByHand() {
    let labels = [0, 0, 0, 1, 1]
    let neighbors = [[1, 3], [0, 2], [3, 4], [4, 0], [3, 2]]
    let found = NeighborAgreement(leavingOneOut: neighbors, labels: labels)
    #expect(found.shares == [0.5, 1, 0, 0.5, 0.5])
    #expect(found.homogeneity == 0.5)
    #expect(found.votes == [0, 0, 1, 1, 1], "the nearest decides a tie")
    #expect(found.accuracy == Proportion(successes: 4, trials: 5))
    #expect(found.confusion.labels == [0, 1])
    #expect(found.confusion.counts == [[2, 1], [0, 2]])
    // Three vectors share their label with 2 of 4 others, two with 1 of 4.
    #expect(abs(found.chance - 0.4) < 1e-15)
    #expect(found.majority == 0.6)
  }

  @Test func heldOutQueriesHaveLabelsOfTheirOwn() {
    let found = NeighborAgreement(
      neighbors: [[0, 1, 2], [2, 1, 0], []], labels: [5, 9, 5], entryLabels: [5, 5, 6])
    #expect(found.shares == [2.0 / 3, 0, 0])
    #expect(found.votes == [5, 5, nil])
    #expect(found.accuracy == Proportion(successes: 1, trials: 3))
    #expect(found.confusion.labels == [5, 9])
    #expect(found.confusion.counts == [[1, 0], [1, 0]])
    #expect(abs(found.chance - (2.0 / 3 + 0 + 2.0 / 3) / 3) < 1e-15)
  }

  @Test func neighborsAreTheOthersInOrderOfTheCosine() throws {
    // Directions at 0°, 90°, 10°, 180°; the lengths do not matter.
    let rows: [Float] = [2, 0, 0, 5, 0.9848, 0.1736, -1, 0]
    let found = try NeighborLists(leavingOneOut: rows, width: 2, k: 2)
    #expect(found.ids == [[2, 1], [2, 0], [0, 1], [1, 2]])
    #expect(abs(found.distances[0][1] - 1) < 1e-6)
    let twins = try NeighborLists(
      leavingOneOut: [Float](repeating: 1, count: 40), width: 2, k: 3)
    #expect(twins.ids.enumerated().allSatisfy { $1.count == 3 && !$1.contains($0) })
    #expect(twins.distances.joined().allSatisfy { $0 >= 0 && $0 < 1e-6 })
    let queries = try NeighborLists(of: [1, 0.1], among: rows, width: 2, k: 9)
    #expect(queries.ids == [[2, 0, 1, 3]])
  }
}

@Suite struct CentroidTests {
  @Test func recallByHand() throws {
    let rows: [Float] = [1, 0, 0.8, 0.6, 0, 1, -0.6, 0.8, 0, 2]
    let labels = [0, 0, 1, 1, 0]
    let centroids = Centroids(rows: [1, 0, 2, 0, 0, 3], width: 2, labels: [0, 0, 1])
    #expect(centroids.labels == [0, 1] && centroids.vectors == [1, 0, 0, 1])
    let recall = centroids.recall(at: 2, among: rows, labels: labels)
    #expect(recall[0] == Proportion(successes: 2, trials: 2))
    // (0, 1) and (0, 2) are equally near to the second centroid.
    #expect(recall[1] == Proportion(successes: 1, trials: 2))
    let all = try #require(centroids.recall(at: 10, among: rows, labels: labels)[1])
    #expect(all == Proportion(successes: 2, trials: 5))
  }

  @Test func apartClustersAreFoundHeldOut() {
    let (rows, labels) = clusters(60, labels: 5, width: 16, spread: 0.3, seed: 4)
    let half = 150 * 16
    let map = Centroids(rows: Array(rows[..<half]), width: 16, labels: Array(labels[..<150]))
    let heldOut = Array(rows[half...])
    let found = map.recall(at: 10, among: heldOut, labels: Array(labels[150...]))
    #expect(found.count == 5 && found.values.allSatisfy { $0.rate == 1 })
    var generator = SplitMix64(seed: 1)
    let shuffled = generator.shuffled(labels)
    let chance = Centroids(rows: rows, width: 16, labels: shuffled)
      .recall(at: 10, among: rows, labels: shuffled)
    #expect(chance.values.reduce(0) { $0 + $1.rate } / 5 < 0.5)
  }

  @Test func directionsThatCancelLeaveNoCentroid() {
    let centroids = Centroids(rows: [1, 0, -1, 0], width: 2, labels: [0, 0])
    #expect(centroids.vectors == [0, 0])
  }
}
