import CFAISSShim

/// An index that compares a query with every vector, so its neighbours are exact.
///
/// FAISS chooses which of several equally near vectors get the last places; the choice may depend
/// on the number of queries. From 20 queries at once FAISS computes L2 with a matrix product, which
/// rounds more coarsely than a sum of squares.
public final class FlatIndex: VectorIndex {
  private let handle: IndexHandle

  /// The largest dimension that an index accepts.
  public static let maximumDimension = IndexHandle.maximumDimension

  /// An index without vectors.
  ///
  /// - Throws: `FAISSError.shape` for a dimension below 1 or above `maximumDimension`.
  public init(dimension: Int, metric: IndexMetric) throws(FAISSError) {
    try IndexHandle.check(dimension: dimension)
    handle = try IndexHandle(
      { ais_faiss_flat_create(Int32(dimension), metric.code, $0, &$1) },
      failure: { .library(operation: "creation", reason: $0) })
  }

  /// The index in a file that this class or FAISS saved.
  ///
  /// - Throws: `FAISSError.file` if the file is missing, truncated, damaged or of another kind.
  public init(path: String) throws(FAISSError) {
    handle = try IndexHandle(path: path) { ais_faiss_flat_read(path, $0, &$1) }
  }

  /// The number of floats in a vector.
  public var dimension: Int { handle.dimension }
  /// How vectors are compared.
  public var metric: IndexMetric { handle.metric }
  /// The number of vectors.
  public var count: Int { handle.count }

  /// Appends vectors, as `VectorIndex` says.
  public func add(_ rows: [Float]) throws(FAISSError) { try handle.add(rows) }

  /// The `k` vectors nearest to each query, as `VectorIndex` says.
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
