import AISKit
import Foundation
import TestSupport
import Testing

/// Multiple-choice scores, compared with Hugging Face transformers on the same rows of MMLU.
@Suite(.enabled(if: ReferenceFiles.exist && CachedModel.standard.isPresent), .serialized)
struct MultipleChoiceTests {
  private let golden: URL
  private let questions: [MultipleChoiceQuestion]

  init() throws {
    golden = try #require(ReferenceFiles.golden).appendingPathComponent("smollm2")
    let data = try #require(ReferenceFiles.golden).deletingLastPathComponent()
      .appendingPathComponent("data/mmlu-test.jsonl")
    questions = try MMLU.questions(jsonLines: data.path)
  }

  /// A reference row: the question's index, then the values of its arrays.
  private func rows(_ file: String) throws -> [[Any]] {
    let data = try Data(contentsOf: golden.appendingPathComponent(file))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    return try #require(object["rows"] as? [[Any]])
  }

  private func numbers(_ value: Any) throws -> [Double] {
    try #require(value as? [NSNumber]).map(\.doubleValue)
  }

  /// The scores of the questions of some rows, each with its group's shared prefix.
  private func scores(
    _ kind: ChoiceProtocol, _ indices: [Int], type: ComputeType = .f32,
    plan: DepthPlan = .full
  ) throws -> [(prompt: ChoicePrompt, pair: ChoicePair)] {
    let model = try LanguageModel(path: CachedModel.standard.path, type: type)
    let format = try MultipleChoiceFormat(kind, encoder: model.prompts)
    let prompts = try indices.map { try format.prompt(questions[$0]) }
    let scorer = try ChoiceScorer(model: model.decoder, pivot: 10) { probe in
      #expect(probe.count == model.decoder.config.hiddenSize)
      return plan
    }
    var results: [Int: ChoicePair] = [:]
    for (_, group) in Dictionary(grouping: indices.indices, by: { questions[indices[$0]].subject })
    {
      try scorer.beginGroup(group.map { prompts[$0] })
      for index in group { results[index] = try scorer.score(prompts[index]) }
    }
    return try indices.indices.map { (prompts[$0], try #require(results[$0])) }
  }

  @Test(arguments: [(ChoiceProtocol.letter, 2), (.chat, 3)])
  func lettersMatch(kind: ChoiceProtocol, column: Int) throws {
    let rows = try rows("mmlu.json")
    let indices = try rows.map { try #require($0[0] as? Int) }
    var worst = 0.0
    var sameChoice = 0
    for (row, result) in zip(rows, try scores(kind, indices)) {
      let expected = try numbers(row[column])
      #expect(result.prompt.tokens.count == Int(expected[0]))
      #expect(result.prompt.continuations == [[330], [389], [340], [422]])
      let letters = Array(expected[1...4])
      for (found, wanted) in zip(result.pair.baseline.values, letters) {
        worst = max(worst, abs(found - wanted))
      }
      #expect(result.pair.baseline.topToken == Int32(expected[5]))
      let best = letters.indices.reduce(0) { letters[$1] > letters[$0] ? $1 : $0 }
      if result.pair.baseline.best == best { sameChoice += 1 }
    }
    #expect(worst <= 2e-3)
    #expect(sameChoice == rows.count)
  }

  @Test func textsOfChoicesMatch() throws {
    let rows = try rows("mmlu-cloze.json")
    let indices = try rows.map { try #require($0[0] as? Int) }
    var worst = 0.0
    for (row, result) in zip(rows, try scores(.cloze, indices)) {
      let (sums, characters) = (try numbers(row[2]), try numbers(row[3]))
      #expect(result.prompt.characterCounts.map(Double.init) == characters)
      #expect(result.prompt.continuations.map { Double($0.count) } == (try numbers(row[4])))
      for (found, wanted) in zip(result.pair.baseline.values, sums) {
        worst = max(worst, abs(found - wanted))
      }
      let ranking = zip(sums, characters).map { $0 / $1 }
      let best = ranking.indices.reduce(0) { ranking[$1] > ranking[$0] ? $1 : $0 }
      #expect(result.pair.baseline.best == best)
    }
    #expect(worst <= 0.05)
  }

  /// Shared work (a group's prefix, the layers up to the pivot, the question before its answers)
  /// must not change scores: the variant's scores are those of whole passes under its plan.
  @Test(arguments: [ChoiceProtocol.letter, .cloze])
  func aVariantIsWhatItsPlanGivesAlone(kind: ChoiceProtocol) throws {
    let indices = [100, 101, 102, 500, 501]
    let plan = try DepthPlan(hard: "14-16", soft: "20=0.7")
    let model = try LanguageModel(path: CachedModel.standard.path)
    for result in try scores(kind, indices, plan: plan) {
      #expect(result.pair.plan == plan)
      for (scores, plan) in [
        (result.pair.baseline, DepthPlan.full), (result.pair.variant, plan),
      ] {
        for (value, answer) in zip(scores.values, result.prompt.continuations) {
          let expected = try wholePass(model, result.prompt, answer, plan, kind)
          #expect(abs(value - expected) < 2e-3)
        }
      }
    }
  }

  private func wholePass(
    _ model: LanguageModel, _ prompt: ChoicePrompt, _ answer: [Int32], _ plan: DepthPlan,
    _ kind: ChoiceProtocol
  ) throws -> Double {
    let tokens = prompt.tokens + answer.dropLast()
    var context = try model.decoder.makeContext(capacity: tokens.count)
    try model.decoder.forward(PackedTokens(tokens), in: &context, policy: plan, logits: .all)
    if kind == .letter { return Double(context.logits(row: tokens.count - 1)[Int(answer[0])]) }
    return answer.enumerated().reduce(0) { sum, token in
      let row = context.logits(row: prompt.tokens.count - 1 + token.offset)
      return sum + logProbability(of: token.element, row)
    }
  }
}
