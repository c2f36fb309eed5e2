import AISKit
import Foundation

/// What a deferred device still has to compute.
///
/// One queue serves all of a device's streams.
package final class DeferredQueue: @unchecked Sendable {
  /// Memory that an operation reads or writes: a buffer, a table, or a slot of a cache.
  package struct Place: Hashable {
    let object: ObjectIdentifier
    let slot: Int

    package init(_ object: AnyObject, slot: Int = 0) {
      self.object = ObjectIdentifier(object)
      self.slot = slot
    }
  }

  fileprivate struct Operation {
    let reads: Set<Place>
    let writes: Set<Place>
    let run: () throws -> Void

    /// Whether it must come after an operation that was asked for earlier.
    func follows(_ earlier: Operation) -> Bool {
      !earlier.writes.isDisjoint(with: reads) || !earlier.writes.isDisjoint(with: writes)
        || !earlier.reads.isDisjoint(with: writes)
    }
  }

  /// Operations that wait to be run as often as wanted.
  package struct Recorded: @unchecked Sendable {
    fileprivate let operations: [Operation]

    /// Everything that they read or write.
    package var places: [Place] { operations.flatMap { $0.reads.union($0.writes) } }

    /// Runs them in order.
    package func run() throws { for operation in operations { try operation.run() } }
  }

  private let lock = NSRecursiveLock()
  private var operations: [Operation] = []
  /// What is being recorded, and whether it can be.
  private var recording: [Operation]?
  private var isRecordable = true
  /// The error of operations that were run before anyone waited for them.
  private var failure: (any Error)?
  private var random: SplitMix64

  package init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// Queues an operation that reads and writes these places.
  package func add(reads: [Place], writes: [Place], _ run: @escaping () throws -> Void) {
    lock.withLock {
      let operation = Operation(reads: Set(reads), writes: Set(writes), run: run)
      if recording == nil { operations.append(operation) } else { recording?.append(operation) }
    }
  }

  /// Operations beyond which a recorded program is run at once: the order is found by comparing all pairs.
  private static let manyOperations = 400

  /// Queues recorded operations.
  package func add(_ recorded: Recorded) {
    lock.withLock {
      operations += recorded.operations
      guard operations.count > Self.manyOperations, failure == nil else { return }
      do { try run() } catch { failure = error }
    }
  }

  /// Records the operations of `body` instead of queueing them; `nil` if one exchanges bytes with the host.
  package func record(_ body: () throws -> Void) throws -> Recorded? {
    try lock.withLock {
      (recording, isRecordable) = ([], true)
      defer { recording = nil }
      let result = Result { try body() }
      guard isRecordable else { return nil }
      try result.get()
      return Recorded(operations: recording ?? [])
    }
  }

  /// Records the operations of `body` apart from those around it, which are being recorded too.
  package func recordPart(_ body: () throws -> Void) throws -> Recorded {
    try lock.withLock {
      let before = recording
      recording = []
      defer { recording = before }
      try body()
      return Recorded(operations: recording ?? [])
    }
  }

  /// Says that bytes are exchanged with the host.
  package func exchange() { lock.withLock { isRecordable = false } }

  /// Computes everything, each operation after those that it depends on and otherwise in any order.
  package func flush() throws {
    try lock.withLock {
      if let failure { throw failure }
      try run()
    }
  }

  private func run() throws {
    let all = operations
    operations.removeAll()
    var waiting = all.indices.map { later in
      all[..<later].count { all[later].follows($0) }
    }
    var ready = all.indices.filter { waiting[$0] == 0 }
    while !ready.isEmpty {
      let next = ready.remove(at: random.index(below: ready.count))
      try all[next].run()
      for later in all.indices.dropFirst(next + 1) where all[later].follows(all[next]) {
        waiting[later] -= 1
        if waiting[later] == 0 { ready.append(later) }
      }
    }
  }
}
