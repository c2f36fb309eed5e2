import CFAISSShim

/// An index that compares a query with every vector, so its neighbours are exact.
///
/// Which of several equally near vectors make it into the last places is FAISS's choice, and may be
/// another for few queries at once than for many. From 20
/// queries at once FAISS computes L2 through a matrix product, whose rounding is coarser than that
/// of a sum of squares.
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
  /// - Throws: `FAISSError.file` where the file is missing, truncated, damaged or of another kind.
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
