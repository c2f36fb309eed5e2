import Synchronization

/// Which fields of a configuration were asked for: what it holds besides was not understood.
package final class FieldLog: Sendable {
  private let names = Mutex<Set<String>>([])

  /// A log in which no field has been asked for.
  package init() {}

  /// Notes that a field was asked for, whether it was there or not.
  package func note(_ name: String) { names.withLock { _ = $0.insert(name) } }

  /// Those of `fields` that nobody asked for, in their order.
  package func unread(_ fields: [String]) -> [String] {
    names.withLock { names in fields.filter { !names.contains($0) } }
  }
}
