import AISKit
import Foundation
import HDF5
import TestSupport
import Testing

/// Small random models of each family against Hugging Face transformers in float32.
@Suite(.enabled(if: ReferenceFiles.exist))
struct TinyModelTests {
  static let families = ["llama", "llama3-rope", "mistral-sliding", "qwen2", "qwen3"]

  /// What `golden.h5` of a folder holds.
  private struct Golden {
    var tokens: [[Int32]] = []
    var logits: [[Float]] = []
    var inputs: [[Float]] = []
    var greedy: [Int32] = []

    init(_ folder: URL, layers: Int) throws {
      let file = try HDF5File.open(folder.appendingPathComponent("golden.h5").path)
      let shape = try file.shape(of: "/tokens")
      let flat = try Self.integers(file, "/tokens")
      tokens = (0..<shape[0]).map { Array(flat[$0 * shape[1]..<($0 + 1) * shape[1]]) }
      let values = try file.read(Float.self, from: "/logits")
      let size = values.count / shape[0]
      logits = (0..<shape[0]).map { Array(values[$0 * size..<($0 + 1) * size]) }
      inputs = try (0..<layers).map {
        try file.read(Float.self, from: "/hidden/input_of_layer_\($0)")
      }
      greedy = try Self.integers(file, "/greedy_tokens")
      try file.close()
    }

    static func integers(_ file: borrowing HDF5File, _ path: String) throws -> [Int32] {
      switch try file.elementType(of: path) {
      case .int32: try file.read(Int32.self, from: path)
      default: try file.read(Int64.self, from: path).map { Int32($0) }
      }
    }
  }

  /// The input of every layer, all rows.
  private final class InputCapture: ForwardObserver {
    var inputs: [[Float]] = []

    private func keep(_ hidden: borrowing HiddenStates) {
      var rows: [Float] = []
      for row in 0..<hidden.rows { rows += hidden.row(row) }
      inputs.append(rows)
    }

    func embedded(_ hidden: borrowing HiddenStates) { keep(hidden) }

    func finished(layer: Int, action: LayerAction, hidden: borrowing HiddenStates) { keep(hidden) }
  }

  private func load(_ family: String) throws -> (DecoderModel, Golden) {
    let golden = try #require(ReferenceFiles.golden)
    let folder = golden.appendingPathComponent("tiny/\(family)")
    let model = try DecoderModel.load(Checkpoint.open(path: folder.path))
    return (model, try Golden(folder, layers: model.config.layerCount))
  }

  @Test(arguments: families)
  func logitsAndLayerInputsMatch(family: String) throws {
    let (model, golden) = try load(family)
    for (sequence, tokens) in golden.tokens.enumerated() {
      let capture = InputCapture()
      var context = try model.makeContext(capacity: tokens.count)
      try model.forward(PackedTokens(tokens), in: &context, observer: capture, logits: .all)
      let logits = (0..<tokens.count).flatMap { context.logits(row: $0) }
      expectClose(logits, golden.logits[sequence], tolerance: 1e-3)
      if sequence == 0 {
        for (layer, input) in golden.inputs.enumerated() {
          expectClose(capture.inputs[layer], input, tolerance: 1e-3)
        }
      }
    }
  }

  @Test(arguments: families)
  func aBatchMatchesToo(family: String) throws {
    let (model, golden) = try load(family)
    var context = try model.makeContext(sequences: golden.tokens.count, capacity: 64)
    try model.forward(PackedTokens(golden.tokens), in: &context, logits: .all)
    let logits = (0..<context.logitRows).flatMap { context.logits(row: $0) }
    expectClose(logits, golden.logits.flatMap { $0 }, tolerance: 1e-3)
  }

  @Test(arguments: families)
  func greedyTokensAreIdentical(family: String) throws {
    let (model, golden) = try load(family)
    var produced = Array(golden.greedy.prefix(12))
    _ = try Generator(model: model).generate(
      prompt: produced, maxTokens: golden.greedy.count - 12
    ) {
      produced.append($0.id)
      return true
    }
    #expect(produced == golden.greedy)
  }
}
