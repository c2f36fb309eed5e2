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

  private struct Operation {
    let reads: Set<Place>
    let writes: Set<Place>
    let run: () throws -> Void

    /// Whether it must come after an operation that was asked for earlier.
    func follows(_ earlier: Operation) -> Bool {
      !earlier.writes.isDisjoint(with: reads) || !earlier.writes.isDisjoint(with: writes)
        || !earlier.reads.isDisjoint(with: writes)
    }
  }

  private let lock = NSRecursiveLock()
  private var operations: [Operation] = []
  private var random: SplitMix64

  package init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// Queues an operation that reads and writes these places.
  package func add(reads: [Place], writes: [Place], _ run: @escaping () throws -> Void) {
    lock.withLock {
      operations.append(Operation(reads: Set(reads), writes: Set(writes), run: run))
    }
  }

  /// Computes everything, each operation after those that it depends on and otherwise in any order.
  package func flush() throws { try lock.withLock { try run() } }

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
