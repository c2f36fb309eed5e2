import AISHarness
import AISKit

/// Times the engine in one format against the machine's limits.
struct CeilingTrial {
  private let lab: Lab<Bench.Row>
  private let type: ComputeType
  private let timing: InterleavedTiming
  private let model: DecoderModel
  /// Tokens that one timed decode makes for each sequence.
  private static let steps = 8

  init(_ lab: Lab<Bench.Row>, _ type: ComputeType, pairs: Int) throws {
    self.lab = lab
    self.type = type
    timing = InterleavedTiming(pairs: pairs)
    model = try LanguageModel(path: lab.model.path, type: type).decoder
    lab.say("  engine   \(model.summary)")
  }

  /// One piece of work.
  private struct Item {
    let phase: String
    let sequences: Int
    let tokens: Int
    let layers: Int
    let against: String
  }

  private var items: [Item] {
    let config = model.config
    let (depth, longest) = (config.layerCount, config.contextLength - 2 * Self.steps)
    func item(
      _ phase: String, _ sequences: Int, _ tokens: Int, _ against: String, layers: Int? = nil
    ) -> Item {
      Item(
        phase: phase, sequences: sequences, tokens: min(tokens, longest), layers: layers ?? depth,
        against: against)
    }
    var items = [512, 40].map { item("products", 1, $0, "oneDNN") }
    items += [16, 40, 128, 512, 1_024].map { item("prefill", 1, $0, "products") }
    items += [2, 4, 8, 16].map { item("prefill", $0, 40, "products") }
    let depths = [1, 2, 3].map { max(1, depth * $0 / 4) }
    items += depths.map { item("prefill", 1, 128, "products", layers: $0) }
    items += [64, 512].map { item("decode", 1, $0, "memory") }
    items += [2, 4, 8, 16].map { item("decode", $0, 64, "one sequence") }
    // With a short context two items may be the same.
    var seen = Set<String>()
    return items.filter {
      seen.insert("\($0.phase) \($0.sequences) \($0.tokens) \($0.layers)").inserted
    }
  }

  func run() throws {
    try lab.measureCeiling(
      [type], gigaflops: ProductRate(threads: lab.threadCount).gigaflops)
    try lab.measureEach(
      items.filter(isPossible), "\(type.rawValue): measurements", by: { key($0) },
      rowKey: { "\($0.format) \($0.phase) \($0.sequences) \($0.tokens) \($0.layers)" }, row)
  }

  private func row(_ item: Item) throws -> Bench.Row {
    switch item.phase {
    case "products": try products(item)
    case "prefill": try prefill(item)
    default: try decode(item)
    }
  }

  private func key(_ item: Item) -> String {
    "\(type.rawValue) \(item.phase) \(item.sequences) \(item.tokens) \(item.layers)"
  }

  /// oneDNN multiplies in f32 and, on some processors, in bf16.
  private func isPossible(_ item: Item) -> Bool {
    guard item.against == "oneDNN" else { return true }
    guard type == .f32 || type == .bf16 else { return false }
    return (try? BareProducts(oneDNNLike: model, rows: 1, type: type)) != nil
  }

  private func products(_ item: Item) throws -> Bench.Row {
    let other = try BareProducts(oneDNNLike: model, rows: item.tokens, type: type)
    let own = BareProducts(model, rows: item.tokens)
    let comparison = try compare(
      item, baseline: .init("oneDNN") { try other.run() }, variant: .init("own") { try own.run() })
    var row = row(item, comparison, ratio: comparison.speedup)
    row.gigaflops = own.floatingPointOperations / row.milliseconds / 1e6
    return row
  }

  private func prefill(_ item: Item) throws -> Bench.Row {
    let plan = try DepthPlan.skipping(item.layers..<model.config.layerCount)
    let work = ModelWork(
      config: model.config, plan: plan, sequences: item.sequences, rows: item.tokens,
      weights: model.weightSizes)
    let products = BareProducts(model, rows: item.sequences * item.tokens)
    let prompts = PackedTokens((0..<item.sequences).map { tokens(item.tokens, $0) })
    var context = try model.makeContext(sequences: item.sequences, capacity: item.tokens)
    let comparison = try compare(
      item, baseline: .init("products") { try products.run() },
      variant: .init("prefill", work: Work(work, type)) {
        context.removeAll()
        try model.forward(prompts, in: &context, policy: plan)
      })
    // Both are compared as rates of arithmetic, since their work differs: a pass also has attention
    // and a head, may have fewer layers, and computes in the last layer only the rows that get
    // logits.
    let more = work.floatingPointOperations / products.floatingPointOperations
    var row = row(item, comparison, ratio: comparison.speedup.scaled(by: more))
    row.rate = Double(item.sequences * item.tokens) / row.milliseconds * 1_000
    row.gigaflops = work.floatingPointOperations / row.milliseconds / 1e6
    return row
  }

  private func decode(_ item: Item) throws -> Bench.Row {
    let work = ModelWork(
      config: model.config, sequences: item.sequences, rows: 1,
      position: item.tokens + Self.steps / 2, weights: model.weightSizes)
    // The head is the last part of the work; the blocks' caches are parts too.
    let bytes = work.parts.reduce(0) { $0 + $1.bytes }
    let variant = try decodeSide(item.sequences, item.tokens)
    let comparison: TimingComparison
    var ratio: Estimate
    if item.against == "memory" {
      let memory = try MemoryReader(bytes: Int(bytes))
      comparison = try compare(
        item, baseline: .init("memory") { for _ in 0..<Self.steps { memory.read() } },
        variant: variant)
      ratio = comparison.speedup
    } else {
      comparison = try compare(item, baseline: try decodeSide(1, item.tokens), variant: variant)
      ratio = comparison.speedup.scaled(by: Double(item.sequences))
    }
    var row = row(item, comparison, ratio: ratio)
    row.milliseconds /= Double(Self.steps)
    row.rate = Double(item.sequences) / row.milliseconds * 1_000
    row.gigaflops = work.floatingPointOperations / row.milliseconds / 1e6
    row.gigabytes = bytes / row.milliseconds / 1e6
    return row
  }

  /// Decodes after prompts whose keys and values stay in the cache.
  private func decodeSide(_ sequences: Int, _ tokens: Int) throws -> InterleavedTiming.Side {
    var context = try model.makeContext(sequences: sequences, capacity: tokens + Self.steps)
    let prompts = PackedTokens((0..<sequences).map { self.tokens(tokens, $0) })
    try model.forward(prompts, in: &context, logits: .none)
    return .init("decode of \(sequences)") {
      context.truncate(to: tokens)
      for step in 0..<Self.steps {
        try model.forward(
          PackedTokens(decoding: (0..<sequences).map { Int32(($0 + step) % 100) }), in: &context)
      }
    }
  }

  private func compare(
    _ item: Item, baseline: InterleavedTiming.Side, variant: InterleavedTiming.Side
  ) throws -> TimingComparison {
    try lab.compare(
      key(item).replacing(" ", with: "_"), timing: timing, baseline: baseline, variant: variant)
  }

  private func row(
    _ item: Item, _ comparison: TimingComparison, ratio: Estimate
  ) -> Bench.Row {
    var row = Bench.Row()
    (row.engine, row.format, row.phase) = (Bench.own, type.rawValue, item.phase)
    (row.sequences, row.tokens, row.layers) = (item.sequences, item.tokens, item.layers)
    row.milliseconds = comparison.variant.medianMilliseconds
    row.against = item.against
    row.ratio = ratio.value
    (row.ratioLower, row.ratioUpper) = (ratio.interval.lower, ratio.interval.upper)
    row.runs = comparison.variant.milliseconds.count
    return row
  }

  /// Any tokens will do: the work is the same.
  private func tokens(_ count: Int, _ sequence: Int) -> [Int32] {
    (0..<count).map { Int32(($0 * 31 + sequence * 17 + 7) % model.config.vocabularySize) }
  }
}

extension Estimate {
  /// The estimate multiplied by a factor.
  func scaled(by factor: Double) -> Estimate {
    Estimate(
      value: value * factor,
      interval: Interval(lower: interval.lower * factor, upper: interval.upper * factor),
      count: count)
  }
}
