import Synchronization

/// Keeps the first error of several threads.
final class FirstError: Sendable {
  private let storage = Mutex<(any Error)?>(nil)

  var error: (any Error)? { storage.withLock { $0 } }

  func record(_ error: any Error) {
    storage.withLock { if $0 == nil { $0 = error } }
  }
}
