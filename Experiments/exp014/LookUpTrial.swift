import AISHarness
import AISKit
import FAISS

/// The times of single look-ups in an index of one size.
struct LatencyRow: ResultRow {
  var index = ""
  var entries = 0
  var medianMicroseconds = 0.0
  var slowMicroseconds = 0.0
  var recall = 0.0
  var buildSeconds = 0.0

  static let columns: [Column<LatencyRow>] = [
    Column("index", \.index, "exact compares every entry, approximate looks into near lists"),
    Column("entries", \.entries, "vectors in the index"),
    Column(
      "median", \.medianMicroseconds, unit: "µs", "median of single look-ups, 10 neighbours",
      compare: .ignored, show: .decimals(0)),
    Column(
      "p95", \.slowMicroseconds, unit: "µs", "95 % are faster", compare: .ignored,
      show: .decimals(0)),
    Column(
      "recall_at_10", \.recall, "of the exact index's 10 neighbours, those found",
      compare: .absolute(0.05), show: .percent(1)),
    Column(
      "build", \.buildSeconds, unit: "s", "time to build the index", compare: .ignored,
      show: .decimals(1)),
  ]
}

/// Times look-ups at the map's size, and among many more vectors around its probes.
struct LookUpTrial {
  private static let queries = 100
  private static let chunk = 50_000

  private let width: Int
  private let entries: [Float]
  private let queries: [[Float]]
  private let seed: UInt64

  init(probes: [Float], width: Int, mapCount: Int, seed: UInt64) {
    self.width = width
    self.seed = seed
    let unit = Self.unitRows(probes, width)
    entries = Array(unit.prefix(mapCount * width))
    let heldOut = Array(unit.dropFirst(mapCount * width))
    let source = heldOut.isEmpty ? entries : heldOut
    queries = (0..<min(Self.queries, source.count / width)).map {
      Array(source[$0 * width..<($0 + 1) * width])
    }
  }

  func run(synthetic: Int, in lab: Lab<Exp014.Row>) throws {
    var rows = try pair(entries.count / width) { add in try add(entries) }
    if synthetic > 0 {
      lab.say(
        "  large    \(synthetic) synthetic entries around the map's probes: two minutes or so, "
          + "\((synthetic * width * 8) >> 30) GB of memory")
      let meter = ProgressMeter("synthetic entries", total: synthetic)
      rows += try pair(synthetic) { add in
        var random = SplitMix64(seed: seed)
        for first in stride(from: 0, to: synthetic, by: Self.chunk) {
          let count = min(Self.chunk, synthetic - first)
          try add(cloud(count, &random))
          meter.advance(by: count)
        }
      }
      lab.summarize(
        SummaryValue(
          "approximate_recall", rows.last?.recall ?? .nan,
          "of the exact neighbours among \(synthetic) entries, those that the approximate index "
            + "finds", compare: .absolute(0.05), show: .percent(1)))
    }
    lab.tabulate(DerivedTable("latency", title: "Look-ups", rows: rows))
  }

  /// An exact and an approximate index of the same vectors, which `fill` returns in pieces.
  private func pair(
    _ count: Int, fill: (_ add: ([Float]) throws -> Void) throws -> Void
  ) throws -> [LatencyRow] {
    let exact = try FlatIndex(dimension: width, metric: .innerProduct)
    var approximate: ApproximateIndex?
    var (exactSeconds, approximateSeconds) = (0.0, 0.0)
    let clock = ContinuousClock()
    try fill { vectors in
      exactSeconds += try clock.measure { try exact.add(vectors) } / .seconds(1)
      approximateSeconds +=
        try clock.measure {
          let index =
            try approximate
            ?? ApproximateIndex(
              dimension: width, metric: .innerProduct, sample: vectors,
              lists: ApproximateIndex.defaultLists(sample: min(count, vectors.count / width)))
          try index.add(vectors)
          approximate = index
        } / .seconds(1)
    }
    guard let approximate else { return [] }
    let truth = try queries.map { try exact.search($0, k: 10)[0].ids }
    return [
      try row("exact", exact, count, exactSeconds, truth),
      try row("approximate", approximate, count, approximateSeconds, truth),
    ]
  }

  private func row(
    _ name: String, _ index: any VectorIndex, _ count: Int, _ buildSeconds: Double,
    _ truth: [[Int64]]
  ) throws -> LatencyRow {
    var (microseconds, hits, wanted): ([Double], Int, Int) = ([], 0, 0)
    for (query, expected) in zip(queries, truth) {
      var found: [Int64] = []
      let elapsed = try InterleavedTiming.milliseconds {
        found = try index.search(query, k: 10)[0].ids
      }
      microseconds.append(elapsed * 1_000)
      hits += Set(found).intersection(expected).count
      wanted += expected.count
    }
    microseconds.sort()
    return LatencyRow(
      index: name, entries: count, medianMicroseconds: Bootstrap.median(microseconds),
      slowMicroseconds: microseconds[min(microseconds.count * 95 / 100, microseconds.count - 1)],
      recall: Double(hits) / Double(max(wanted, 1)), buildSeconds: buildSeconds)
  }

  /// Vectors around the map's own: a probe and noise of about a fifth of a neighbour's distance.
  private func cloud(_ count: Int, _ random: inout SplitMix64) -> [Float] {
    var vectors = [Float](repeating: 0, count: count * width)
    let spread = Float(0.05) / Float(width).squareRoot()
    for row in 0..<count {
      let source = random.index(below: entries.count / width) * width
      for place in 0..<width {
        let bits = random.next()
        let noise = Float(bits >> 40) * 0x1p-24 + Float(bits & 0xFF_FFFF) * 0x1p-24 - 1
        vectors[row * width + place] = entries[source + place] + noise * spread
      }
    }
    return Self.unitRows(vectors, width)
  }

  private static func unitRows(_ rows: [Float], _ width: Int) -> [Float] {
    var result = rows
    for start in stride(from: 0, to: rows.count, by: width) {
      var sum: Float = 0
      for place in start..<start + width { sum += rows[place] * rows[place] }
      let scale = 1 / max(sum.squareRoot(), .leastNormalMagnitude)
      for place in start..<start + width { result[place] *= scale }
    }
    return result
  }
}
