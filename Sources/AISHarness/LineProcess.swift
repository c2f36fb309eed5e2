import Foundation
import Glibc

/// A program in its own process that answers a line of JSON with a line of JSON.
public final class LineProcess {
  private let name: String
  private let child: pid_t
  private let input: UnsafeMutablePointer<FILE>
  private let output: UnsafeMutablePointer<FILE>
  private let farewell: String

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: its path.
  ///   - arguments: its arguments.
  ///   - name: what errors call it.
  ///   - farewell: the line that tells it to end.
  /// - Throws: `LineProcessError` if it cannot be started.
  public init(_ program: String, _ arguments: [String], name: String, farewell: String) throws {
    var (toChild, fromChild) = ([Int32](repeating: 0, count: 2), [Int32](repeating: 0, count: 2))
    guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else {
      throw LineProcessError(name: name, problem: String(cString: strerror(errno)))
    }
    // A later child must not inherit this one's pipes.
    for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
    posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
    var words = ([program] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var child: pid_t = 0
    let status = posix_spawn(&child, program, &actions, nil, words, environ)
    close(toChild[0])
    close(fromChild[1])
    guard status == 0, let input = fdopen(toChild[1], "w"), let output = fdopen(fromChild[0], "r")
    else { throw LineProcessError(name: program, problem: String(cString: strerror(status))) }
    (self.name, self.child, self.farewell) = (name, child, farewell)
    (self.input, self.output) = (input, output)
    // A program that ends early must not end this process with it.
    signal(SIGPIPE, SIG_IGN)
  }

  deinit {
    fputs(farewell + "\n", input)
    fclose(input)
    fclose(output)
    var status: Int32 = 0
    waitpid(child, &status, 0)
  }

  /// Sends a line, and waits for the next one.
  ///
  /// Throws `LineProcessError` if there is none, or it is not JSON of this type.
  public func ask<Answer: Decodable>(_ request: some Encodable) throws -> Answer {
    fputs(String(decoding: try JSONEncoder().encode(request), as: UTF8.self) + "\n", input)
    fflush(input)
    return try read()
  }

  /// Waits for the next line.
  ///
  /// Throws as above.
  public func read<Answer: Decodable>() throws -> Answer {
    var (line, capacity) = (UnsafeMutablePointer<CChar>?.none, 0)
    defer { free(line) }
    guard getline(&line, &capacity, output) > 0, let line else {
      throw LineProcessError(
        name: name, problem: "it ended without an answer; its messages are above")
    }
    do {
      return try JSONDecoder().decode(Answer.self, from: Data(String(cString: line).utf8))
    } catch {
      throw LineProcessError(
        name: name, problem: "expected a line of JSON, found \(String(cString: line))")
    }
  }
}

/// A program cannot be started, or does not answer as it should.
public struct LineProcessError: Error, CustomStringConvertible {
  /// What the program is called.
  public let name: String
  /// What is wrong.
  public let problem: String

  /// An error from its parts.
  public init(name: String, problem: String) { (self.name, self.problem) = (name, problem) }

  /// Both, in one line.
  public var description: String { "\(name): \(problem)" }
}
