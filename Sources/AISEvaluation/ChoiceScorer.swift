/// Scores multiple-choice questions under the full model and under a variant.
///
/// Work that questions and answers share is done once.
///
/// - The common prefix of a group's prompts (a subject's header, its examples) is computed once for
///   each plan in use.
/// - A question is computed once, and its answers continue it. Up to the pivot layer, both plans
///   share the pass.
/// - Baseline and variant differ from the pivot on, where the hidden state chooses the variant's
///   plan. A variant under another kind of policy is computed from the first layer on.
///
/// The logits are the same as if every prompt were computed alone.
public final class ChoiceScorer {
  private let model: DecoderModel
  private let variant: Variant
  private var main: ContextBox
  private var answers: ContextBox
  private var prefixes: [DepthPlan: ContextBox] = [:]
  /// The prefix, computed under the variant's policy.
  private var policyPrefix: ContextBox?
  private var prefix: [Int32] = []
  /// Seconds spent in forward passes and in choosing plans.
  public private(set) var modelSeconds = 0.0

  /// What decides the variant's passes.
  private enum Variant {
    /// The state at a layer chooses a plan for later layers.
    case chosen(pivot: Int, (_ probe: [Float]) throws -> DepthPlan)
    /// A policy, from the first layer on.
    case policy(any DepthPolicy)
  }

  /// A scorer that compares the full model with plans that are chosen by a hidden state.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - pivot: the layer whose output at the prompt's last token chooses the plan. Plans may
  ///     change only later layers.
  ///   - choosePlan: gives the plan for a probe.
  /// - Throws: `RequestError` if there is too little memory for a cache.
  public convenience init(
    model: DecoderModel, pivot: Int, choosePlan: @escaping (_ probe: [Float]) throws -> DepthPlan
  ) throws {
    try self.init(model, .chosen(pivot: pivot, choosePlan))
  }

  /// A scorer that compares the full model with a policy, such as token exit.
  ///
  /// Only the group's prefix is shared.
  ///
  /// - Throws: `RequestError` for a policy that does not fit the model, for one with
  ///   `readsWholePrompt`, because answers continue prompts, and if there is too little memory for
  ///   a cache.
  public convenience init(model: DecoderModel, policy: some DepthPolicy) throws {
    try policy.validate(for: model.config, from: 0)
    guard !policy.readsWholePrompt else {
      throw RequestError(
        "policy", expected: "one that decides about each pass alone",
        found: "one that a prompt's last token decides; choose its plan by the state at the pivot")
    }
    try self.init(model, .policy(policy))
  }

  private init(_ model: DecoderModel, _ variant: Variant) throws {
    self.model = model
    self.variant = variant
    main = try ContextBox(model, sequences: 1, capacity: 512)
    answers = try ContextBox(model, sequences: 4, capacity: 512)
  }

  /// Begins a group of prompts.
  ///
  /// From here on, their common prefix is computed once.
  ///
  /// - Throws: what a forward pass throws.
  public func beginGroup(_ prompts: [ChoicePrompt]) throws {
    let shared = Self.sharedPrefix(prompts.map(\.tokens))
    // A pass for only a few tokens does not pay.
    prefix = shared.count < 8 ? [] : shared
    prefixes.removeAll()
    policyPrefix = nil
  }

  /// The longest common prefix of all lists, but shorter than each list: a prompt must have at
  /// least one token after the prefix.
  static func sharedPrefix(_ lists: [[Int32]]) -> [Int32] {
    guard lists.count > 1, let first = lists.first else { return [] }
    var count = lists.map(\.count).min().map { max(0, $0 - 1) } ?? 0
    for list in lists.dropFirst() {
      count = min(count, zip(first, list).prefix { $0 == $1 }.count)
    }
    return Array(first.prefix(count))
  }

  /// Scores a prompt under the full plan and under the variant.
  ///
  /// - Throws: `RequestError` for a prompt that does not begin as its group does, or longer than the
  ///   model's context; what a forward pass and the choice throw.
  public func score(_ prompt: ChoicePrompt) throws -> ChoicePair {
    let length = try checkedLength(prompt)
    switch variant {
    case .chosen(let pivot, let choosePlan):
      return try score(prompt, length, pivot, choosePlan)
    case .policy(let policy):
      let baseline = try score(prompt, length, under: DepthPlan.full)
      let variant = try score(prompt, length, under: policy)
      return ChoicePair(baseline: baseline, variant: variant, plan: policy.plan ?? .full)
    }
  }

  /// Scores a prompt under the variant alone, for several variants of one baseline.
  ///
  /// It saves the baseline's pass if the variant is a policy.
  ///
  /// - Throws: as `score`.
  public func scoreVariant(_ prompt: ChoicePrompt) throws -> ChoiceScores {
    guard case .policy(let policy) = variant else { return try score(prompt).variant }
    return try score(prompt, checkedLength(prompt), under: policy)
  }

  /// The positions that a prompt and its longest answer take.
  private func checkedLength(_ prompt: ChoicePrompt) throws -> Int {
    let longest = prompt.continuations.map(\.count).max() ?? 1
    let length = prompt.tokens.count + longest
    guard length <= model.config.contextLength else {
      throw RequestError(
        "prompt", expected: "at most \(model.config.contextLength) tokens, the model's context",
        found: "\(length)")
    }
    guard prompt.tokens.starts(with: prefix) else {
      throw RequestError("prompt", expected: "the group's first tokens", found: "other tokens")
    }
    return length
  }

  /// Scores a prompt under the full plan and under the plan that its probe chooses.
  ///
  /// Both share the pass up to the pivot.
  private func score(
    _ prompt: ChoicePrompt, _ length: Int, _ pivot: Int,
    _ choosePlan: (_ probe: [Float]) throws -> DepthPlan
  ) throws -> ChoicePair {
    try grow(&main, sequences: 1, capacity: length)
    main.context.removeAll()
    try adopt(.full, layers: 0..<model.config.layerCount)
    let capture = HiddenStateCapture(layers: [pivot])
    capture.rows = [prompt.tokens.count - prefix.count - 1]
    try timed {
      try model.begin(
        PackedTokens(Array(prompt.tokens[prefix.count...])), in: &main.context, through: pivot,
        observer: capture)
    }
    var plan = DepthPlan.full
    try timed { plan = try choosePlan(capture.captured[pivot] ?? []) }
    let fork = plan == .full ? nil : main.context.snapshot()
    let baseline = try finish(prompt, DepthPlan.full, from: 0)
    guard let fork else { return ChoicePair(baseline: baseline, variant: baseline, plan: plan) }
    main.context.restore(fork)
    try adopt(plan, layers: pivot + 1..<model.config.layerCount)
    return ChoicePair(
      baseline: baseline, variant: try finish(prompt, plan, from: pivot + 1), plan: plan)
  }

  /// Scores a prompt under a policy.
  private func score(
    _ prompt: ChoicePrompt, _ length: Int, under policy: some DepthPolicy
  ) throws -> ChoiceScores {
    try grow(&main, sequences: 1, capacity: length, path: policy.path)
    main.context.removeAll()
    if policy.plan == .full, policy.rowExit == nil {
      try adopt(.full, layers: 0..<model.config.layerCount)
    } else if !prefix.isEmpty {
      if policyPrefix == nil { policyPrefix = try makePrefix(under: policy) }
      if let policyPrefix {
        try main.context.adoptPrefix(of: policyPrefix.context, positions: prefix.count)
      }
    }
    let tokens = PackedTokens(Array(prompt.tokens[prefix.count...]))
    try timed { try model.forward(tokens, in: &main.context, policy: policy) }
    return try read(prompt, policy, from: 0)
  }

  /// The group's prefix, computed under a policy.
  private func makePrefix(under policy: some DepthPolicy) throws -> ContextBox {
    let made = try ContextBox(
      model, sequences: 1, capacity: prefix.count, path: policy.path)
    try timed {
      try model.forward(PackedTokens(prefix), in: &made.context, policy: policy, logits: .none)
    }
    return made
  }

  /// Completes the open pass and reads the answers' scores.
  ///
  /// Layers before `first` were computed by the pass that was finished before.
  private func finish(
    _ prompt: ChoicePrompt, _ plan: DepthPlan, from first: Int
  ) throws -> ChoiceScores {
    try timed { try model.finish(in: &main.context, policy: plan) }
    return try read(prompt, plan, from: first)
  }

  /// Reads the answers' scores from the prompt's finished pass.
  private func read(
    _ prompt: ChoicePrompt, _ policy: some DepthPolicy, from first: Int
  ) throws -> ChoiceScores {
    let openings = prompt.continuations.map { $0[0] }
    let (topToken, logits, normalizer) = main.context.withLogits(row: 0) { row in
      (
        Int32(row.firstLargest), openings.map { Double(row[Int($0)]) }, Self.normalizer(row)
      )
    }
    if prompt.readsLogits { return ChoiceScores(logits: logits, topToken: topToken) }
    var sums = logits.map { $0 - normalizer }
    var areGreedy = prompt.asksGreedy ? openings.map { $0 == topToken } : []
    try addContinuations(prompt, policy, from: first, to: &sums, &areGreedy)
    return ChoiceScores(
      logProbabilities: sums, characterCounts: prompt.characterCounts, topToken: topToken,
      areGreedy: areGreedy)
  }

  /// Continues the prompt by all answers in one batch, and adds the log-probabilities of all tokens
  /// but the first.
  private func addContinuations(
    _ prompt: ChoicePrompt, _ policy: some DepthPolicy, from first: Int, to sums: inout [Double],
    _ areGreedy: inout [Bool]
  ) throws {
    let inputs = prompt.continuations.map { Array($0.dropLast()) }
    guard inputs.contains(where: { !$0.isEmpty }) else { return }
    let positions = prompt.tokens.count
    if first == 0 {
      let longest = inputs.map(\.count).max() ?? 0
      try grow(
        &answers, sequences: inputs.count, capacity: positions + max(longest, 1), path: policy.path)
      answers.context.removeAll()
    } else {
      answers.context.truncate(to: positions)
    }
    try answers.context.adoptPrefix(
      of: main.context, positions: positions,
      layers: first == 0 ? nil : first..<model.config.layerCount)
    let batch = PackedTokens(inputs)
    try timed {
      try model.forward(batch, in: &answers.context, policy: policy, logits: .all)
    }
    let width = model.config.vocabularySize
    answers.context.withAllLogits { logits in
      let normalizers = LogProbabilities.normalizers(logits, width: width)
      for (answer, tokens) in prompt.continuations.enumerated() {
        for (place, token) in tokens.dropFirst().enumerated() {
          let row = batch.starts[answer] + place
          sums[answer] += Double(logits[row * width + Int(token)]) - normalizers[row]
          if prompt.asksGreedy {
            let own = UnsafeBufferPointer(rebasing: logits[row * width..<(row + 1) * width])
            areGreedy[answer] = areGreedy[answer] && own.firstLargest == Int(token)
          }
        }
      }
    }
  }

  /// Copies the group's prefix, computed under a plan, to the main context, in some layers.
  private func adopt(_ plan: DepthPlan, layers: Range<Int>) throws {
    guard !prefix.isEmpty else { return }
    let source: ContextBox
    if let known = prefixes[plan] {
      source = known
    } else {
      source = try makePrefix(under: plan)
      prefixes[plan] = source
    }
    try main.context.adoptPrefix(of: source.context, positions: prefix.count, layers: layers)
  }

  private func grow(
    _ box: inout ContextBox, sequences: Int, capacity: Int, path: LayerPath = .once
  ) throws {
    let cache = box.context.cache
    if cache.sequenceCount != sequences || cache.capacity < capacity
      || cache.slotCount < path.slotCount(of: model.config.layerCount)
    {
      box = try ContextBox(
        model, sequences: sequences, capacity: capacity + capacity / 4, path: path)
    }
    // The size of an earlier prompt's cache must not change this prompt's numbers.
    box.context.expect(lengths: Array(repeating: capacity, count: sequences))
  }

  /// log Σ e^logit of one row.
  private static func normalizer(_ row: UnsafeBufferPointer<Float>) -> Double {
    LogProbabilities.normalizers(row, width: row.count)[0]
  }

  private func timed(_ pass: () throws -> Void) rethrows {
    modelSeconds += try ContinuousClock().measure(pass) / .seconds(1)
  }
}

/// A context that a dictionary can hold.
private final class ContextBox {
  var context: DecoderContext

  init(
    _ model: DecoderModel, sequences: Int, capacity: Int, path: LayerPath = .once
  ) throws {
    context = try model.makeContext(sequences: sequences, capacity: capacity, path: path)
  }
}
