import AISKit
import Foundation
import HDF5
import TestSupport
import Testing

/// The default model, compared with Hugging Face transformers on the same dequantized weights.
@Suite(.enabled(if: ReferenceFiles.exist && CachedModel.standard.isPresent), .serialized)
struct SmolLM2Tests {
  private struct Chat: Decodable {
    let user: String
    let text: String
    let ids: [Int32]
  }

  private struct TokenFile: Decodable { let chat: [Chat] }

  private struct Plan {
    let name: String
    let plan: DepthPlan
    let logits: [Float]
  }

  private let golden: URL
  private let chats: [Chat]

  init() throws {
    golden = try #require(ReferenceFiles.golden).appendingPathComponent("smollm2")
    let data = try Data(contentsOf: golden.appendingPathComponent("tokens.json"))
    chats = try JSONDecoder().decode(TokenFile.self, from: data).chat
  }

  /// The plans as the file's attributes declare them.
  private func plans(_ file: borrowing HDF5File) throws -> [Plan] {
    try file.children(of: "/logits_last").map { name in
      let path = "/logits_last/\(name)"
      // An empty list is stored as real numbers, others as integers.
      let hard: [Int] =
        switch try file.attributeContent("hard", on: path) {
        case .integers(let layers): layers
        default: []
        }
      let soft = try JSONDecoder().decode(
        [String: Float].self,
        from: Data(file.attribute("soft", as: String.self, on: path).utf8))
      var actions = Dictionary(uniqueKeysWithValues: hard.map { ($0, LayerAction.skip) })
      for (layer, alpha) in soft { actions[try #require(Int(layer))] = .blend(alpha: alpha) }
      return Plan(
        name: name, plan: try DepthPlan(actions), logits: try file.read(Float.self, from: path))
    }
  }

  @Test func everyPlanMatchesInFloat32() throws {
    let model = try DecoderModel.load(Checkpoint.open(path: CachedModel.standard.path))
    let file = try HDF5File.open(golden.appendingPathComponent("logits.h5").path)
    let vocabulary = model.config.vocabularySize
    let plans = try plans(file)
    #expect(plans.count == 5)
    for plan in plans {
      var worst: Float = 0
      for (row, chat) in chats.enumerated() {
        var context = try model.makeContext(capacity: chat.ids.count)
        try model.forward(PackedTokens(chat.ids), in: &context, policy: plan.plan)
        let expected = Array(plan.logits[row * vocabulary..<(row + 1) * vocabulary])
        let comparison = LogitComparison(base: expected, other: context.logits(row: 0))
        #expect(comparison.topOneAgrees, "\(plan.name), prompt \(row)")
        worst = max(worst, Float(comparison.largestDifference))
      }
      #expect(worst <= 2e-3, "\(plan.name)")
    }
    try file.close()
  }

  @Test func hiddenStatesMatch() throws {
    let model = try DecoderModel.load(Checkpoint.open(path: CachedModel.standard.path))
    let file = try HDF5File.open(golden.appendingPathComponent("logits.h5").path)
    for layer in [0, 10] {
      let expected = try file.read(Float.self, from: "/hidden_last/L\(layer)")
      let width = model.config.hiddenSize
      let capture = HiddenStateCapture(layers: [layer])
      for (row, chat) in chats.enumerated() {
        capture.rows = [chat.ids.count - 1]
        var context = try model.makeContext(capacity: chat.ids.count)
        try model.forward(
          PackedTokens(chat.ids), in: &context, observer: capture, logits: .none)
        let found = try #require(capture.captured[layer])
        let golden = expected[row * width..<(row + 1) * width]
        let distance = zip(found, golden).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let size = golden.reduce(0) { $0 + $1 * $1 }
        #expect((distance / size).squareRoot() <= 1e-3, "layer \(layer), prompt \(row)")
      }
    }
    try file.close()
  }

  @Test func greedyContinuationsAreIdentical() throws {
    let model = try DecoderModel.load(Checkpoint.open(path: CachedModel.standard.path))
    let file = try HDF5File.open(golden.appendingPathComponent("logits.h5").path)
    let text = try #require(try file.read(String.self, from: "/greedy48").first)
    try file.close()
    let expected = try JSONDecoder().decode([[Int32]].self, from: Data(text.utf8))
    #expect(!expected.isEmpty)
    for (row, continuation) in expected.enumerated() {
      let prompt = chats[row].ids
      #expect(Array(continuation.prefix(prompt.count)) == prompt)
      var produced = prompt
      _ = try Generator(model: model).generate(
        prompt: prompt, maxTokens: continuation.count - prompt.count
      ) {
        produced.append($0.id)
        return true
      }
      #expect(produced == continuation, "prompt \(row)")
    }
  }

  @Test func bfloat16StaysNearFloat32() throws {
    let half = try DecoderModel.load(Checkpoint.open(path: CachedModel.standard.path), type: .bf16)
    let file = try HDF5File.open(golden.appendingPathComponent("logits.h5").path)
    let expected = try file.read(Float.self, from: "/logits_last/none")
    try file.close()
    let vocabulary = half.config.vocabularySize
    var divergence = 0.0
    var agreeing = 0
    for (row, chat) in chats.enumerated() {
      var context = try half.makeContext(capacity: chat.ids.count)
      try half.forward(PackedTokens(chat.ids), in: &context)
      let comparison = LogitComparison(
        base: Array(expected[row * vocabulary..<(row + 1) * vocabulary]),
        other: context.logits(row: 0))
      divergence += comparison.klBaseSkip
      agreeing += comparison.topOneAgrees ? 1 : 0
    }
    #expect(divergence / Double(chats.count) <= 0.01)
    #expect(agreeing >= 15)
  }

  @Test func passesAreTheSameBitsForAnyThreadsAndAnyPieces() throws {
    let before = Threads.count
    defer { Threads.count = before }
    let tokens = chats.flatMap(\.ids)
    for type in CPUBackend.types {
      let model = try DecoderModel.load(
        Checkpoint.open(path: CachedModel.standard.path), type: type)
      func last(pieces: Int) throws -> [Float] {
        var context = try model.makeContext(capacity: tokens.count)
        for piece in 0..<pieces {
          let start = tokens.count * piece / pieces
          let end = tokens.count * (piece + 1) / pieces
          try model.forward(PackedTokens(Array(tokens[start..<end])), in: &context)
        }
        return context.logits(row: 0)
      }
      Threads.count = 1
      let one = try last(pieces: 1)
      Threads.count = 2
      #expect(try last(pieces: 1) == one, "\(type), two threads")
      #expect(try last(pieces: 1) == one, "\(type), again")
    }
  }
}
