import AISHarness
import AISKit
import FAISS

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
    let done = Set(lab.rows(of: QueryRow.self).map(\.isSynthetic))
    if !done.contains(false) {
      try pair(entries.count / width, isSynthetic: false, in: lab) { add in try add(entries) }
    }
    if synthetic == 0 || done.contains(true) { return }
    lab.say(
      "  large    \(synthetic) synthetic entries around the map's probes: two minutes or so, "
        + "\((synthetic * width * 8) >> 30) GB of memory")
    let meter = ProgressMeter("synthetic entries", total: synthetic)
    try pair(synthetic, isSynthetic: true, in: lab) { add in
      var random = SplitMix64(seed: seed)
      for first in stride(from: 0, to: synthetic, by: Self.chunk) {
        let count = min(Self.chunk, synthetic - first)
        try add(cloud(count, &random))
        meter.advance(by: count)
      }
    }
  }

  /// The name of the times of building an index.
  static func building(_ index: String, entries: Int) -> String { "build_\(index)_\(entries)" }

  /// Looks up in an exact and an approximate index of the same vectors, which `fill` returns in
  /// pieces.
  private func pair(
    _ count: Int, isSynthetic: Bool, in lab: Lab<Exp014.Row>,
    fill: (_ add: ([Float]) throws -> Void) throws -> Void
  ) throws {
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
    guard let approximate else { return }
    let truth = try queries.map { try exact.search($0, k: 10)[0].ids }
    var rows: [QueryRow] = []
    let indexes: [(String, any VectorIndex, Double)] = [
      ("exact", exact, exactSeconds), ("approximate", approximate, approximateSeconds),
    ]
    for (name, index, seconds) in indexes {
      for (query, expected) in truth.enumerated() {
        var found: [Int64] = []
        let elapsed = try InterleavedTiming.milliseconds {
          found = try index.search(queries[query], k: 10)[0].ids
        }
        rows.append(
          QueryRow(
            index: name, entries: count, isSynthetic: isSynthetic, query: query,
            found: Set(found).intersection(expected).count, wanted: expected.count,
            microseconds: elapsed * 1_000))
      }
      try lab.keepTimes(Self.building(name, entries: count), seconds: [seconds])
    }
    try lab.record(raw: rows)
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
