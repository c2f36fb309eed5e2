import AISHarness
import AISKit

/// Times the engine in one format against the device's limits.
struct CeilingTrial {
  private let lab: TimingLab
  private let type: ComputeType
  private let pairs: Int
  private let model: DecoderModel

  init(_ lab: TimingLab, _ type: ComputeType, pairs: Int) throws {
    (self.lab, self.type, self.pairs) = (lab, type, pairs)
    model = try lab.languageModel(type).decoder
    lab.say("  engine   \(model.summary)")
  }

  private var items: [WorkItem] {
    let config = model.config
    let (depth, longest) = (config.layerCount, config.contextLength - PassWorkload.decodeSteps - 1)
    func item(
      _ phase: String, _ sequences: Int, _ tokens: Int, _ against: String, layers: Int? = nil
    ) -> WorkItem {
      var item = WorkItem()
      (item.format, item.phase, item.against) = (type.rawValue, phase, against)
      (item.sequences, item.tokens, item.layers) = (
        sequences, max(1, min(tokens, longest)), layers ?? depth
      )
      item.comparison = "\(type.rawValue)_\(phase)_\(sequences)_\(item.tokens)_\(item.layers)"
      return item
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
    return items.filter { seen.insert($0.comparison).inserted }
  }

  func run() throws {
    try lab.measureCeiling([type])
    for item in items {
      switch item.phase {
      case "products": try products(item)
      case "prefill": try prefill(item)
      default: try decode(item)
      }
    }
  }

  /// oneDNN multiplies on the processor, in f32 and, on some, in bf16.
  private func products(_ item: WorkItem) throws {
    guard lab.device.option == .cpu, type == .f32 || type == .bf16,
      let other = try? BareProducts(oneDNNLike: model, rows: item.tokens, type: type)
    else { return }
    let own = BareProducts(model, rows: item.tokens)
    var item = item
    item.operations = own.floatingPointOperations
    try compare(
      item, .init("oneDNN") { try other.run() }, .init("own") { try own.run() })
  }

  /// Both are compared as rates of arithmetic, since their work differs: a pass also has attention
  /// and a head, may have fewer layers, and computes in the last layer only the rows that get
  /// logits.
  private func prefill(_ item: WorkItem) throws {
    let plan = try DepthPlan.skipping(item.layers..<model.config.layerCount)
    let pass = workload(item, .prefill)
    let products = BareProducts(model, rows: item.sequences * item.tokens)
    var item = item
    item.operations = pass.work(plan).floatingPointOperations
    item.share = item.operations / products.floatingPointOperations
    try compare(item, .init("products") { try products.run() }, pass.side(plan))
  }

  private func decode(_ item: WorkItem) throws {
    let (pass, work) = (workload(item, .decode), workload(item, .decode).work(.full))
    var item = item
    (item.operations, item.steps) = (work.floatingPointOperations, pass.passes)
    // The blocks' caches are parts too.
    item.bytes = work.parts.reduce(0) { $0 + $1.bytes }
    if item.against == "memory" {
      let memory = try lab.device.makeReader(bytes: Int(item.bytes))
      // A reader may round its size.
      item.share = item.bytes / Double(memory.bytes)
      try compare(
        item, .init("memory") { for _ in 0..<pass.passes { try memory.read() } }, pass.side(.full))
    } else {
      item.share = Double(item.sequences)
      var one = item
      one.sequences = 1
      try compare(item, workload(one, .decode).side(.full), pass.side(.full))
    }
  }

  private func workload(_ item: WorkItem, _ phase: PassWorkload.Phase) -> PassWorkload {
    PassWorkload(phase, batch: item.sequences, tokens: item.tokens, model: model, type: type)
  }

  private func compare(
    _ item: WorkItem, _ baseline: InterleavedTiming.Side, _ variant: InterleavedTiming.Side
  ) throws {
    // The same in every process.
    if lab.process == 0 { try lab.record(raw: item) }
    try lab.compare(item.comparison, pairs: pairs, baseline: baseline, variant: variant)
  }
}
