import AISHarness
import AISKit
import Foundation

/// Tests whether the map finds its own entries and centroids, also after a round trip to disk.
struct MapTrial {
  /// Held-out prompts are divided into this many parts, each with a centroid per category.
  private static let parts = 5

  let map: TopologicalMap
  let corpus: Corpus
  let probes: [Float]
  let width: Int

  private var mapProbes: [Float] { Array(probes.prefix(corpus.mapCount * width)) }
  private var heldOut: [Float] { Array(probes.dropFirst(corpus.mapCount * width)) }

  func retrieve(in lab: Lab<Exp014.Row>) throws {
    let own = try map.lookUp(batch: mapProbes, k: 1)
    let hits = own.enumerated().filter { index, found in
      found.neighbors[0].id == index || isEqual(index, found.neighbors[0].id)
    }.count
    lab.summarize(SummaryValue("entries", map.count, "entries of the map"))
    lab.summarize(
      SummaryValue(
        "self_retrieval", Double(hits) / Double(map.count),
        "entries whose nearest neighbour is themselves or a probe equal to theirs",
        show: .percent(2)))
    let inSample = Centroids(rows: mapProbes, width: width, labels: corpus.mapLabels)
      .recall(at: 10, among: mapProbes, labels: corpus.mapLabels)
    let tried = heldOutRecalls()
    tabulate(inSample, tried.mapValues { Bootstrap.mean($0) }, in: lab)
    let recall = Bootstrap().mean(of: tried.sorted { $0.key < $1.key }.flatMap(\.value))
    lab.summarize(
      SummaryValue(
        "held_out_centroid_recall", recall.value, in: recall.interval,
        "of the 10 entries nearest to a centroid of held-out prompts, those of its category; "
          + "\(recall.count) centroids",
        compare: .absolute(0.05), show: .percent(1)))
    for (end, value) in [("lower", recall.interval.lower), ("upper", recall.interval.upper)] {
      lab.summarize(
        SummaryValue(
          "held_out_centroid_recall_\(end)", value, "\(end) end of its 95 % interval",
          compare: .absolute(0.05), show: .hidden))
    }
  }

  /// Recalls of several centroids per category, each of a part of its held-out prompts.
  ///
  /// The ten neighbours of a centroid are correlated, so centroids are counted.
  private func heldOutRecalls() -> [Int: [Double]] {
    var recalls: [Int: [Double]] = [:]
    for part in 0..<Self.parts {
      let members = corpus.heldOutLabels.indices.filter { $0 % Self.parts == part }
      let rows = members.flatMap { heldOut[$0 * width..<($0 + 1) * width] }
      let found = Centroids(
        rows: rows, width: width, labels: members.map { corpus.heldOutLabels[$0] }
      ).recall(at: 10, among: mapProbes, labels: corpus.mapLabels)
      for (label, recall) in found { recalls[label, default: []].append(recall.rate) }
    }
    return recalls
  }

  private func isEqual(_ first: Int, _ second: Int) -> Bool {
    probes[first * width..<(first + 1) * width] == probes[second * width..<(second + 1) * width]
  }

  private func tabulate(
    _ inSample: [Int: Proportion], _ heldOut: [Int: Double], in lab: Lab<Exp014.Row>
  ) {
    let rows = corpus.categories.indices.map { label in
      var row = CentroidRow()
      row.category = corpus.categories[label]
      row.entries = corpus.mapLabels.filter { $0 == label }.count
      row.inSample = inSample[label]?.rate ?? .nan
      row.heldOut = heldOut[label] ?? .nan
      let votes = lab.rows.filter { $0.category == row.category }
      let right = Proportion(of: votes.map(\.isRight))
      row.vote = right.rate
      (row.voteLower, row.voteUpper) = (right.wilson().lower, right.wilson().upper)
      return row
    }
    lab.tabulate(DerivedTable("categories", title: "By category", rows: rows))
    lab.draw(
      Figure(
        name: "retrieval", title: "Held-out prompts that the vote puts right", table: "categories",
        kind: .intervals(
          category: "category", value: "vote", lower: "vote_lower", upper: "vote_upper",
          series: nil),
        yLabel: "right votes", reference: Exp014.accuracy, referenceLabel: "threshold"))
  }

  /// Saves the map, loads it, and repeats the queries.
  func roundTrip(
    _ queries: [Float], _ found: [Neighborhood], _ k: Int, _ store: MapStore,
    in lab: Lab<Exp014.Row>
  ) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("ais-map-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try store.save(map, to: folder)
    let again = try MapFolder.load(folder.path).map.lookUp(batch: queries, k: k)
    lab.summarize(
      SummaryValue(
        "round_trip_identical", again == found,
        "the map, saved and loaded, answers every held-out prompt in the same bits"))
  }
}

/// Recall and votes of one category.
struct CentroidRow: ResultRow {
  var category = ""
  var entries = 0
  var inSample = 0.0
  var heldOut = 0.0
  var vote = 0.0
  var voteLower = 0.0
  var voteUpper = 0.0

  static let columns: [Column<CentroidRow>] = [
    Column("category", \.category, "the category"),
    Column("entries", \.entries, "its entries in the map"),
    Column(
      "in_sample_recall", \.inSample,
      "of the 10 entries nearest to the centroid of its own entries, those of the category",
      compare: .absolute(0.11), show: .percent(0)),
    Column(
      "held_out_recall", \.heldOut, "the same of centroids of held-out prompts, mean of five",
      compare: .absolute(0.11), show: .percent(0)),
    Column(
      "vote", \.vote, "held-out prompts whose vote is right", compare: .absolute(0.02),
      show: .percent(1)),
    Column(
      "vote_lower", \.voteLower, "lower end of its 95 % interval (Wilson)",
      compare: .absolute(0.02), show: .percent(1)),
    Column(
      "vote_upper", \.voteUpper, "upper end of its 95 % interval", compare: .absolute(0.02),
      show: .percent(1)),
  ]
}
