import Foundation

/// Work on a thread of its own.
final class Background<Value: Sendable>: @unchecked Sendable {
  private let work = DispatchGroup()
  private var result: Result<Value, any Error>?

  /// Begins the work.
  init(_ body: @escaping @Sendable () throws -> Value) {
    work.enter()
    let thread = Thread { [self] in
      result = Result { try body() }
      work.leave()
    }
    // Deeply nested files need as much as the main thread has.
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// What the work returned or threw; waits until it has ended.
  var value: Value {
    get throws {
      work.wait()
      guard let result else { preconditionFailure("work that has ended has a result") }
      return try result.get()
    }
  }
}
