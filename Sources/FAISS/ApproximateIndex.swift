import CFAISSShim

/// An index that compares a query only with the vectors in a few lists near it.
///
/// Every vector goes to the list of its nearest centroid; centroids are learned once, by k-means
/// over a sample. A near vector in a list that is not searched is missed, so the sample should be
/// distributed like the vectors and the queries. The same sample gives the same lists on the same
/// machine, and additions don't depend on timing.
///
/// Lists are used rather than a graph (HNSW), because additions in any order are repeatable, and
/// lists were better in every respect on 100,000 vectors of 576 floats around 200 random centres
/// (two busy cores). 1,024 lists took 11 s to make; recall@10 was 0.9998 with 8 of them searched,
/// 1.0000 with 16 or more, at 0.9 to 2.0 ms a query (median, up to 32 lists). A graph (16 links;
/// one thread, as only that is repeatable) took 274 s, and reached 0.95 with 64 candidates, 0.99
/// with 256.
///
/// Source: Sivic and Zisserman 2003, "Video Google"; FAISS's `IndexIVFFlat`.
public final class ApproximateIndex: VectorIndex {
  private let handle: IndexHandle

  /// An index without vectors whose lists are learned from a sample.
  ///
  /// - Parameters:
  ///   - dimension: floats in a vector.
  ///   - metric: how vectors are compared.
  ///   - sample: vectors like those to come; they are not added. Shape: [any, dimension].
  ///   - lists: how many lists; by default `defaultLists(sample:)`.
  ///   - probes: how many lists a search looks into; by default `defaultProbes(lists:)`.
  /// - Throws: `FAISSError.shape` for a dimension out of range, a part of a row, fewer rows than
  ///   lists, or no list; `.notFinite` for a NaN or an infinity.
  public init(
    dimension: Int, metric: IndexMetric, sample: [Float], lists: Int? = nil, probes: Int? = nil
  ) throws(FAISSError) {
    try IndexHandle.check(dimension: dimension)
    try IndexHandle.check(sample, dimension: dimension, "sample")
    let rows = sample.count / dimension
    guard rows >= 1 else {
      throw .shape(what: "sample", expected: "at least 1 row", found: "none")
    }
    let lists = lists ?? Self.defaultLists(sample: rows)
    guard (1...rows).contains(lists) else {
      throw .shape(what: "lists", expected: "1 to \(rows), the sample's rows", found: "\(lists)")
    }
    let probes = probes ?? Self.defaultProbes(lists: lists)
    guard (1...lists).contains(probes) else {
      throw .shape(what: "probes", expected: "1 to \(lists) lists", found: "\(probes)")
    }
    handle = try IndexHandle(
      {
        ais_faiss_ivf_create(
          Int32(dimension), metric.code, Int64(lists), Int64(probes), Int64(rows), sample, $0, &$1)
      }, failure: { .library(operation: "training", reason: $0) })
  }

  /// The index in a file that this class or FAISS saved.
  ///
  /// - Throws: `FAISSError.file` if the file is missing, truncated, damaged or of another kind.
  public init(path: String) throws(FAISSError) {
    handle = try IndexHandle(path: path) { ais_faiss_ivf_read(path, $0, &$1) }
  }

  /// The default number of lists: four times the square root of the sample's rows, but at most one
  /// list per 32 rows.
  public static func defaultLists(sample rows: Int) -> Int {
    max(1, min(Int(4 * Double(rows).squareRoot()), rows / 32))
  }

  /// The default number of lists to search: one in 32, at least 8.
  public static func defaultProbes(lists: Int) -> Int { min(lists, max(8, lists / 32)) }

  /// The number of lists.
  public var lists: Int { handle.lists }
  /// How many lists a search looks into.
  public var probes: Int { handle.probes }
  /// The number of floats in a vector.
  public var dimension: Int { handle.dimension }
  /// How vectors are compared.
  public var metric: IndexMetric { handle.metric }
  /// The number of vectors.
  public var count: Int { handle.count }

  /// Appends vectors, as `VectorIndex` says.
  public func add(_ rows: [Float]) throws(FAISSError) { try handle.add(rows) }

  /// The `k` vectors nearest to each query among the searched lists, else as `VectorIndex` says.
  ///
  /// They are fewer than `k` if the searched lists hold fewer.
  public func search(_ queries: [Float], k: Int) throws(FAISSError) -> [Neighbors] {
    try handle.search(queries, k: k)
  }

  /// The vector that was added as `id`, as `VectorIndex` says.
  public func reconstruct(_ id: Int64) throws(FAISSError) -> [Float] {
    try handle.reconstruct(id)
  }

  /// Writes the index to a file, as `VectorIndex` says.
  public func save(path: String) throws(FAISSError) { try handle.save(path: path) }
}
