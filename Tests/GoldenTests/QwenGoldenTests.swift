import AISKit
import Foundation
import HDF5
import TestSupport
import Testing

/// Qwen2.5-Coder in K-quants, compared with Hugging Face transformers on the dequantized weights.
@Suite(.enabled(if: ReferenceFiles.exist), .serialized)
struct QwenGoldenTests {
  /// A model's file and the folder of its reference values.
  struct Reference: CustomTestStringConvertible {
    let model: CachedModel
    let folder: String

    var testDescription: String { folder }
    var files: URL {
      get throws { try #require(ReferenceFiles.golden).appendingPathComponent(folder) }
    }
    /// The model's file with weights in float32.
    func load() throws -> LanguageModel { try LanguageModel(path: model.path) }
  }

  private static let references = [
    Reference(model: .qwenHalf, folder: "qwen2.5-coder-0.5b"),
    Reference(model: .qwen, folder: "qwen2.5-coder-1.5b"),
  ].filter(\.model.isPresent)

  private func json<Value: Decodable>(
    _ name: String, on path: String = "/", of file: borrowing HDF5File
  ) throws -> Value {
    let text = try file.attribute(name, as: String.self, on: path)
    return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
  }

  private func plan(_ path: String, of file: borrowing HDF5File) throws -> DepthPlan {
    let hard: [Int] = try json("hard", on: path, of: file)
    let soft: [String: Float] = try json("soft", on: path, of: file)
    var actions = Dictionary(uniqueKeysWithValues: hard.map { ($0, LayerAction.skip) })
    for (layer, alpha) in soft { actions[try #require(Int(layer))] = .blend(alpha: alpha) }
    return try DepthPlan(actions)
  }

  @Test(arguments: references)
  func tokensAndLogitsOfEveryPlanAreTheReferences(_ reference: Reference) throws {
    let model = try reference.load()
    let file = try HDF5File.open(reference.files.appendingPathComponent("logits.h5").path)
    let prompts: [String] = try json("prompts", of: file)
    let plans = try file.children(of: "/plans").map { ($0, try plan("/plans/\($0)", of: file)) }
    #expect(plans.count == 4 && prompts.count == 12)
    for (index, prompt) in prompts.enumerated() {
      let name = String(format: "%05d", index)
      let ids = try file.read(Int32.self, from: "/ids/\(name)")
      #expect(try model.tokens(ofMessage: prompt) == ids, "\(prompt)")
      for (plan, policy) in plans {
        let path = "/plans/\(plan)/\(name)"
        let top = try file.read(Int32.self, from: "\(path)/top_ids")
        let expected = try file.read(Float.self, from: "\(path)/top_logits")
        let logits = try model.logits(of: ids, policy: policy)
        expectClose(top.map { logits[Int($0)] }, expected, tolerance: 5e-3)
        #expect(logits.indices.max { logits[$0] < logits[$1] } == Int(top[0]), "\(path)")
        let sum = try file.attribute("logsumexp", as: Double.self, on: path)
        #expect(abs(logSumExp(logits) - sum) < 5e-3, "\(path)")
      }
    }
    try file.close()
  }

  /// The references go on after an end token, as a generator without end tokens does.
  @Test(arguments: references)
  func greedyTokensAreTheReferences(_ reference: Reference) throws {
    let model = try reference.load()
    let file = try HDF5File.open(reference.files.appendingPathComponent("logits.h5").path)
    let continuations: [[Int32]] = try json("greedy32", of: file)
    #expect(continuations.count == 4)
    for (index, continuation) in continuations.enumerated() {
      let ids = try file.read(Int32.self, from: String(format: "/ids/%05d", index))
      var produced = ids
      _ = try Generator(model: model.decoder).generate(
        prompt: ids, maxTokens: continuation.count - ids.count
      ) {
        produced.append($0.id)
        return true
      }
      #expect(produced == continuation, "prompt \(index)")
    }
    try file.close()
  }

  /// A question of MMLU and the logits of its four letters.
  private struct Letters: Decodable {
    let row: Int
    let tokens: Int
    let letter: [Double]
  }

  @Test(arguments: references)
  func lettersOfMMLUAreTheReferences(_ reference: Reference) throws {
    let rows = try JSONDecoder().decode(
      [Letters].self, from: Data(contentsOf: reference.files.appendingPathComponent("mmlu.json")))
    let data = try #require(ReferenceFiles.golden).deletingLastPathComponent()
    let questions = try MMLU.questions(
      jsonLines: data.appendingPathComponent("data/mmlu-test.jsonl").path)
    let model = try reference.load()
    let format = try MultipleChoiceFormat(.letter, encoder: model.prompts)
    let scorer = try ChoiceScorer(model: model.decoder, policy: DepthPlan.full)
    var (same, worst) = (0, 0.0)
    for row in rows {
      let prompt = try format.prompt(questions[row.row])
      #expect(prompt.tokens.count == row.tokens)
      let scores = try scorer.scoreVariant(prompt)
      worst = max(worst, zip(scores.values, row.letter).map { abs($0 - $1) }.max() ?? .infinity)
      let best = row.letter.indices.max { row.letter[$0] < row.letter[$1] }
      if scores.best == best { same += 1 }
    }
    #expect(rows.count >= 60 && Double(same) >= 0.99 * Double(rows.count), "\(same)")
    #expect(worst <= 5e-3)
  }
}
