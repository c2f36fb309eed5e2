import AISHarness
import AISKit
import Foundation

/// Times this engine beside others: the same token ids, as many threads, every engine in every round.
struct PeerTrial {
  private let lab: TimingLab
  private let python: String
  private let rounds: Int
  static let scripts = "Tests/Peers"

  init(_ lab: TimingLab, python: String, rounds: Int) {
    self.lab = lab
    self.python = python
    self.rounds = rounds
  }

  private static let items = [
    PeerCell(.prefill, 1, 512), PeerCell(.prefill, 1, 40), PeerCell(.prefill, 8, 40),
    PeerCell(.decode, 1, 64, steps: 32), PeerCell(.decode, 8, 64, steps: 16),
  ]

  /// An engine in one format.
  private struct Side {
    let engine: String
    let format: String
    /// Blocks of the model.
    let layers: Int
    /// Seconds, and the last token of each sequence.
    let run: (PeerCell, [[Int32]]) throws -> (seconds: Double, top: [Int32])

    var name: String { "\(engine) \(format)" }
  }

  /// The engines that each format of this engine is compared with.
  static let opponents = [
    "f32": ["transformers f32", "llama.cpp F32"],
    "bf16": ["transformers bf16", "llama.cpp BF16", fastest],
    "int8": ["llama.cpp Q8_0"],
    "native": ["llama.cpp as stored"],
    "native Q8_0": ["llama.cpp Q8_0"],
    "native Q4_0": ["llama.cpp Q4_0"],
  ]
  static let fastest = "llama.cpp, its fastest"

  func run() throws {
    let files = try Self.requantized(lab, python: python, to: ["F32", "BF16", "Q8_0", "Q4_0"])
    let own = try ownSides(files)
    let sides = own + (try otherSides(files, layers: own.first?.layers ?? 0))
    for item in Self.items { try measure(item, sides) }
  }

  // MARK: Engines

  /// Files of the model converted to other formats, by the formats' names.
  static func requantized(
    _ lab: TimingLab, python: String, to types: [String]
  ) throws -> [String: String] {
    let folder = CacheFolder.location().appendingPathComponent("bench", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let stem = lab.model.deletingPathExtension().lastPathComponent
    var files = ["as stored": lab.model.path]
    for type in types {
      let file = folder.appendingPathComponent("\(stem)-\(type).gguf")
      files[type] = file.path
      guard !FileManager.default.fileExists(atPath: file.path) else { continue }
      lab.say("  writes   \(file.lastPathComponent)")
      let status = try ChildProcess.run(
        URL(fileURLWithPath: python),
        [
          "\(scripts)/requantize.py", "--gguf", lab.model.path, "--type", type, "--out",
          file.path,
        ])
      guard status == 0 else {
        throw LineProcessError(name: "requantize.py", problem: "ended with status \(status)")
      }
    }
    return files
  }

  private func ownSides(_ files: [String: String]) throws -> [Side] {
    let models: [(format: String, file: String?, type: ComputeType)] = [
      ("f32", files["as stored"], .f32), ("bf16", files["as stored"], .bf16),
      ("int8", files["as stored"], .int8), ("native", files["as stored"], .native),
      ("native Q8_0", files["Q8_0"], .native), ("native Q4_0", files["Q4_0"], .native),
    ]
    return try models.map { format, file, type in
      let model = try lab.languageModel(type, file: file).decoder
      lab.say("  engine   \(model.summary)")
      return Side(
        engine: Bench.own, format: format, layers: model.config.layerCount
      ) { item, prompts in
        try Self.own(model, item, prompts)
      }
    }
  }

  private static func own(
    _ model: DecoderModel, _ item: PeerCell, _ prompts: [[Int32]]
  ) throws -> (seconds: Double, top: [Int32]) {
    let steps = item.phase == .decode ? item.steps : 0
    var context = try model.makeContext(
      sequences: prompts.count, capacity: item.tokens + steps + 1)
    let batch = PackedTokens(prompts)
    var top: [Int32] = []
    func readTop(_ context: borrowing DecoderContext) {
      top = (0..<prompts.count).map { context.withLogits(row: $0) { Int32($0.firstLargest) } }
    }
    let prefill = try InterleavedTiming.milliseconds {
      try model.forward(batch, in: &context)
      readTop(context)
    }
    guard steps > 0 else { return (prefill / 1_000, top) }
    let decode = try InterleavedTiming.milliseconds {
      for _ in 0..<steps {
        try model.forward(PackedTokens(decoding: top), in: &context)
        readTop(context)
      }
    }
    return (decode / 1_000, top)
  }

  private func otherSides(_ files: [String: String], layers: Int) throws -> [Side] {
    let threads = "\(lab.threadCount)"
    var workers: [(format: String, arguments: [String])] = []
    for type in ["f32", "bf16"] {
      workers.append((type, ["--engine", "hf", "--dtype", type, "--gguf", lab.model.path]))
    }
    for type in ["F32", "BF16", "Q8_0", "Q4_0", "as stored"] {
      workers.append((type, ["--engine", "llama.cpp", "--gguf", files[type] ?? ""]))
    }
    return try workers.map { format, arguments in
      let worker = try PeerWorker(
        python: python, script: "\(Self.scripts)/bench_worker.py",
        arguments: arguments + ["--threads", threads])
      let name = worker.hello.engine == "hf" ? "transformers" : worker.hello.engine
      lab.say("  peer     \(name) \(worker.hello.version) \(format), \(worker.hello.kernels)")
      try lab.note(
        "peer_\(name.replacing(".", with: "_"))",
        "\(worker.hello.version), \(worker.hello.kernels)", "version and kernels of \(name)",
        .unchecked)
      return Side(engine: name, format: format, layers: layers) { item, prompts in
        try worker.run(item, prompts)
      }
    }
  }

  // MARK: Measurement

  /// Keeps the time of every side in every round; the first side changes from round to round.
  private func measure(_ item: PeerCell, _ sides: [Side]) throws {
    let prompts = item.prompts()
    // The first runs warm up.
    let tops = try sides.map { try $0.run(item, prompts).top }
    let meter = ProgressMeter("\(item.name): rounds", total: rounds)
    for round in 0..<rounds {
      for place in sides.indices {
        let side = sides[(place + round + lab.process) % sides.count]
        let seconds = try side.run(item, prompts).seconds
        try lab.record(
          raw: PeerTime(
            item, engine: side.engine, format: side.format, layers: side.layers,
            process: lab.process, round: round, milliseconds: seconds * 1_000))
      }
      meter.advance()
    }
    if item.phase == .prefill { sayAgreement(item, sides, tops) }
  }

  /// Prints whether the engines choose the same tokens; if not, they did not do the same work.
  private func sayAgreement(_ item: PeerCell, _ sides: [Side], _ tops: [[Int32]]) {
    guard let reference = sides.firstIndex(where: { $0.name == "transformers f32" }) else { return }
    for (side, top) in zip(sides, tops) {
      let same = zip(top, tops[reference]).count { $0 == $1 }
      lab.say("  tokens   \(item.name): \(side.name): \(same) of \(top.count) as transformers f32")
    }
  }
}
