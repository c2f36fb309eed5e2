import CTiedChild
import Foundation
import Glibc
import Synchronization

/// Another program, run and waited for, with this process's input and output.
///
/// It never outlives this process: if that is killed, the kernel kills the child. Foundation's
/// `Process` is not used: it needs sockets, and hangs if there is no network.
public enum ChildProcess {
  /// Runs a program to its end and returns its exit status.
  ///
  /// An interrupt, a termination or a hang-up that reaches this process meanwhile is passed on to
  /// the child; this process continues once the child has ended. One child runs at a time.
  ///
  /// - Returns: the exit status, or 128 and the signal's number if a signal ended the child, as
  ///   a shell would say.
  /// - Throws: `ChildProcessError` if the program cannot be started.
  public static func run(_ executable: URL, _ arguments: [String]) throws -> Int32 {
    try turn.withLock { _ in
      // Before the start: the child may run, and be interrupted, before the call returns.
      let earlier = handedOnSignals.map(handOn)
      defer {
        currentChild.store(0, ordering: .sequentiallyConsistent)
        for (signal, action) in zip(handedOnSignals, earlier) {
          var action = action
          sigaction(signal, &action, nil)
        }
        // The signal came before there was a child, so this process takes it.
        let signal = earlySignal.exchange(0, ordering: .sequentiallyConsistent)
        if signal != 0 { raise(signal) }
      }
      let child = try spawn(executable.path, arguments)
      currentChild.store(child, ordering: .sequentiallyConsistent)
      let signal = earlySignal.exchange(0, ordering: .sequentiallyConsistent)
      if signal != 0 { kill(child, signal) }
      return try wait(for: child, executable.path)
    }
  }

  private static let handedOnSignals = [SIGINT, SIGTERM, SIGHUP]
  private static let turn = Mutex(())
  /// Held while a program is started or a pipe is made: a child that inherited a copy of the pipe's
  /// end would keep it open.
  static let starting = Mutex(())

  /// Starts a program, with this process's streams or with others.
  ///
  /// - Parameters:
  ///   - path: the program.
  ///   - arguments: its arguments.
  ///   - output: what its standard output writes to; it then reads nothing. `nil`: it has this
  ///     process's streams.
  ///   - isQuiet: whether what it writes to standard error is dropped.
  /// - Returns: its process id; the calling thread must wait for it.
  /// - Throws: `ChildProcessError` if it cannot be started.
  static func spawn(
    _ path: String, _ arguments: [String], output: Int32? = nil, isQuiet: Bool = false
  ) throws -> pid_t {
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var child: pid_t = 0
    // A pool's thread may block signals; the child blocks none.
    func start() -> Int32 {
      starting.withLock { _ in
        ais_start_tied_child(&child, path, words, environ, output ?? -1, isQuiet)
      }
    }
    var status = start()
    // A file that was just written is busy while a process that another thread starts still holds
    // its descriptor, until that process has begun its own program.
    for _ in 0..<100 where status == ETXTBSY {
      usleep(10_000)
      status = start()
    }
    guard status == 0 else {
      throw ChildProcessError(executable: path, reason: String(cString: strerror(status)))
    }
    return child
  }

  /// From now on passes a signal on to the child; returns how it was handled before.
  ///
  /// An ignored signal stays ignored, in the child too: so shells shield background jobs.
  private static func handOn(_ signal: Int32) -> sigaction {
    var earlier = sigaction()
    sigaction(signal, nil, &earlier)
    let ignored = unsafeBitCast(SIG_IGN, to: Int.self)
    if unsafeBitCast(earlier.__sigaction_handler.sa_handler, to: Int.self) == ignored {
      return earlier
    }
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { number in
      // A handler may use only atomics and system calls. The signal is kept before the child is
      // looked up, so either the handler or the start sees the other.
      earlySignal.store(number, ordering: .sequentiallyConsistent)
      let child = currentChild.load(ordering: .sequentiallyConsistent)
      if child > 0 {
        earlySignal.store(0, ordering: .sequentiallyConsistent)
        kill(child, number)
      }
    }
    action.sa_flags = SA_RESTART
    sigaction(signal, &action, nil)
    return earlier
  }

  private static func wait(for child: pid_t, _ path: String) throws -> Int32 {
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else {
        throw ChildProcessError(executable: path, reason: String(cString: strerror(errno)))
      }
    }
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }
}

/// The child that signals are passed on to, or 0.
private let currentChild = Atomic<pid_t>(0)

/// A signal that came before there was a child, or 0.
private let earlySignal = Atomic<Int32>(0)

/// A program that cannot be run.
public struct ChildProcessError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The program's path.
  public let executable: String
  /// The system's reason.
  public let reason: String

  /// The path and the reason, in one line.
  public var description: String { "\(executable): cannot run: \(reason)" }
}
