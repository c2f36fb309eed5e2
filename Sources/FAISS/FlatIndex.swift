import CFAISSShim
import Foundation

/// How two vectors are compared.
public enum IndexMetric: Sendable, Equatable {
  /// The dot product; larger is nearer.
  case innerProduct
  /// The squared Euclidean distance; smaller is nearer.
  case squaredL2
}

/// The vectors nearest to one query, nearest first; of equally near ones the lower id first.
public struct Neighbors: Sendable, Equatable {
  /// Which vectors: 0 for the first one added.
  public let ids: [Int64]
  /// The inner products or squared distances of the vectors in `ids`.
  public let distances: [Float]

  /// Neighbours with their distances, in the same order.
  public init(ids: [Int64], distances: [Float]) {
    self.ids = ids
    self.distances = distances
  }
}

/// An index that compares a query with every vector, so its neighbours are exact.
///
/// It can be shared between threads: searches run side by side, an addition waits for them and they
/// for it. The file it saves is FAISS's own and opens in Python's `faiss.read_index`.
///
/// Which of several equally near vectors make it into the last place is FAISS's choice. From 20
/// queries at once FAISS computes L2 through a matrix product, whose rounding is coarser than that
/// of a sum of squares.
public final class FlatIndex: Sendable {
  /// The number of floats in a vector.
  public let dimension: Int
  /// How vectors are compared.
  public let metric: IndexMetric
  private let handle: IndexHandle

  /// The largest dimension that an index accepts.
  public static let maximumDimension = 1 << 20

  /// An index without vectors.
  ///
  /// - Throws: `FAISSError.shape` for a dimension below 1 or above `maximumDimension`.
  public init(dimension: Int, metric: IndexMetric) throws(FAISSError) {
    guard (1...FlatIndex.maximumDimension).contains(dimension) else {
      throw .shape(
        what: "dimension", expected: "1 to \(FlatIndex.maximumDimension)", found: "\(dimension)")
    }
    let code = metric == .squaredL2 ? AIS_FAISS_L2 : AIS_FAISS_INNER_PRODUCT
    handle = try IndexHandle(
      { ais_faiss_flat_create(Int32(dimension), Int32(code), $0, &$1) },
      failure: { .library(operation: "creation", reason: $0) })
    self.dimension = dimension
    self.metric = metric
  }

  /// The index in a file that this class or FAISS saved.
  ///
  /// - Throws: `FAISSError.file` where the file is missing, truncated, damaged or of another kind.
  public init(path: String) throws(FAISSError) {
    let handle = try IndexHandle(
      { ais_faiss_flat_read(path, $0, &$1) }, failure: { .file(path: path, reason: $0) })
    guard handle.dimension <= FlatIndex.maximumDimension else {
      throw .file(
        path: path,
        reason:
          "expected a dimension up to \(FlatIndex.maximumDimension), found \(handle.dimension)")
    }
    self.handle = handle
    dimension = handle.dimension
    metric = Int(handle.metric) == Int(AIS_FAISS_L2) ? .squaredL2 : .innerProduct
  }

  /// The number of vectors.
  public var count: Int { handle.count }

  /// Appends vectors, whose ids follow those of the vectors before.
  ///
  /// Shape: `rows` is [any, dimension], row-major.
  /// - Throws: `FAISSError.shape` for a part of a row, `.notFinite` for a NaN or an infinity.
  public func add(_ rows: [Float]) throws(FAISSError) {
    try check(rows, "add")
    if !rows.isEmpty { try handle.add(rows) }
  }

  /// The `k` vectors nearest to each query, or all of them where there are fewer.
  ///
  /// Shape: `queries` is [any, dimension], row-major; the result has an element for each query.
  /// - Throws: `FAISSError.shape` for a part of a row or a `k` below 1, `.notFinite` for a NaN or
  ///   an infinity.
  public func search(_ queries: [Float], k: Int) throws(FAISSError) -> [Neighbors] {
    try check(queries, "search")
    guard k >= 1 else { throw .shape(what: "search", expected: "k of 1 or more", found: "\(k)") }
    let found = try handle.search(queries, limit: k)
    return (0..<queries.count / dimension).map { query in
      // FAISS marks places that it could not fill with -1.
      let places = (query * found.width..<(query + 1) * found.width)
        .filter { found.ids[$0] >= 0 }
        .sorted { first, second in
          let (near, far) = (found.distances[first], found.distances[second])
          if near == far { return found.ids[first] < found.ids[second] }
          return metric == .squaredL2 ? near < far : near > far
        }
      return Neighbors(
        ids: places.map { found.ids[$0] }, distances: places.map { found.distances[$0] })
    }
  }

  /// The vector that was added as `id`.
  ///
  /// - Throws: `FAISSError.shape` where there is no such id.
  public func reconstruct(_ id: Int64) throws(FAISSError) -> [Float] {
    try handle.reconstruct(id)
  }

  /// Writes the index to a file; one that is there is replaced only once all is written.
  ///
  /// - Throws: `FAISSError.file` where the folder is missing or the disk is full.
  public func save(path: String) throws(FAISSError) {
    let partial = "\(path).\(getpid()).partial"
    do {
      try handle.write(to: partial)
    } catch {
      unlink(partial)
      throw .file(path: path, reason: "cannot be written")
    }
    guard rename(partial, path) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(partial)
      throw .file(path: path, reason: "cannot be replaced: \(reason)")
    }
  }

  private func check(_ rows: [Float], _ what: String) throws(FAISSError) {
    guard rows.count % dimension == 0 else {
      throw .shape(
        what: what, expected: "rows of \(dimension) floats", found: "\(rows.count) floats")
    }
    if let place = rows.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(what: what, row: place / dimension, column: place % dimension)
    }
  }
}
