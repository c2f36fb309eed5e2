/// A token that was generated, and what it cost.
public struct GeneratedToken: Sendable, Equatable {
  /// The token's id.
  public let id: Int32
  /// Blocks computed for the row that produced its logits.
  public let executedLayers: Int
  /// The layer after which that row exited; `nil` if it ran all.
  public let exitLayer: Int?
}

extension GeneratedToken {
  /// A token that was chosen from the logits of a row of the traced pass.
  init(id: Int32, _ trace: DepthTrace, row: Int) {
    let layer = trace.exitLayers[row]
    self.init(
      id: id, executedLayers: trace.executedLayers(ofRow: row), exitLayer: layer < 0 ? nil : layer)
  }

  /// The token that a row of a pass chose.
  init(_ pass: DecodedPass, row: Int) {
    let layer = pass.exitLayers[row]
    self.init(
      id: pass.tokens[row], executedLayers: pass.executedLayers[row],
      exitLayer: layer < 0 ? nil : layer)
  }
}

/// Why a generation ended.
public enum FinishReason: String, Sendable {
  /// The model chose one of its end tokens.
  case end
  /// The token limit was reached.
  case length
  /// The model's context is full.
  case context
  /// The receiver stopped it.
  case stopped
}

/// Continues a prompt token by token: one prefill pass, then one pass for each new token.
public struct Generator {
  private let model: DecoderModel
  private let sampling: Sampling
  private let endIDs: Set<Int32>

  /// A generator that stops at the given tokens.
  ///
  /// With an empty set it never stops early.
  public init(model: DecoderModel, sampling: Sampling = .greedy, endIDs: Set<Int32> = []) {
    self.model = model
    self.sampling = sampling
    self.endIDs = endIDs
  }

  /// Generates up to `maxTokens` tokens, handing each to `receive` as it is made.
  ///
  /// - Parameters:
  ///   - prompt: the tokens to continue.
  ///   - maxTokens: the most new tokens.
  ///   - policy: decides what every pass computes.
  ///   - prefilled: called once the prompt is computed, with what the policy remembers.
  ///   - receive: gets each new token except an end token; returns false to stop.
  /// - Returns: why the generation ended.
  /// - Throws: `RequestError` for an empty prompt or one longer than the model's context, and what a
  ///   forward pass or `receive` throws.
  public func generate(
    prompt: [Int32], maxTokens: Int, policy: some DepthPolicy = DepthPlan.full,
    prefilled: (_ memory: (any Sendable)?) -> Void = { _ in },
    receive: (GeneratedToken) throws -> Bool
  ) throws -> FinishReason {
    try check(prompt)
    guard maxTokens > 0 else { return .length }
    var context = try makeContext(prompt, maxTokens, policy)
    let trace = DepthTrace()
    try prefill(prompt, in: &context, policy: policy, trace: trace)
    prefilled(context.memory)
    return try decode(
      after: prompt.count, maxTokens, in: &context, policy, trace, receive: receive)
  }

  private func check(_ prompt: [Int32]) throws {
    try sampling.validate()
    let limit = model.config.contextLength
    guard !prompt.isEmpty else {
      throw RequestError("prompt", expected: "at least one token", found: "none")
    }
    guard prompt.count <= limit else {
      throw RequestError(
        "prompt", expected: "at most \(limit) tokens, the model's context",
        found: "\(prompt.count)")
    }
  }

  private func makeContext(
    _ prompt: [Int32], _ maxTokens: Int, _ policy: some DepthPolicy
  ) throws -> DecoderContext {
    let room = model.config.contextLength - prompt.count
    return try model.makeContext(
      capacity: prompt.count + min(room, maxTokens),
      rows: policy.readsWholePrompt ? prompt.count : min(prompt.count, PackedTokens.passRows),
      path: policy.path)
  }

  /// Generates token by token, beginning with the logits of the prompt's last row.
  private func decode(
    after promptCount: Int, _ maxTokens: Int, in context: inout DecoderContext,
    _ policy: some DepthPolicy, _ trace: DepthTrace, receive: (GeneratedToken) throws -> Bool
  ) throws -> FinishReason {
    var sampler = Sampler(sampling)
    let decodesAhead = sampling.isGreedy && model.decodesAhead(policy, in: context)
    // Passes that a device computed ahead, and how many it may compute next.
    var (ahead, next) = ([DecodedPass](), 4)
    for produced in 1...maxTokens {
      let id: Int32
      let token: GeneratedToken
      if ahead.isEmpty {
        id = context.withLogits(row: 0) { sampler.sample($0) }
        guard context.withLogits(row: 0, { $0[Int(id)].isFinite }) else {
          throw Self.noChoice(produced)
        }
        token = GeneratedToken(id: id, trace, row: trace.exitLayers.count - 1)
      } else {
        token = GeneratedToken(ahead.removeFirst(), row: 0)
        id = token.id
        guard id >= 0 else { throw Self.noChoice(produced) }
      }
      if endIDs.contains(id) { return .end }
      guard try receive(token) else { return .stopped }
      guard produced < maxTokens else { return .length }
      let room = model.config.contextLength - promptCount - produced
      guard room > 0 else { return .context }
      guard ahead.isEmpty else { continue }
      if decodesAhead {
        ahead = try model.decode(
          [id], count: min(next, maxTokens - produced, room), in: &context, policy: policy)
        next = min(2 * next, Self.mostAhead)
      } else {
        try model.forward(PackedTokens([id]), in: &context, policy: policy, observer: trace)
      }
    }
    return .length
  }

  /// The most tokens that are decoded before the receiver sees them.
  private static let mostAhead = 32

  private static func noChoice(_ token: Int) -> RequestError {
    RequestError(
      "logits of token \(token)", expected: "finite numbers", found: "none to choose from")
  }

  private func prefill(
    _ prompt: [Int32], in context: inout DecoderContext, policy: some DepthPolicy,
    trace: DepthTrace
  ) throws {
    var start = 0
    while start < prompt.count {
      let end =
        policy.readsWholePrompt ? prompt.count : min(start + PackedTokens.passRows, prompt.count)
      try model.forward(
        PackedTokens(Array(prompt[start..<end])), in: &context, policy: policy, observer: trace,
        logits: end == prompt.count ? .lastOfEach : .none)
      start = end
    }
  }
}
