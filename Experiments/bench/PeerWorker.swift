import AISHarness
import Foundation
import Glibc

/// Another engine in its own process, which answers a line of JSON with a line of JSON.
final class PeerWorker {
  /// The worker's first answer: facts about itself.
  struct Hello: Decodable {
    let engine: String
    let version: String
    let kernels: String
  }

  private struct Answer: Decodable {
    let seconds: Double?
    let top: [Int32]?
    let ids: [[Int32]]?
    let error: String?
  }

  private struct Request: Encodable {
    let op: String
    var sequences: [[Int32]] = []
    var tokens = 0
  }

  let hello: Hello
  private let child: pid_t
  private let input: UnsafeMutablePointer<FILE>
  private let output: UnsafeMutablePointer<FILE>

  /// Starts a worker and waits until its model is loaded.
  ///
  /// - Throws: `PeerError` if it cannot be started or does not come up.
  init(python: String, script: String, arguments: [String]) throws {
    var (toChild, fromChild) = ([Int32](repeating: 0, count: 2), [Int32](repeating: 0, count: 2))
    guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else {
      throw PeerError(script: script, problem: String(cString: strerror(errno)))
    }
    // A later worker must not inherit this one's pipes.
    for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
    posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
    var words = ([python, script] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var child: pid_t = 0
    let status = posix_spawn(&child, python, &actions, nil, words, environ)
    close(toChild[0])
    close(fromChild[1])
    guard status == 0, let input = fdopen(toChild[1], "w"), let output = fdopen(fromChild[0], "r")
    else { throw PeerError(script: python, problem: String(cString: strerror(status))) }
    (self.child, self.input, self.output) = (child, input, output)
    // A worker that ends early must not end this process with it.
    signal(SIGPIPE, SIG_IGN)
    hello = try Self.read(output, script)
  }

  deinit {
    fputs("{\"op\": \"quit\"}\n", input)
    fclose(input)
    fclose(output)
    var status: Int32 = 0
    waitpid(child, &status, 0)
  }

  /// Seconds of one forward over the sequences, and the best next token of each.
  ///
  /// - Throws: `PeerError`.
  func prefill(_ sequences: [[Int32]]) throws -> (seconds: Double, top: [Int32]) {
    let answer = try ask(Request(op: "prefill", sequences: sequences))
    return (answer.seconds ?? .nan, answer.top ?? [])
  }

  /// Seconds of `tokens` greedy steps of all sequences at once, after an untimed prefill.
  ///
  /// - Throws: `PeerError`.
  func decode(_ sequences: [[Int32]], tokens: Int) throws -> (seconds: Double, top: [Int32]) {
    let answer = try ask(Request(op: "decode", sequences: sequences, tokens: tokens))
    return (answer.seconds ?? .nan, answer.ids?.compactMap(\.last) ?? [])
  }

  private func ask(_ request: Request) throws -> Answer {
    let line = String(decoding: try JSONEncoder().encode(request), as: UTF8.self)
    fputs(line + "\n", input)
    fflush(input)
    let answer: Answer = try Self.read(output, hello.engine)
    if let error = answer.error { throw PeerError(script: hello.engine, problem: error) }
    return answer
  }

  private static func read<Message: Decodable>(
    _ output: UnsafeMutablePointer<FILE>, _ who: String
  ) throws -> Message {
    var (line, capacity) = (UnsafeMutablePointer<CChar>?.none, 0)
    defer { free(line) }
    guard getline(&line, &capacity, output) > 0, let line else {
      throw PeerError(script: who, problem: "it ended without an answer; its messages are above")
    }
    do {
      return try JSONDecoder().decode(Message.self, from: Data(String(cString: line).utf8))
    } catch {
      throw PeerError(
        script: who, problem: "expected a line of JSON, found \(String(cString: line))")
    }
  }
}

/// Another engine could not be measured.
struct PeerError: Error, CustomStringConvertible {
  let script: String
  let problem: String

  var description: String { "\(script): \(problem)" }
}
