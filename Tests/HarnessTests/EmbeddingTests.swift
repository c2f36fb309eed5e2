import AISHarness
import AISKit
import Testing

@Suite struct PrincipalComponentTests {
  /// By hand: points on the line through (1, 2) with slope 2 vary only along (1, 2)/√5; their
  /// coordinates are 0 and ±√5, and the variance is (5 + 0 + 5)/2.
  @Test func aLineHasOneComponent() throws {
    let rows: [Float] = [0, 0, 1, 2, 2, 4]
    let found = try PrincipalComponents(rows: rows, width: 2, count: 2)
    #expect(found.mean == [1, 2])
    let root = 5.0.squareRoot()
    #expect(abs(found.components[0] - 1 / root) < 1e-12)
    #expect(abs(found.components[1] - 2 / root) < 1e-12)
    #expect(abs(found.variances[0] - 5) < 1e-12 && found.variances[1] < 1e-12)
    let places = found.project(rows)
    for (place, hand) in zip([places[0], places[2], places[4]], [-root, 0, root]) {
      #expect(abs(Double(place) - hand) < 1e-6)
    }
  }

  @Test func componentsAreEigenvectorsOfTheCovariance() throws {
    var generator = SplitMix64(seed: 2)
    let (n, width) = (50, 7)
    let rows = (0..<n * width).map { Float(generator.unit() * Double($0 % width + 1)) }
    let found = try PrincipalComponents(rows: rows, width: width, count: 3)
    func covariance(_ i: Int, _ j: Int) -> Double {
      (0..<n).reduce(0) {
        $0 + (Double(rows[$1 * width + i]) - found.mean[i])
          * (Double(rows[$1 * width + j]) - found.mean[j])
      } / Double(n - 1)
    }
    for component in 0..<3 {
      let vector = Array(found.components[component * width..<(component + 1) * width])
      for i in 0..<width {
        let product = (0..<width).reduce(0) { $0 + covariance(i, $1) * vector[$1] }
        #expect(abs(product - found.variances[component] * vector[i]) < 1e-12)
      }
      #expect((vector.max { abs($0) < abs($1) } ?? 0) > 0, "the largest loading is positive")
    }
    #expect(found.variances == found.variances.sorted(by: >))
    #expect(try PrincipalComponents(rows: rows, width: width, count: 3) == found)
  }

  @Test func whatHasNoComponentsSaysWhy() {
    #expect(throws: VectorError.notFinite(row: 1, column: 0)) {
      try PrincipalComponents(rows: [1, 2, .nan, 4], width: 2)
    }
    #expect(throws: VectorError.tooFew(what: "rows", expected: 2, found: 1)) {
      try PrincipalComponents(rows: [1, 2], width: 2)
    }
    #expect(throws: VectorError.tooFew(what: "columns", expected: 2, found: 1)) {
      try PrincipalComponents(rows: [1, 2], width: 1)
    }
  }
}

@Suite struct NeighborEmbeddingTests {
  /// Three groups in 20 dimensions, whose directions are far apart.
  private static let groups: (rows: [Float], labels: [Int]) = {
    var generator = SplitMix64(seed: 6)
    func bell() -> Double { (0..<12).reduce(-6) { sum, _ in sum + generator.unit() } }
    let labels = (0..<300).map { $0 % 3 }
    let rows = labels.flatMap { label in
      (0..<20).map { Float(($0 % 3 == label ? 4 : 0) + bell() * 0.5) }
    }
    return (rows, labels)
  }()

  private func picture(seed: UInt64) throws -> [Float] {
    let rows = Self.groups.rows
    var settings = NeighborEmbedding.Settings()
    settings.seed = seed
    return NeighborEmbedding(
      neighbors: try NeighborLists(leavingOneOut: rows, width: 20, k: 15),
      start: try PrincipalComponents(rows: rows, width: 20).project(rows), settings: settings
    ).points
  }

  /// The `k` points nearest to a point in the plane.
  private func nearest(_ point: Int, in picture: [Float], k: Int) -> ArraySlice<Int> {
    func squared(_ other: Int) -> Float {
      let x = picture[2 * point] - picture[2 * other]
      let y = picture[2 * point + 1] - picture[2 * other + 1]
      return x * x + y * y
    }
    return (0..<picture.count / 2).filter { $0 != point }
      .sorted { squared($0) < squared($1) }
      .prefix(k)
  }

  @Test func separateGroupsStaySeparate() throws {
    let picture = try picture(seed: 1)
    #expect(picture.count == 600 && picture.allSatisfy(\.isFinite))
    let agreement = NeighborAgreement(
      leavingOneOut: (0..<300).map { Array(nearest($0, in: picture, k: 10)) },
      labels: Self.groups.labels)
    #expect(agreement.homogeneity > 0.99)
  }

  /// Venna and Kaski's trustworthiness (2001): near 1 if neighbours in the picture are real
  /// neighbours, one half if they are random.
  @Test func neighborsInThePictureAreNeighbors() throws {
    let (n, k) = (300, 15)
    let picture = try picture(seed: 1)
    let everyone = try NeighborLists(leavingOneOut: Self.groups.rows, width: 20, k: n - 1)
    func trustworthiness(_ picture: [Float]) -> Double {
      var penalty = 0
      for point in 0..<n {
        for other in nearest(point, in: picture, k: k) {
          let rank = (everyone.ids[point].firstIndex(of: other) ?? 0) + 1
          penalty += max(0, rank - k)
        }
      }
      return 1 - 2 * Double(penalty) / Double(n * k * (2 * n - 3 * k - 1))
    }
    #expect(trustworthiness(picture) > 0.85)
    var generator = SplitMix64(seed: 3)
    let random = (0..<2 * n).map { _ in Float(generator.unit()) }
    #expect(trustworthiness(random) < 0.6)
  }

  @Test func sameSeedSamePictureToTheBit() throws {
    let first = try picture(seed: 1)
    #expect(try picture(seed: 1) == first)
    #expect(try picture(seed: 2) != first)
  }

  @Test func onePlaceAndOnePointAreNoTrouble() {
    let twins = NeighborLists(ids: [[1], [0]], distances: [[0], [0]])
    let pair = NeighborEmbedding(neighbors: twins, start: [0, 0, 0, 0])
    #expect(pair.points.allSatisfy(\.isFinite) && pair.points.count == 4)
    let alone = NeighborEmbedding(
      neighbors: NeighborLists(ids: [[]], distances: [[]]), start: [3, 4])
    #expect(alone.points.count == 2)
    let none = NeighborEmbedding(neighbors: NeighborLists(ids: [], distances: []), start: [])
    #expect(none.points.isEmpty)
  }

  /// `umap-learn` prints a = 1.577 and b = 0.8951 for its usual distance of 0.1.
  @Test func theCurveIsTheOneOfThePaper() {
    let curve = EmbeddingCurve(minimumDistance: 0.1)
    #expect(abs(curve.a - 1.577) < 0.001 && abs(curve.b - 0.8951) < 0.0005)
  }

  /// Memberships add up to log₂ k, and the nearest neighbour belongs wholly.
  @Test func membershipsAddUp() {
    let found = NeighborGraph.memberships([0.1, 0.2, 0.25, 0.4, 0.5, 0.9, 1, 1.2])
    #expect(found[0] == 1)
    #expect(abs(found.reduce(0, +) - 3) < 1e-9)
    #expect(found == found.sorted(by: >))
    #expect(NeighborGraph.memberships([0, 0, 0, 0]) == [1, 1, 1, 1])
  }
}
