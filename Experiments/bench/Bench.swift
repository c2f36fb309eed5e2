// bench: how fast is the engine, compared with the machine's limits and with other engines?
//
// A saving measured on a slow baseline is worth nothing, so the baseline itself is tested. Against
// the machine, or its GPU with DEVICE=cuda: a prefill is timed in turns with the bare matrix products
// in it, and on the processor those in turns with oneDNN's. A step of decoding is timed in turns with
// reading as many bytes from memory. Against others: Hugging Face transformers and llama.cpp run on
// the same token ids with as many threads, or on the same GPU, every engine in every round. All of
// it is repeated in several processes, which are the units of every interval of a time.
//
// Run: make bench, and make bench-peers, also with DEVICE=cuda. About fifteen minutes each on two
// cores.

import AISHarness
import AISKit
import ArgumentParser
import Foundation

@main
struct Bench: Experiment {
  static let card = ExperimentCard(
    id: "bench", title: "The engine against the machine and against others",
    question: "How far is the engine from the machine's limits, and from other engines?",
    claim: "It is near the limits, and the fastest choice on this machine.",
    criteria: [
      Criterion("products", "own f32 and bf16 products ≥ 0.95 of oneDNN's, where it has them"),
      Criterion("prefill", "512 tokens, f32 and bf16: ≥ \(prefillShare) of the products' rate"),
      Criterion("decode", "f32, bf16 and native: ≥ \(decodeShare) of the rate of reading memory"),
      Criterion("batched", "decoding 8 sequences makes ≥ 4 times the tokens of 1"),
      Criterion(loading, "≤ \(loadSeconds) s from a file in the system's memory, in every format"),
      Criterion(
        memory,
        "loading and a pass over 40 tokens hold ≤ 1.2 times the bytes of the weights at once"),
      Criterion("peers", "each of the ratios to other engines that the page lists is reached"),
    ],
    cost: "about fifteen minutes on two cores, 3 GB of memory", showsRows: false)
  /// On a GPU there is no oneDNN, and loading fills another memory than the process's.
  static func card(for type: ComputeType, on device: DeviceName) -> ExperimentCard {
    if device == .cpu { return card }
    let kept = card.criteria.filter { !["products", memory, "peers"].contains($0.name) }
    return ExperimentCard(
      id: card.id, title: card.title, question: card.question, claim: card.claims[0].text,
      criteria: kept + [
        Criterion(ahead, "as fast as every other engine or faster, in every piece of work"),
        Criterion(targets, "bf16 reaches every figure that is set for the GPU and the model"),
      ],
      cost: "some minutes for each process on a GPU", showsRows: false)
  }
  static let ahead = "ahead"
  static let targets = "targets"
  static let prefillShare = 0.85
  static let decodeShare = 0.8
  static let loading = "loading"
  static let loadSeconds = 0.3
  static let memory = "memory"
  static let own = "AIS"
  static let rawTables: [any RawRow.Type] = [WorkItem.self, LoadRow.self, PeerTime.self]

  @OptionGroup var model: ModelOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var timing: TimingOptions
  @Option(help: "Formats to measure, as f32,bf16. (default: all; beside others on a GPU bf16)")
  var formats: String?
  @Option(help: "Pairs of timed runs, or rounds with other engines, in each process.")
  var pairs: Int = 4
  @Flag(help: "Measure against other engines, which AIS_BENCH_PYTHON must have.") var peers = false

  @Option(
    help: "Pieces of work beside others on a GPU, as decode_1_84,prefill_8_40. (default: all)")
  var work: String?

  /// A Python with transformers and llama.cpp's bindings; its path is not part of a result.
  private static let python = ProcessInfo.processInfo.environment["AIS_BENCH_PYTHON"] ?? ""

  static let variantOptions: Set<String> = ["peers"]
  var variant: String { peers ? "peers" : "" }
  var processes: Int { timing.processes }
  var extents: [String: Int] { ["processes": timing.processes] }
  var makeTarget: MakeTarget {
    peers ? MakeTarget("bench-peers", setting: ["peers"]) : MakeTarget("bench")
  }

  func validate() throws {
    if pairs < 1 { throw ValidationError("--pairs \(pairs): expected at least 1") }
    if peers, Self.python.isEmpty {
      throw ValidationError("--peers needs AIS_BENCH_PYTHON; `make bench-peers` sets both")
    }
    try model.device.refuseOthers(types(), of: "--formats '\(formats ?? "")'")
    if work != nil, !peers || model.device == .cpu {
      throw ValidationError("--work is for --peers on a GPU, where each piece is compiled first")
    }
    _ = try cells()
  }

  /// The pieces of work that are wanted, each once, in their usual order.
  private func cells() throws -> [PeerCell] {
    guard let work else { return CUDAPeers.cells }
    let wanted = Set(work.split(separator: ",").map(String.init))
    let known = CUDAPeers.cells.map(\.name)
    guard !wanted.isEmpty, wanted.isSubset(of: known) else {
      throw ValidationError(
        "--work '\(work)': expected some of \(known.joined(separator: ","))")
    }
    return CUDAPeers.cells.filter { wanted.contains($0.name) }
  }

  private func types() throws -> [ComputeType] {
    guard let formats else {
      return peers && model.device != .cpu ? [.bf16] : model.device.computeTypes
    }
    return try formats.split(separator: ",").map { name in
      guard let type = ComputeType(rawValue: String(name)) else {
        throw ValidationError(
          "--formats '\(formats)': expected some of "
            + ComputeType.allCases.map(\.rawValue).joined(separator: ","))
      }
      return type
    }
  }

  func measure(in lab: Lab<Row>) throws {
    if !peers { return try FormatTrial(types()).run(in: lab) }
    if model.device != .cpu {
      try CUDAPeers.check(python: Self.python, script: DeviceTrial.script)
    }
  }

  func time(in lab: TimingLab) throws {
    if peers {
      if let trial = DeviceTrial(lab, python: Self.python, rounds: pairs) {
        return try trial.run(types(), cells())
      }
      return try PeerTrial(lab, python: Self.python, rounds: pairs).run()
    }
    for type in try types() {
      try LoadRow.measure(type, loads: pairs, in: lab)
      try CeilingTrial(lab, type, pairs: pairs).run()
    }
  }

  static func report(_ evidence: Evidence<Row>) -> Report {
    DeviceReport(evidence)?.report ?? BenchReport(evidence).report
  }
}
