import AISHarness
import AISKit
import Foundation
import TestSupport
import Testing

/// The GPU's peers, on the processor: the same lines, the same answers, other times.
@Suite(.serialized) struct CUDAPeersTests {
  private let scratch: ScratchFolder
  private static let script =
    ReferenceFiles.repository.appendingPathComponent("Tests/Peers/cuda_worker.py").path
  private static let python = PythonPeer.having("torch, transformers")
  private static let plain = PythonPeer.having("json")

  init() throws { scratch = try ScratchFolder() }

  private func model() throws -> URL {
    var shape = try ModelShape.named("1.5b")
    (shape.hidden, shape.intermediate, shape.vocabulary, shape.layers) = (96, 64, 512, 1)
    let folder = scratch.file("model")
    try RandomModel(shape, suffix: "", seed: 5).write(into: folder)
    return folder
  }

  /// The last token that each sequence chooses, by this project's engine.
  private func chosen(
    _ cell: PeerCell, _ prompts: [[Int32]], by model: DecoderModel
  ) throws -> [Int32] {
    var context = try model.makeContext(
      sequences: cell.sequences, capacity: cell.tokens + cell.steps)
    try model.forward(PackedTokens(prompts), in: &context)
    func top() -> [Int32] {
      (0..<cell.sequences).map { context.withLogits(row: $0) { Int32($0.firstLargest) } }
    }
    var tokens = top()
    guard cell.phase == .decode else { return tokens }
    for _ in 0..<cell.steps {
      try model.forward(PackedTokens(decoding: tokens), in: &context)
      tokens = top()
    }
    return tokens
  }

  @Test(.enabled(if: python != nil)) func everyEngineDoesTheSameWork() throws {
    let folder = try model()
    let own = try LanguageModel(path: folder.path).decoder
    let peers = try CUDAPeers(
      python: #require(Self.python).path, script: Self.script, model: folder, dtype: .f32,
      device: "cpu")
    #expect(peers.peers.map(\.engine) == [.eager, .compiled])
    for peer in peers.peers {
      #expect(peer.hello.engine == "transformers \(peer.engine.rawValue)")
      #expect(peer.hello.version.contains("torch") && peer.hello.kernels.hasPrefix("cpu"))
    }
    for cell in [PeerCell(.prefill, 2, 9), PeerCell(.decode, 2, 6, steps: 3)] {
      let prompts = cell.prompts(vocabulary: 512)
      let expected = try chosen(cell, prompts, by: own)
      for _ in 0..<2 {
        for peer in peers.peers {
          let (seconds, top) = try peer.run(cell, prompts)
          #expect(seconds > 0 && top == expected, "\(peer.engine) \(cell.name)")
        }
      }
    }
  }

  @Test(.enabled(if: plain != nil)) func whatCannotStartIsOneLine() throws {
    let python = try #require(Self.plain).path
    let error = #expect(throws: LineProcessError.self) {
      try CUDAPeers(
        python: python, script: Self.script, model: scratch.file("none"), dtype: .bf16)
    }
    #expect(error?.problem == "FileNotFoundError: no model at \(scratch.file("none").path)")
    // Without torch, without a GPU, or without weights in the folder.
    let other = #expect(throws: LineProcessError.self) {
      try CUDAPeers(python: python, script: Self.script, model: scratch.url, dtype: .bf16)
    }
    #expect(other.map { !$0.problem.contains("\n") && $0.problem.contains("Error: ") } == true)
  }

  @Test(.enabled(if: plain != nil)) func whatAPythonLacksIsOneLine() throws {
    // A Python that finds no packages.
    let python = scratch.file("python").path
    try writeScript(
      "exec '\(try #require(Self.plain).path)' -E -s -S \"$@\"", to: scratch.file("python"))
    let lacking = #expect(throws: RequestError.self) {
      try CUDAPeers.check(python: python, script: Self.script)
    }
    #expect(lacking?.subject == "AIS_BENCH_PYTHON \(python)")
    #expect(lacking?.found == "none: No module named 'torch'")
    let missing = #expect(throws: RequestError.self) {
      try CUDAPeers.check(python: scratch.file("none").path, script: Self.script)
    }
    #expect(missing.map { !$0.description.contains("\n") } == true)
  }

  @Test(.enabled(if: plain != nil)) func llamaCppIsItsOwnBench() throws {
    // A bench that answers as llama-bench does, 2 ms for each run, and a Python that finds it.
    let answer = """
      [{"build_number": 7, "build_commit": "abc", "backends": "CUDA", "gpu_info": "GPU", \
      "cpu_info": "", "samples_ns": [2000000]}]
      """
    for (name, text) in [
      ("llama-bench", "echo \"$*\" >>'\(scratch.file("calls").path)'; echo '\(answer)'"),
      (
        "python",
        "PATH='\(scratch.url.path)':$PATH exec '\(try #require(Self.plain).path)' \"$@\""
      ),
    ] {
      try writeScript(text, to: scratch.file(name))
    }
    let gguf = scratch.file("model.gguf")
    try Data().write(to: gguf)
    let worker = try PeerWorker(
      python: scratch.file("python").path, script: Self.script,
      arguments: ["--engine", "llama.cpp", "--model", gguf.path])
    #expect(worker.hello.version == "b7 (abc)" && worker.hello.kernels == "CUDA, GPU")
    for cell in CUDAPeers.cells where CUDAPeers.Engine.llamaCpp.takes(cell) {
      let (seconds, top) = try worker.run(cell, cell.prompts())
      #expect(seconds == 0.002 && top.isEmpty)
    }
    let calls = try String(contentsOf: scratch.file("calls"), encoding: .utf8)
      .split(separator: "\n").map { $0.split(separator: "json ").last }
    #expect(
      calls == [
        "-p 1 -n 0", "-p 0 -n 32 -d 84", "-p 0 -n 32 -d 2032", "-p 40 -n 0", "-p 512 -n 0",
        "-p 2048 -n 0",
      ])
    let cell = PeerCell(.prefill, 8, 40)
    let error = #expect(throws: LineProcessError.self) {
      try worker.run(cell, cell.prompts())
    }
    #expect(error?.description == "llama.cpp: ValueError: llama-bench takes one sequence")
  }

  @Test func theCellsAreThoseOfTheClaim() {
    #expect(
      CUDAPeers.cells.map(\.name) == [
        "decode_1_84", "decode_4_84", "decode_8_84", "decode_16_84", "decode_32_84",
        "decode_1_2032", "prefill_1_40", "prefill_8_40", "prefill_32_40", "prefill_1_512",
        "prefill_1_2048",
      ])
    let prompts = PeerCell(.prefill, 2, 3).prompts()
    #expect(prompts == [[107, 138, 169], [124, 155, 186]])
    #expect(PeerCell(.prefill, 3, 500).prompts(vocabulary: 300).joined().allSatisfy { $0 < 300 })
  }
}
