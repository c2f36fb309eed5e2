import AISHarness

/// Another engine in its own process.
struct PeerWorker {
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
  private let process: LineProcess

  /// Starts a worker and waits until its model is loaded.
  ///
  /// - Throws: `LineProcessError` if it cannot be started or does not come up.
  init(python: String, script: String, arguments: [String]) throws {
    process = try LineProcess(
      python, [script] + arguments, name: script, farewell: "{\"op\": \"quit\"}")
    hello = try process.read()
  }

  /// Seconds of one forward over the sequences, and the best next token of each.
  ///
  /// - Throws: `LineProcessError`.
  func prefill(_ sequences: [[Int32]]) throws -> (seconds: Double, top: [Int32]) {
    let answer = try ask(Request(op: "prefill", sequences: sequences))
    return (answer.seconds ?? .nan, answer.top ?? [])
  }

  /// Seconds of `tokens` greedy steps of all sequences at once, after an untimed prefill.
  ///
  /// - Throws: `LineProcessError`.
  func decode(_ sequences: [[Int32]], tokens: Int) throws -> (seconds: Double, top: [Int32]) {
    let answer = try ask(Request(op: "decode", sequences: sequences, tokens: tokens))
    return (answer.seconds ?? .nan, answer.ids?.compactMap(\.last) ?? [])
  }

  private func ask(_ request: Request) throws -> Answer {
    let answer: Answer = try process.ask(request)
    if let error = answer.error { throw LineProcessError(name: hello.engine, problem: error) }
    return answer
  }
}
