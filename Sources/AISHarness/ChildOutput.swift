import Foundation
import Glibc

extension ChildProcess {
  /// What a program wrote to its standard output, and how it ended.
  package struct Output: Sendable, Equatable {
    /// The bytes, at most as many as were asked for.
    package var bytes: [UInt8] = []
    /// How it ended.
    package var ending: Ending
  }

  /// How a program ended.
  package enum Ending: Sendable, Equatable, CustomStringConvertible {
    /// It exited with this status.
    case exited(Int32)
    /// This signal killed it.
    case killed(Int32)
    /// This process killed it, because it wrote more than it may.
    case tooMuch
    /// This process killed it, because it took longer than it may.
    case tooLong

    /// The ending in a few words.
    package var description: String {
      switch self {
      case .exited(let status): "exit status \(status)"
      case .killed(let signal):
        "signal \(signal)" + (strsignal(signal).map { ", \(String(cString: $0))" } ?? "")
      case .tooMuch: "too much output"
      case .tooLong: "too much time"
      }
    }
  }

  /// Runs a program to its end, and takes what it writes to standard output.
  ///
  /// It reads nothing, and is killed if it exceeds a limit. Several may run at a time. A signal
  /// that ends this process is not passed on; the program then has no reader for its output.
  ///
  /// - Parameters:
  ///   - executable: the program.
  ///   - arguments: its arguments.
  ///   - limit: how many bytes it may write.
  ///   - seconds: how long it may take.
  ///   - isQuiet: whether what it writes to standard error is dropped.
  /// - Returns: what it wrote, and how it ended.
  /// - Throws: `ChildProcessError` if the program cannot be started or listened to.
  package static func output(
    of executable: URL, _ arguments: [String], limit: Int, seconds: Double, isQuiet: Bool = false
  ) throws -> Output {
    guard let ends = makePipe() else {
      throw ChildProcessError(executable: executable.path, reason: String(cString: strerror(errno)))
    }
    defer { close(ends[0]) }
    let child: pid_t
    do {
      defer { close(ends[1]) }
      child = try spawn(executable.path, arguments, output: ends[1], isQuiet: isQuiet)
    }
    let deadline = ContinuousClock.now + .seconds(seconds)
    var output = Output(ending: .exited(0))
    let stop = listen(to: ends[0], limit: limit, until: deadline, into: &output.bytes)
    output.ending = end(child, by: deadline, stop: stop)
    return output
  }

  /// Both ends of a pipe that no other program inherits, or `nil`.
  private static func makePipe() -> [Int32]? {
    starting.withLock { _ in
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0 else { return nil }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      return ends
    }
  }

  /// Reads bytes until the end; returns the reason if it stopped earlier.
  private static func listen(
    to descriptor: Int32, limit: Int, until deadline: ContinuousClock.Instant,
    into bytes: inout [UInt8]
  ) -> Ending? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
      guard left > 0 else { return .tooLong }
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&request, 1, Int32(min(left + 1, 1e6)))
      if ready == 0 || (ready < 0 && errno == EINTR) { continue }
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      // A pipe that cannot be read counts as one that has ended.
      if count <= 0 { return nil }
      guard bytes.count + count <= limit else { return .tooMuch }
      bytes += buffer[..<count]
    }
  }

  /// Waits for a child that has closed its output, and kills it if it does not exit.
  private static func end(
    _ child: pid_t, by deadline: ContinuousClock.Instant, stop: Ending?
  ) -> Ending {
    var (stop, status) = (stop, Int32(0))
    while true {
      if stop != nil { kill(child, SIGKILL) }
      let ended = waitpid(child, &status, stop == nil ? WNOHANG : 0)
      if ended == child { break }
      if ended < 0 && errno != EINTR { return stop ?? .exited(0) }
      if ContinuousClock.now >= deadline { stop = stop ?? .tooLong }
      if stop == nil { usleep(200) }
    }
    if let stop { return stop }
    let signal = status & 0x7F
    return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal)
  }
}
