import Synchronization

/// Which fields of a configuration were asked for: what it holds besides was not understood.
final class FieldLog: Sendable {
  private let names = Mutex<Set<String>>([])

  /// Notes that a field was asked for, whether it was there or not.
  func note(_ name: String) { names.withLock { _ = $0.insert(name) } }

  /// Those of `fields` that nobody asked for, in their order.
  func unread(_ fields: [String]) -> [String] {
    names.withLock { names in fields.filter { !names.contains($0) } }
  }
}
