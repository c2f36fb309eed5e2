import AISKit

/// A timed pass: prompts of one length for a batch, or single tokens after them.
///
/// One definition for all experiments, so that their times can be compared.
public struct PassWorkload {
  /// What is timed.
  public enum Phase: String, CaseIterable, Sendable {
    /// The whole prompts.
    case prefill
    /// A few single tokens of each sequence, after prompts that ran untimed.
    case decode
  }

  /// Tokens that one timed decode makes for each sequence.
  public static let decodeSteps = 8

  /// What is timed.
  public let phase: Phase
  /// Sequences.
  public let batch: Int
  /// Tokens of each prompt.
  public let tokens: Int
  private let model: DecoderModel
  private let type: ComputeType
  private let text: [Int32]

  /// A workload for a model; prompts that are too long for it are shortened.
  ///
  /// - Parameters:
  ///   - phase: what is timed.
  ///   - batch: sequences.
  ///   - tokens: of each prompt.
  ///   - model: the model.
  ///   - type: its number format.
  ///   - text: real text, repeated as needed, for policies whose depth depends on the tokens; if it
  ///     is empty, any tokens are taken.
  public init(
    _ phase: Phase, batch: Int, tokens: Int, model: DecoderModel, type: ComputeType,
    text: [Int32] = []
  ) {
    self.text = text
    self.phase = phase
    self.batch = batch
    self.tokens = max(1, min(tokens, model.config.contextLength - Self.decodeSteps - 1))
    self.model = model
    self.type = type
  }

  /// Tokens of a prompt; any will do, since the work is the same.
  ///
  /// Shape: [count].
  public static func prompt(_ sequence: Int, count: Int, vocabulary: Int) -> [Int32] {
    (0..<count).map { Int32(($0 * 31 + sequence * 17 + 7) % vocabulary) }
  }

  /// A name for the rows: `prefill_4`.
  public var name: String { "\(phase.rawValue)_\(batch)" }

  /// What a timed run yields, by which rates are stated: a request for each sequence of a prefill, a
  /// token for each step and sequence of a decode.
  public var yield: Int { phase == .prefill ? batch : batch * Self.decodeSteps }

  /// The passes of a timed run.
  public var passes: Int { phase == .prefill ? 1 : Self.decodeSteps }

  /// The work of one pass under a plan; of a decode, the one halfway through.
  public func work(_ plan: DepthPlan) -> ModelWork {
    switch phase {
    case .prefill:
      ModelWork(
        config: model.config, plan: plan, sequences: batch, rows: tokens,
        weights: model.weightSizes)
    case .decode:
      ModelWork(
        config: model.config, plan: plan, sequences: batch, rows: 1,
        position: tokens + Self.decodeSteps / 2, weights: model.weightSizes)
    }
  }

  /// The least work of a timed run, for the check against the machine's ceilings.
  public func leastWork(_ plan: DepthPlan) -> Work {
    let step = Work(work(plan), model, type)
    return Work(
      floatingPointOperations: step.floatingPointOperations * Double(passes),
      bytesRead: step.bytesRead * Double(passes), computeType: type)
  }

  /// A timed run under a plan.
  ///
  /// - Parameters:
  ///   - plan: what is left out.
  ///   - other: another model of the same shape, such as one with other weights; by default the
  ///     workload's.
  /// - Returns: the side.
  /// - Throws: what making a context and a first pass throw.
  public func side(
    _ plan: DepthPlan, model other: DecoderModel? = nil
  ) throws -> InterleavedTiming.Side {
    try side(plan, named: plan.summary, work: leastWork(plan), model: other)
  }

  /// A timed run under any policy.
  ///
  /// - Parameters:
  ///   - policy: what decides on the depth.
  ///   - name: what the side is called if its time is impossible.
  ///   - work: the least work of the run, if known.
  ///   - other: as above.
  ///   - settles: whether one more token of each sequence then runs through every layer, so that
  ///     what the policy has put off for exited tokens is timed too.
  /// - Returns: the side.
  /// - Throws: as above.
  public func side(
    _ policy: some DepthPolicy, named name: String, work: Work?, model other: DecoderModel? = nil,
    settles: Bool = false
  ) throws -> InterleavedTiming.Side {
    let model = other ?? self.model
    let prompts = PackedTokens(
      (0..<batch).map {
        text.isEmpty
          ? Self.prompt($0, count: tokens, vocabulary: model.config.vocabularySize)
          : self.tokens(from: $0 * tokens, count: tokens)
      })
    func step(_ step: Int) -> PackedTokens {
      PackedTokens(
        decoding: (0..<batch).map {
          text.isEmpty
            ? Int32(($0 + step) % 100) : self.tokens(from: ($0 + 1) * tokens + step, count: 1)[0]
        })
    }
    func settle(_ context: inout DecoderContext) throws {
      if settles { try model.forward(step(Self.decodeSteps), in: &context) }
    }
    var context = try model.makeContext(
      sequences: batch,
      capacity: tokens + (phase == .decode ? Self.decodeSteps : 0) + (settles ? 1 : 0))
    let title = "\(phase.rawValue) of \(batch), \(name)"
    switch phase {
    case .prefill:
      return .init(title, work: work) {
        context.removeAll()
        try model.forward(prompts, in: &context, policy: policy)
        try settle(&context)
      }
    case .decode:
      // The prompts' keys and values stay in the cache.
      try model.forward(prompts, in: &context, policy: policy, logits: .none)
      return .init(title, work: work) {
        context.truncate(to: tokens)
        if model.decodesAhead(policy, in: context) {
          // A device that decodes without the host chooses the tokens.
          _ = try model.decode(
            step(0).tokens, count: Self.decodeSteps, in: &context, policy: policy)
          return try settle(&context)
        }
        for place in 0..<Self.decodeSteps {
          try model.forward(step(place), in: &context, policy: policy)
        }
        try settle(&context)
      }
    }
  }

  /// Tokens of the text, which begins anew after its end.
  private func tokens(from start: Int, count: Int) -> [Int32] {
    (start..<start + count).map { text[$0 % text.count] }
  }
}
