import Foundation

/// A failure after which a retry may work.
struct Interruption: Error {
  /// The error to report if retries fail too.
  let error: HubError
  /// How long the server asks to wait, in seconds.
  var seconds: Double?
}

/// How often a request is retried, and how long the pauses are.
public struct Patience: Sendable {
  /// A request is given up after this many failures in a row, without any data in between.
  public var attempts = 6
  /// The first pause; each further one is twice as long.
  ///
  /// Units: seconds.
  public var firstPause = 0.5
  /// The longest pause that a server may ask for; with more, the request is given up.
  ///
  /// Units: seconds.
  public var longestPause = 120.0

  /// The usual patience.
  public init() {}

  /// Repeats `attempt` until it works or has failed too often.
  ///
  /// - Parameters:
  ///   - say: gets a line before each pause.
  ///   - attempt: may set the count of failures back to 0 when something has arrived.
  /// - Returns: the result of the successful attempt.
  /// - Throws: the last interruption's error; any other error at once.
  func persist<Value>(
    say: (String) -> Void, _ attempt: (inout Int) throws -> Value
  ) throws -> Value {
    var failures = 0
    while true {
      do {
        return try attempt(&failures)
      } catch let interruption as Interruption {
        failures += 1
        let pause = interruption.seconds ?? firstPause * Double(1 << min(failures - 1, 16))
        guard failures < attempts, pause <= longestPause else { throw interruption.error }
        say("\(interruption.error.reason); again in \(Self.text(pause)) s")
        usleep(UInt32(max(0, pause) * 1e6))
      }
    }
  }

  private static func text(_ seconds: Double) -> String {
    seconds == seconds.rounded() ? "\(Int(seconds))" : String(format: "%.1f", seconds)
  }
}

extension HubError {
  /// The description without its advice, for a line about the retry.
  var reason: String {
    switch self {
    case .connection(let host, let reason): "\(host): \(reason)"
    case .unavailable(let host, let status): "\(host): HTTP \(status)"
    case .tooManyRequests(let host, _): "\(host): too many requests (HTTP 429)"
    case .unexpected, .wrongBytes, .disk: description
    }
  }
}
