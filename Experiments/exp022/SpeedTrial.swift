import AISHarness
import AISKit

/// The model, the given texts and the routers; counts and times their exits.
final class SpeedTrial {
  let model: DecoderModel
  /// Shape: [prompts][tokens].
  let questions: [[Int32]]
  /// Shape: [prompts][steps].
  let answers: [[Int32]]
  private let texts: [GivenText]
  private let type: ComputeType
  private let routers: TokenRouters
  private let bridges: ExitBridges?
  private let checkpoints: [Int]
  private var counted: (item: SpeedItem, count: SpeedCount)?
  private var routerPolicies: [String: TokenExit] = [:]
  private var generated: (first: Int, rows: [Exp022.Row])?

  init(
    _ model: DecoderModel, _ type: ComputeType, _ texts: [GivenText], _ routers: TokenRouters,
    _ bridges: ExitBridges?
  ) {
    (self.model, self.type, self.texts) = (model, type, texts)
    (self.routers, self.bridges) = (routers, bridges)
    questions = texts.map { GivenText.numbers($0.question) }
    answers = texts.map { GivenText.numbers($0.answer) }
    checkpoints = routers.configuration.exits(layerCount: model.config.layerCount)
  }

  /// The mean number of tokens of a prompt.
  var meanLength: Int {
    max(1, questions.reduce(0) { $0 + $1.count } / max(questions.count, 1))
  }

  /// The checkpoint nearest to half depth.
  private var half: Int {
    let depth = model.config.layerCount / 2
    return checkpoints.min { abs($0 + 1 - depth) < abs($1 + 1 - depth) } ?? depth - 1
  }

  /// The policy of a variant for a batch of some prompts.
  func policy(_ variant: SpeedVariant, _ prompts: Range<Int>) throws -> TokenExit {
    if let known = routerPolicies[variant.name] { return known }
    let exit = try makePolicy(variant, prompts)
    // Routers are packed for the device once.
    switch variant.exits {
    case .routers, .uniform: routerPolicies[variant.name] = exit
    case .staggered, .oracle: break
    }
    return exit
  }

  private func makePolicy(_ variant: SpeedVariant, _ prompts: Range<Int>) throws -> TokenExit {
    var configuration = routers.configuration
    configuration.kvCacheStrategy = variant.fill
    configuration.compactionThreshold = variant.compaction
    let (checkpoints, first) = (checkpoints, prompts.lowerBound)
    var exit: TokenExit
    switch variant.exits {
    case .routers(let threshold):
      configuration.exitThreshold = threshold
      exit = try TokenExit(routers: routers, model: model, configuration: configuration)
    case .uniform:
      // Every score is above 0, so all rows exit at the first checkpoint.
      configuration.exitThreshold = 0
      configuration.minLayers = half + 1
      exit = try TokenExit(routers: routers, model: model, configuration: configuration)
    case .staggered:
      // One more place than checkpoints: rows assigned to it run all layers.
      exit = try TokenExit(
        after: Set(checkpoints),
        schedule: { layer, sequence, position in
          let place = (first + sequence + position) % (checkpoints.count + 1)
          return place < checkpoints.count && checkpoints[place] == layer
        }, configuration: configuration)
    case .oracle:
      let exits: [[Int]] = texts[prompts].map { GivenText.numbers($0.oracle) }
      exit = try TokenExit(
        after: Set(checkpoints), schedule: { exits[$1][$2] == $0 }, configuration: configuration)
    }
    exit.exitBridges = bridges
    return exit
  }

  /// What the loop of a variant does on all texts.
  func count(_ item: SpeedItem) throws -> SpeedCount {
    if let counted, counted.item == item { return counted.count }
    var count = SpeedCount(item, self)
    let run = try SpeedRun(self, item, isVariant: true)
    for group in 0..<texts.count / item.batch {
      try run.begin(group)
      count.begin(texts[run.prompts])
      for stretch in 0..<item.stretches {
        try run.run(stretch, observer: count.trace) { count.add($0, isRouted: $1) }
      }
    }
    counted = (item, count)
    return count
  }

  /// A side of a comparison, which goes through some batches, stretch by stretch.
  func side(
    _ item: SpeedItem, isVariant: Bool, visiting groups: [Int]
  ) throws -> InterleavedTiming.Side {
    let run = try SpeedRun(self, item, isVariant: isVariant)
    var stretch = 0
    var side = InterleavedTiming.Side(
      "\(item.name), \(isVariant ? "variant" : "full model")",
      work: leastWork(item, isVariant: isVariant)
    ) { try run.run(stretch) }
    side.prepare = { pair in
      // Warm-ups run the first stretches, which then are timed from the beginning.
      let place = pair < 0 ? pair + InterleavedTiming().warmUps : pair
      stretch = place % item.stretches
      if stretch == 0 { try run.begin(groups[place / item.stretches % groups.count]) }
    }
    return side
  }

  /// No timed stretch has less work: the shortest prompts, and, of a variant, all tokens exiting
  /// after the first checkpoint, if any can.
  private func leastWork(_ item: SpeedItem, isVariant: Bool) -> Work {
    let layerCount = model.config.layerCount
    let depth =
      isVariant && item.variant != .overhead
      ? (checkpoints.first ?? layerCount - 1) + 1 : layerCount
    let shortest = questions.map(\.count).min() ?? 1
    func work(rows: Int, depth: Int) -> Work {
      Work(
        ModelWork(
          config: model.config, sequences: item.batch, rows: rows,
          position: item.phase == .prefill ? 0 : shortest,
          activeRows: (0..<layerCount).map { $0 < depth ? rows * item.batch : 0 },
          weights: model.weightSizes), model, type)
    }
    let routed = work(rows: item.phase == .prefill ? shortest : 1, depth: depth)
    let (last, times) = (work(rows: 1, depth: layerCount), Double(item.passes - 1))
    return Work(
      floatingPointOperations: routed.floatingPointOperations * times
        + last.floatingPointOperations,
      bytesRead: routed.bytesRead * times + last.bytesRead, computeType: type)
  }

  /// What exits if the routed model writes its own text, as in exp023: the prompts' tokens may exit
  /// too, and a text ends with its end token.
  func free(_ prompt: Int, batch: Int, endIDs: Set<Int32>) throws -> Exp022.Row {
    let first = prompt - prompt % batch
    if generated?.first != first {
      let prompts = first..<min(first + batch, texts.count)
      let continuations = try BatchGenerator(model: model, endIDs: endIDs).generate(
        prompts: Array(questions[prompts]),
        maxTokens: GivenText.stretches * (GivenText.stretchSteps - 1),
        policy: policy(.routed, prompts))
      let rows = zip(prompts, continuations).map { prompt, text in
        var row = Exp022.Row(
          phase: Exp022.Row.free, batch: batch, variant: SpeedVariant.routed.name, prompt: prompt,
          category: texts[prompt].category)
        row.add(
          exits: text.tokens.map { $0.exitLayer ?? -1 },
          layers: text.tokens.reduce(0) { $0 + $1.executedLayers })
        return row
      }
      generated = (first, rows)
    }
    return generated?.rows[prompt - first] ?? Exp022.Row()
  }
}

/// The way of the full model or a variant through batches: each begins with its prompts and goes on
/// stretch by stretch, with its own cache.
final class SpeedRun {
  private(set) var prompts = 0..<0
  private let trial: SpeedTrial
  private let item: SpeedItem
  private let isVariant: Bool
  private var policy: TokenExit?
  private var context: DecoderContext

  init(_ trial: SpeedTrial, _ item: SpeedItem, isVariant: Bool) throws {
    (self.trial, self.item, self.isVariant) = (trial, item, isVariant)
    context = try trial.model.makeContext(
      sequences: item.batch,
      capacity: (trial.questions.map(\.count).max() ?? 0) + GivenText.steps)
  }

  func begin(_ group: Int) throws {
    prompts = group * item.batch..<(group + 1) * item.batch
    policy = isVariant ? try trial.policy(item.variant, prompts) : nil
    context.removeAll()
    if item.phase == .decode {
      try trial.model.forward(
        PackedTokens(Array(trial.questions[prompts])), in: &context, logits: .none)
    }
  }

  func run(
    _ stretch: Int, observer: DepthTrace? = nil,
    then body: (_ tokens: PackedTokens, _ isRouted: Bool) -> Void = { _, _ in }
  ) throws {
    if observer == nil, try runAhead(stretch) { return }
    for pass in 0..<item.passes {
      let tokens =
        if item.phase == .prefill, pass == 0 {
          PackedTokens(Array(trial.questions[prompts]))
        } else {
          PackedTokens(
            decoding: trial.answers[prompts].map {
              $0[item.phase == .prefill ? 0 : stretch * item.passes + pass]
            })
        }
      let isRouted = pass < item.passes - 1
      if isRouted, let policy {
        try trial.model.forward(tokens, in: &context, policy: policy, observer: observer)
      } else {
        try trial.model.forward(tokens, in: &context, observer: observer)
      }
      body(tokens, isRouted)
    }
  }

  /// Runs a stretch of decoding without the host between its passes, if the device can do that.
  private func runAhead(_ stretch: Int) throws -> Bool {
    let model = trial.model
    guard item.phase == .decode, model.decodesAhead(DepthPlan.full, in: context),
      policy.map({ model.decodesAhead($0, in: context) }) ?? true
    else { return false }
    let tokens = (0..<item.passes).map { pass in
      trial.answers[prompts].map { $0[stretch * item.passes + pass] }
    }
    guard let policy else {
      _ = try model.decode(
        tokens[0], count: item.passes, given: Array(tokens[1...]), in: &context)
      return true
    }
    _ = try model.decode(
      tokens[0], count: item.passes - 1, given: Array(tokens[1..<item.passes - 1]), in: &context,
      policy: policy)
    _ = try model.decode(tokens[item.passes - 1], count: 1, in: &context)
    return true
  }
}
