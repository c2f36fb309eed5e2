/// How two vectors are compared.
public enum IndexMetric: Sendable, Equatable {
  /// The dot product; larger is nearer.
  case innerProduct
  /// The squared Euclidean distance; smaller is nearer.
  case squaredL2
}

/// The vectors nearest to one query, nearest first; equally near ones by id.
public struct Neighbors: Sendable, Equatable {
  /// The vectors' ids: 0 for the first one added.
  public let ids: [Int64]
  /// The inner products or squared distances of the vectors in `ids`.
  public let distances: [Float]

  /// Neighbours with their distances, in the same order.
  public init(ids: [Int64], distances: [Float]) {
    self.ids = ids
    self.distances = distances
  }
}

/// An index of vectors that finds those nearest to a query.
///
/// An index can be shared between threads: searches run in parallel, an addition runs alone. The
/// file it saves is FAISS's own and opens in Python's `faiss.read_index`.
public protocol VectorIndex: Sendable {
  /// The number of floats in a vector.
  var dimension: Int { get }
  /// How vectors are compared.
  var metric: IndexMetric { get }
  /// The number of vectors.
  var count: Int { get }

  /// Appends vectors; their ids follow those of the vectors before.
  ///
  /// Shape: `rows` is [any, dimension], row-major.
  /// - Throws: `FAISSError.shape` for a part of a row, `.notFinite` for a NaN or an infinity.
  func add(_ rows: [Float]) throws(FAISSError)

  /// The `k` vectors nearest to each query, or all of them if there are fewer.
  ///
  /// Shape: `queries` is [any, dimension], row-major; the result has an element for each query.
  /// - Throws: `FAISSError.shape` for a part of a row or a `k` below 1, `.notFinite` for a NaN or
  ///   an infinity.
  func search(_ queries: [Float], k: Int) throws(FAISSError) -> [Neighbors]

  /// The vector that was added as `id`.
  ///
  /// - Throws: `FAISSError.shape` if there is no such id.
  func reconstruct(_ id: Int64) throws(FAISSError) -> [Float]

  /// Writes the index to a file; an existing file is replaced only once all is written.
  ///
  /// - Throws: `FAISSError.file` if the folder is missing or the disk is full.
  func save(path: String) throws(FAISSError)
}
