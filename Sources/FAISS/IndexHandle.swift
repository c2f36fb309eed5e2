import CFAISSShim
import Foundation

/// Owns one FAISS index of any kind and keeps additions apart from everything else.
///
/// FAISS lets any number of threads search at once as long as nobody adds, so a lock that many
/// readers share makes the whole class safe to share; that is what `@unchecked Sendable` rests on.
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

  deinit {
    ais_faiss_free(index)
    pthread_rwlock_destroy(lock)
    lock.deallocate()
  }

  var dimension: Int { Int(ais_faiss_dimension(index)) }
  var metric: Int32 { ais_faiss_metric(index) }
  var count: Int { reading { Int(ais_faiss_count(index)) } }

  func add(_ rows: [Float]) throws(FAISSError) {
    pthread_rwlock_wrlock(lock)
    defer { pthread_rwlock_unlock(lock) }
    var message: UnsafeMutablePointer<CChar>?
    let status = ais_faiss_add(index, Int64(rows.count / dimension), rows, &message)
    try IndexHandle.check(status, message) { .library(operation: "add", reason: $0) }
  }

  /// Neighbours of each query, at most `limit` and at most as many as there are vectors.
  func search(
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

  func write(to path: String) throws(FAISSError) {
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
