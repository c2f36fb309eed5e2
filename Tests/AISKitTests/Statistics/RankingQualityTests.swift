import AISKit
import Testing

/// The area under the ROC curve, compared with counting every pair, and its error, compared with
/// the textbook's.
struct RankingQualityTests {
  private static func random(_ rows: Int, seed: UInt64, steps: Int) -> ([Float], [Bool]) {
    var random = SplitMix64(seed: seed)
    let labels = (0..<rows).map { _ in random.unit() < 0.3 }
    // Few distinct scores, so that many are equal.
    let scores = labels.map { label in
      Float(Int((random.unit() + (label ? 0.3 : 0)) * Double(steps))) / Float(steps)
    }
    return (scores, labels)
  }

  @Test(arguments: [3, 10, 1_000]) func areaIsTheShareOfPairsWithTiesAsHalves(steps: Int) {
    let (scores, labels) = Self.random(200, seed: 5, steps: steps)
    var (sum, pairs) = (0.0, 0.0)
    for i in labels.indices where labels[i] {
      for j in labels.indices where !labels[j] {
        pairs += 1
        sum += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
      }
    }
    let quality = RankingQuality(scores: scores, labels: labels, clusters: Array(labels.indices))
    #expect(abs(quality.area - sum / pairs) < 1e-12)
    #expect(quality.clusters == 200 && quality.positives + quality.negatives == 200)
  }

  /// DeLong's variance: S10/m + S01/n of the placements.
  @Test func withoutClustersTheErrorIsDeLongs() {
    let (scores, labels) = Self.random(120, seed: 9, steps: 7)
    func psi(_ a: Float, _ b: Float) -> Double { a > b ? 1 : a == b ? 0.5 : 0 }
    let positive = labels.indices.filter { labels[$0] }.map { scores[$0] }
    let negative = labels.indices.filter { !labels[$0] }.map { scores[$0] }
    let above = positive.map { x in
      negative.reduce(0) { $0 + psi(x, $1) } / Double(negative.count)
    }
    let below = negative.map { y in
      positive.reduce(0) { $0 + psi($1, y) } / Double(positive.count)
    }
    func spread(_ values: [Double]) -> Double {
      let mean = values.reduce(0, +) / Double(values.count)
      return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    }
    let variance =
      spread(above) / Double(above.count) + spread(below) / Double(below.count)
    // Obuchowski's cross term of clusters of one row is 0: no cluster holds both classes.
    let quality = RankingQuality(scores: scores, labels: labels, clusters: Array(labels.indices))
    #expect(abs(quality.standardError - variance.squareRoot()) < 1e-12)
  }

  /// Rows that are repeated four times add no information.
  ///
  /// Only the clustered error accounts for that.
  @Test func rowsThatRepeatDoNotNarrowTheInterval() {
    let (scores, labels) = Self.random(150, seed: 11, steps: 50)
    let once = RankingQuality(scores: scores, labels: labels, clusters: Array(labels.indices))
    let repeated = RankingQuality(
      scores: scores + scores + scores + scores, labels: labels + labels + labels + labels,
      clusters: (0..<4).flatMap { _ in Array(labels.indices) })
    #expect(abs(once.area - repeated.area) < 1e-12)
    #expect(abs(once.standardError - repeated.standardError) < 1e-3 * once.standardError)
    let apart = RankingQuality(
      scores: scores + scores + scores + scores, labels: labels + labels + labels + labels,
      clusters: Array(0..<600))
    #expect(apart.standardError < 0.55 * once.standardError)
  }

  /// The 95 % interval contains the true area about 95 times in 100, with rows that depend within
  /// clusters.
  @Test func intervalsCoverOnClusteredRows() {
    // Scores are Gaussian with a shift for each cluster, so the true area is Φ(d/√(2(1+s²))).
    var random = SplitMix64(seed: 3)
    func normal() -> Double {
      (0..<12).reduce(-6.0) { sum, _ in sum + random.unit() }
    }
    let truth = 0.7602  // Φ(1/√2)
    var covered = 0
    for _ in 0..<300 {
      var (scores, labels, clusters) = ([Float](), [Bool](), [Int]())
      for cluster in 0..<60 {
        // The share of positives differs between clusters, the ranking does not.
        let share = random.unit()
        let shift = normal() * 0.0001
        for _ in 0..<6 {
          let label = random.unit() < share
          labels.append(label)
          clusters.append(cluster)
          scores.append(Float(normal() + shift + (label ? 1 : 0)))
        }
      }
      let bounds = RankingQuality(scores: scores, labels: labels, clusters: clusters).bounds()
      if bounds.lower <= truth, truth <= bounds.upper { covered += 1 }
    }
    #expect((273...297).contains(covered))
  }

  @Test func oneClassHasNoArea() {
    let quality = RankingQuality(scores: [0.1, 0.2], labels: [true, true], clusters: [0, 1])
    #expect(quality.area.isNaN && quality.bounds().lower == 0 && quality.bounds().upper == 1)
    let perfect = RankingQuality(
      scores: [0.1, 0.2, 0.8, 0.9], labels: [false, false, true, true], clusters: [0, 1, 2, 3])
    // Four rows in perfect order give a wide interval.
    #expect(perfect.area == 1 && perfect.bounds().lower == 0 && perfect.bounds().upper == 1)
  }
}

/// Reliability: predicted probabilities compared with observed frequencies.
struct ReliabilityTests {
  @Test func binsCountAndTheErrorIsTheirMeanDistance() {
    let reliability = Reliability(
      scores: [0.05, 0.15, 0.15, 1.0, 0.95], labels: [false, true, false, true, false],
      binCount: 10)
    #expect(reliability.bins.map(\.count) == [1, 2, 0, 0, 0, 0, 0, 0, 0, 2])
    #expect(reliability.bins[1].rate == 0.5 && reliability.bins[9].positives == 1)
    #expect(reliability.bins[2].rate.isNaN)
    let expected = (0.05 * 1 + abs(0.15 - 0.5) * 2 + abs(0.975 - 0.5) * 2) / 5
    #expect(abs(reliability.expectedError - expected) < 1e-6)
  }

  @Test func scoresThatAreProbabilitiesHaveAlmostNoError() {
    var random = SplitMix64(seed: 1)
    let scores = (0..<20_000).map { _ in Float(random.unit()) }
    let labels = scores.map { random.unit() < Double($0) }
    #expect(Reliability(scores: scores, labels: labels).expectedError < 0.015)
    #expect(
      Reliability(scores: scores.map { $0 * $0 }, labels: labels).expectedError > 0.1)
  }
}
