/// Another engine in its own process.
package struct PeerWorker {
  /// The worker's first answer: facts about itself.
  package struct Hello: Decodable, Sendable {
    /// The engine's name.
    package let engine: String
    /// Its version, with those of the libraries that matter.
    package let version: String
    /// What it computes with.
    package let kernels: String
  }

  /// A first answer, which may be an error.
  private struct Opening: Decodable {
    let hello: Hello?
    let error: String?

    enum CodingKeys: String, CodingKey { case error }

    init(from decoder: any Decoder) throws {
      error = try decoder.container(keyedBy: CodingKeys.self)
        .decodeIfPresent(String.self, forKey: .error)
      hello = error == nil ? try Hello(from: decoder) : nil
    }
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

  /// What the worker said of itself.
  package let hello: Hello
  private let process: LineProcess

  /// Starts a worker and waits until its model is loaded.
  ///
  /// - Throws: `LineProcessError` if it cannot be started or does not come up.
  package init(python: String, script: String, arguments: [String]) throws {
    process = try LineProcess(
      python, [script] + arguments, name: script, farewell: "{\"op\": \"quit\"}")
    let opening: Opening = try process.read()
    guard let hello = opening.hello else {
      throw LineProcessError(name: script, problem: opening.error ?? "it gave no reason")
    }
    self.hello = hello
  }

  /// Seconds of a piece of work, and the last token that each sequence chose, if the worker tells.
  ///
  /// Prompts of a decode run untimed.
  ///
  /// - Throws: `LineProcessError`.
  package func run(
    _ cell: PeerCell, _ prompts: [[Int32]]
  ) throws -> (seconds: Double, top: [Int32]) {
    let steps = cell.phase == .decode ? cell.steps : 0
    let answer: Answer = try process.ask(
      Request(op: cell.phase.rawValue, sequences: prompts, tokens: steps))
    guard let seconds = answer.seconds else {
      throw LineProcessError(name: hello.engine, problem: answer.error ?? "it named no time")
    }
    return (seconds, answer.top ?? answer.ids?.compactMap(\.last) ?? [])
  }
}
