import AISKit
import Foundation

/// The engines that a GPU's times are compared with, each in its own process.
///
/// They hold their models on the GPU at the same time, so that all can take turns in a round.
package struct CUDAPeers {
  /// An engine that the worker knows.
  package enum Engine: String, Sendable, CaseIterable {
    /// transformers as it comes.
    case eager
    /// transformers compiled, with a cache of fixed size and CUDA graphs.
    case compiled
    /// llama.cpp, by its own llama-bench.
    case llamaCpp = "llama.cpp"

    /// Whether the engine does a piece of work.
    package func takes(_ cell: PeerCell) -> Bool { self != .llamaCpp || cell.sequences == 1 }
  }

  /// The work that engines are compared on: decoding around position 100 and before 2,064, and
  /// prompts of which only the last token is read out.
  package static let cells: [PeerCell] =
    [1, 4, 8, 16, 32].map { PeerCell(.decode, $0, 84, steps: 32) }
    + [PeerCell(.decode, 1, 2_032, steps: 32)]
    + [(1, 40), (8, 40), (32, 40), (1, 512), (1, 2_048)].map { PeerCell(.prefill, $0.0, $0.1) }

  /// An engine that runs.
  package struct Peer {
    /// Which it is.
    package let engine: Engine
    private let worker: PeerWorker

    fileprivate init(_ engine: Engine, _ worker: PeerWorker) {
      (self.engine, self.worker) = (engine, worker)
    }

    /// What it said of itself: its name, versions, GPU and driver.
    package var hello: PeerWorker.Hello { worker.hello }

    /// Seconds of a piece of work, and the last token that each sequence chose, if it tells.
    ///
    /// The first run of a cell after another takes long: it compiles, warms up, and is then timed.
    ///
    /// - Throws: `LineProcessError`.
    package func run(
      _ cell: PeerCell, _ prompts: [[Int32]]
    ) throws -> (seconds: Double, top: [Int32]) {
      try worker.run(cell, prompts)
    }
  }

  /// Whether llama.cpp's bench can be found.
  package static var hasLlamaBench: Bool {
    let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
    return folders.contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/llama-bench")
    }
  }

  /// Checks that a Python can compute on the GPU.
  ///
  /// - Parameters:
  ///   - python: its path.
  ///   - script: the worker's file.
  /// - Throws: `RequestError` that says what the Python lacks.
  package static func check(python: String, script: String) throws(RequestError) {
    struct Answer: Decodable {
      let error: String?
    }
    let lack: String?
    do {
      let answer: Answer = try LineProcess(python, [script, "--check"], name: script, farewell: "")
        .read()
      lack = answer.error
    } catch {
      lack = "\(error)"
    }
    if let lack {
      throw RequestError(
        "AIS_BENCH_PYTHON \(python)", expected: "a Python with transformers and a torch for CUDA",
        found: "none: \(lack)")
    }
  }

  /// The engines, in the order of `Engine`.
  package let peers: [Peer]

  /// Starts the engines and waits until they have loaded the model.
  ///
  /// - Parameters:
  ///   - python: a Python with torch and transformers.
  ///   - script: the worker's file.
  ///   - model: a Hugging Face folder, or a GGUF file, which transformers read, too.
  ///   - dtype: the number format of transformers, f32 or bf16.
  ///   - gguf: the same model in the format for llama.cpp, which takes part if there is one.
  ///   - device: where transformers compute; `cpu` is for tests.
  /// - Throws: `LineProcessError` if an engine does not come up, for example without a GPU.
  package init(
    python: String, script: String, model: URL, dtype: ComputeType, gguf: URL? = nil,
    device: String = "cuda"
  ) throws {
    let engines = Engine.allCases.filter { $0 != .llamaCpp || gguf != nil }
    peers = try engines.map { engine in
      let file = engine == .llamaCpp ? gguf ?? model : model
      return Peer(
        engine,
        try PeerWorker(
          python: python, script: script,
          arguments: [
            "--engine", engine.rawValue, "--model", file.path, "--dtype", dtype.rawValue,
            "--device", device,
          ]))
    }
  }
}
