import AISHarness
import AISKit
import Foundation

/// Times this engine on a GPU beside others: the same tokens, every engine in every round.
struct DeviceTrial {
  static let script = PeerTrial.scripts + "/cuda_worker.py"
  /// Facts that say which GPU and which model were timed, and which pieces of work the user left out.
  static let facts = (gpu: "gpu", model: "model", leftOut: "work_left_out")

  private let lab: TimingLab
  private let gpu: GPU
  private let python: String
  private let rounds: Int

  /// An engine at one piece of work.
  private struct Side {
    let engine: String
    /// The time of a run, and the last token that each sequence chose, if it tells.
    let run: () throws -> (milliseconds: Double, top: [Int32])
  }

  /// A trial of the engines that a Python has; `nil` if nothing computes on a GPU.
  init?(_ lab: TimingLab, python: String, rounds: Int) {
    guard case .gpu(let gpu, _) = lab.device else { return nil }
    (self.lab, self.gpu, self.python, self.rounds) = (lab, gpu, python, rounds)
  }

  /// Times all engines in some formats, at some pieces of work.
  func run(_ types: [ComputeType], _ cells: [PeerCell]) throws {
    try lab.note(Self.facts.gpu, gpu.name, "the GPU that computes", .unchecked)
    try lab.note(Self.facts.model, ModelCatalog.shownName(of: lab.model), "the model")
    let leftOut = CUDAPeers.cells.filter { !cells.contains($0) }.map(\.name)
    if !leftOut.isEmpty {
      try lab.note(
        Self.facts.leftOut, leftOut.joined(separator: ","), "pieces of work that WORK left out")
    }
    for type in types {
      // The device's rate of reading is measured before and after, and the higher one counts.
      try lab.measureCeiling([])
      let model = try lab.languageModel(type).decoder
      lab.say("  engine   \(model.summary)")
      let peers = try start(type)
      for cell in cells where cell.positions <= model.config.contextLength {
        try measure(cell, type, model, peers)
      }
      try lab.measureCeiling([])
    }
  }

  /// Starts the other engines.
  ///
  /// llama.cpp reads a GGUF file and is timed by its own bench.
  private func start(_ type: ComputeType) throws -> [CUDAPeers.Peer] {
    var gguf: URL?
    if lab.model.pathExtension == "gguf", CUDAPeers.hasLlamaBench {
      let name = type.rawValue.uppercased()
      let files = try PeerTrial.requantized(lab, python: python, to: [name])
      gguf = files[name].map { URL(fileURLWithPath: $0) }
    } else {
      lab.say("  peer     no llama.cpp: it takes a GGUF file and llama-bench on the PATH")
    }
    let peers = try CUDAPeers(
      python: python, script: Self.script, model: lab.model, dtype: type, gguf: gguf
    ).peers
    for peer in peers {
      let (name, version) = (peer.hello.engine, "\(peer.hello.version), \(peer.hello.kernels)")
      lab.say("  peer     \(name): \(version)")
      let fact = name.replacing(".", with: "_").replacing(" ", with: "_")
      try lab.note("peer_\(fact)", version, "versions and GPU of \(name)", .unchecked)
    }
    return peers
  }

  /// Keeps the time of every engine in every round; the first one changes from round to round.
  private func measure(
    _ cell: PeerCell, _ type: ComputeType, _ model: DecoderModel, _ peers: [CUDAPeers.Peer]
  ) throws {
    let prompts = cell.prompts(vocabulary: model.config.vocabularySize)
    // The same in every process.
    if lab.process == 0, cell.phase == .decode {
      try lab.record(raw: Self.item(cell, type, model))
    }
    let own = try OwnRun(model, cell, prompts)
    var sides = [Side(engine: Bench.own, run: own.run)]
    for peer in peers where peer.engine.takes(cell) {
      sides.append(
        Side(engine: peer.hello.engine) {
          let (seconds, top) = try peer.run(cell, prompts)
          return (seconds * 1_000, top)
        })
    }
    // The first runs warm up.
    let tops = try sides.map { try $0.run().top }
    let meter = ProgressMeter("\(cell.name): rounds", total: rounds)
    for round in 0..<rounds {
      for place in sides.indices {
        let side = sides[(place + round + lab.process) % sides.count]
        try lab.record(
          raw: PeerTime(
            cell, engine: side.engine, format: type.rawValue, layers: model.config.layerCount,
            process: lab.process, round: round, milliseconds: try side.run().milliseconds))
      }
      meter.advance()
    }
    guard cell.phase == .prefill else { return }
    // Different tokens may mean different work.
    for (side, top) in zip(sides, tops).dropFirst() where !top.isEmpty {
      let same = zip(top, tops[0]).count { $0 == $1 }
      lab.say("  tokens   \(cell.name): \(side.engine): \(same) of \(top.count) as \(Bench.own)")
    }
  }

  /// What a step of a decode reads, halfway through.
  private static func item(
    _ cell: PeerCell, _ type: ComputeType, _ model: DecoderModel
  ) -> WorkItem {
    let work = ModelWork(
      config: model.config, sequences: cell.sequences, rows: 1,
      position: cell.tokens + cell.steps / 2, weights: model.weightSizes)
    var item = WorkItem()
    item.comparison = name(of: cell, format: type.rawValue)
    (item.format, item.phase, item.against) = (type.rawValue, cell.phase.rawValue, "reading")
    (item.sequences, item.tokens, item.steps) = (cell.sequences, cell.tokens, cell.steps)
    item.layers = model.config.layerCount
    item.operations = work.floatingPointOperations
    item.bytes = work.parts.reduce(0) { $0 + $1.bytes }
    return item
  }

  /// The name of the row about a step's bytes.
  static func name(of cell: PeerCell, format: String) -> String { "\(format)_\(cell.name)" }
}

/// This engine at one piece of work, with a context that is made once.
private final class OwnRun {
  private let model: DecoderModel
  private let cell: PeerCell
  private let batch: PackedTokens
  private var context: DecoderContext
  private var first: [Int32] = []

  /// Runs untimed a few times.
  init(_ model: DecoderModel, _ cell: PeerCell, _ prompts: [[Int32]]) throws {
    (self.model, self.cell) = (model, cell)
    batch = PackedTokens(prompts)
    context = try model.makeContext(sequences: cell.sequences, capacity: cell.positions)
    try model.forward(batch, in: &context)
    first = top()
    for _ in 0..<2 { _ = try run() }
  }

  /// A timed run, and the last token that each sequence chose.
  ///
  /// A prefill ends with the logits on the host, a decode with the tokens.
  func run() throws -> (milliseconds: Double, top: [Int32]) {
    if cell.phase == .prefill {
      context.removeAll()
      let milliseconds = try InterleavedTiming.milliseconds {
        try model.forward(batch, in: &context, logits: .lastOfEach)
      }
      return (milliseconds, top())
    }
    // The prompts' keys and values stay in the cache.
    context.truncate(to: cell.tokens)
    var passes: [DecodedPass] = []
    let milliseconds = try InterleavedTiming.milliseconds {
      passes = try model.decode(first, count: cell.steps, in: &context)
    }
    return (milliseconds, passes.last?.tokens ?? [])
  }

  private func top() -> [Int32] {
    (0..<cell.sequences).map { row in context.withLogits(row: row) { Int32($0.firstLargest) } }
  }
}
