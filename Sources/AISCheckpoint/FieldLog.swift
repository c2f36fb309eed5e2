import Synchronization

/// Records which fields of a configuration have been read.
///
/// A field that was never read has no meaning to the reader, which can then report it.
package final class FieldLog: Sendable {
  private let names = Mutex<Set<String>>([])

  /// A log without any field.
  package init() {}

  /// Records that a field was read, whether it was present or not.
  package func note(_ name: String) { names.withLock { _ = $0.insert(name) } }

  /// The `fields` that have not been read, in the given order.
  package func unread(_ fields: [String]) -> [String] {
    names.withLock { names in fields.filter { !names.contains($0) } }
  }
}
