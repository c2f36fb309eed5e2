import CFAISSShim
import Foundation

/// Owns one FAISS index of any kind, and runs nothing else during an addition.
///
/// FAISS lets any number of threads search at once while none adds. So a readers-writer lock makes
/// the whole class safe to share, which justifies `@unchecked Sendable`.
final class IndexHandle: @unchecked Sendable {
  private let index: OpaquePointer
  private let lock: UnsafeMutablePointer<pthread_rwlock_t>

  /// Takes over the index that `make` stores through its first argument.
  init(
    _ operation: (UnsafeMutablePointer<OpaquePointer?>, inout UnsafeMutablePointer<CChar>?) ->
      Int32,
    failure: (String) -> FAISSError
  ) throws(FAISSError) {
    var made: OpaquePointer?
    var message: UnsafeMutablePointer<CChar>?
    let status = operation(&made, &message)
    guard status == 0, let made else { throw failure(IndexHandle.text(of: message)) }
    index = made
    lock = .allocate(capacity: 1)
    lock.initialize(to: pthread_rwlock_t())
    pthread_rwlock_init(lock, nil)
  }

  /// Takes over the index that `read` finds in the file at `path`.
  convenience init(
    path: String,
    _ read: (UnsafeMutablePointer<OpaquePointer?>, inout UnsafeMutablePointer<CChar>?) -> Int32
  ) throws(FAISSError) {
    try self.init(read, failure: { .file(path: path, reason: $0) })
    guard dimension <= Self.maximumDimension else {
      throw .file(
        path: path,
        reason: "expected a dimension up to \(Self.maximumDimension), found \(dimension)")
    }
  }

  deinit {
    ais_faiss_free(index)
    pthread_rwlock_destroy(lock)
    lock.deallocate()
  }

  var dimension: Int { Int(ais_faiss_dimension(index)) }
  var metric: IndexMetric {
    ais_faiss_metric(index) == IndexMetric.squaredL2.code ? .squaredL2 : .innerProduct
  }
  var lists: Int { Int(ais_faiss_ivf_lists(index)) }
  var probes: Int { Int(ais_faiss_ivf_probes(index)) }
  var count: Int { reading { Int(ais_faiss_count(index)) } }

  func add(_ rows: [Float]) throws(FAISSError) {
    try IndexHandle.check(rows, dimension: dimension, "add")
    if rows.isEmpty { return }
    pthread_rwlock_wrlock(lock)
    defer { pthread_rwlock_unlock(lock) }
    var message: UnsafeMutablePointer<CChar>?
    let status = ais_faiss_add(index, Int64(rows.count / dimension), rows, &message)
    try IndexHandle.check(status, message) { .library(operation: "add", reason: $0) }
  }

  func search(_ queries: [Float], k: Int) throws(FAISSError) -> [Neighbors] {
    try IndexHandle.check(queries, dimension: dimension, "search")
    guard k >= 1 else { throw .shape(what: "search", expected: "k of 1 or more", found: "\(k)") }
    let found = try places(queries, limit: k)
    let isNearer: (Float, Float) -> Bool = metric == .squaredL2 ? { $0 < $1 } : { $0 > $1 }
    return (0..<queries.count / dimension).map { query in
      // FAISS marks places that it could not fill with -1.
      let places = (query * found.width..<(query + 1) * found.width)
        .filter { found.ids[$0] >= 0 }
        .sorted { first, second in
          let (near, far) = (found.distances[first], found.distances[second])
          return near == far ? found.ids[first] < found.ids[second] : isNearer(near, far)
        }
      return Neighbors(
        ids: places.map { found.ids[$0] }, distances: places.map { found.distances[$0] })
    }
  }

  /// Neighbours of each query, at most `limit` and at most as many as there are vectors.
  private func places(
    _ queries: [Float], limit: Int
  ) throws(FAISSError) -> (width: Int, ids: [Int64], distances: [Float]) {
    pthread_rwlock_rdlock(lock)
    defer { pthread_rwlock_unlock(lock) }
    let queryCount = queries.count / dimension
    let width = min(limit, Int(ais_faiss_count(index)))
    let (cells, overflow) = queryCount.multipliedReportingOverflow(by: width)
    guard !overflow, cells <= Int(Int32.max) else {
      throw .shape(
        what: "search", expected: "at most \(Int32.max) results", found: "\(queryCount) x \(width)")
    }
    if cells == 0 { return (0, [], []) }
    var ids = [Int64](repeating: -1, count: cells)
    var distances = [Float](repeating: 0, count: cells)
    var message: UnsafeMutablePointer<CChar>?
    let status = ais_faiss_search(
      index, Int64(queryCount), queries, Int64(width), &distances, &ids, &message)
    try IndexHandle.check(status, message) { .library(operation: "search", reason: $0) }
    return (width, ids, distances)
  }

  func reconstruct(_ id: Int64) throws(FAISSError) -> [Float] {
    pthread_rwlock_rdlock(lock)
    defer { pthread_rwlock_unlock(lock) }
    let count = ais_faiss_count(index)
    guard (0..<count).contains(id) else {
      throw .shape(what: "reconstruct", expected: "an id below \(count)", found: "\(id)")
    }
    var row = [Float](repeating: 0, count: dimension)
    var message: UnsafeMutablePointer<CChar>?
    let status = ais_faiss_reconstruct(index, id, &row, &message)
    try IndexHandle.check(status, message) { .library(operation: "reconstruct", reason: $0) }
    return row
  }

  func save(path: String) throws(FAISSError) {
    let partial = "\(path).\(getpid()).partial"
    do {
      try write(to: partial)
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

  private func write(to path: String) throws(FAISSError) {
    pthread_rwlock_rdlock(lock)
    defer { pthread_rwlock_unlock(lock) }
    var message: UnsafeMutablePointer<CChar>?
    let status = ais_faiss_write(index, path, &message)
    try IndexHandle.check(status, message) { .file(path: path, reason: $0) }
  }

  private func reading<Result>(_ work: () -> Result) -> Result {
    pthread_rwlock_rdlock(lock)
    defer { pthread_rwlock_unlock(lock) }
    return work()
  }

  private static func check(
    _ status: Int32, _ message: UnsafeMutablePointer<CChar>?, failure: (String) -> FAISSError
  ) throws(FAISSError) {
    guard status != 0 else { return }
    throw failure(text(of: message))
  }

  private static func text(of message: UnsafeMutablePointer<CChar>?) -> String {
    guard let message else { return "out of memory" }
    defer { ais_faiss_free_message(message) }
    return String(cString: message)
  }
}

// MARK: - What callers give

extension IndexHandle {
  static let maximumDimension = 1 << 20

  static func check(dimension: Int) throws(FAISSError) {
    guard (1...maximumDimension).contains(dimension) else {
      throw .shape(
        what: "dimension", expected: "1 to \(maximumDimension)", found: "\(dimension)")
    }
  }

  static func check(_ rows: [Float], dimension: Int, _ what: String) throws(FAISSError) {
    guard rows.count % dimension == 0 else {
      throw .shape(
        what: what, expected: "rows of \(dimension) floats", found: "\(rows.count) floats")
    }
    if let place = rows.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(what: what, row: place / dimension, column: place % dimension)
    }
  }
}

extension IndexMetric {
  /// What the shim calls this metric.
  var code: Int32 { Int32(self == .squaredL2 ? AIS_FAISS_L2 : AIS_FAISS_INNER_PRODUCT) }
}
