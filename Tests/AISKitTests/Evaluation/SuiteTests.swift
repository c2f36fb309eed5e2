import AISKit
import Foundation
import TestSupport
import Testing

/// Items of the benchmark suite: how their texts are put together.
@Suite struct SuiteTests {
  /// A line of each file, with what its prompt must be.
  private func item(_ task: String, _ line: String) throws -> SuiteItem {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("lines.jsonl")
    try (line + "\n").write(to: file, atomically: true, encoding: .utf8)
    let known = try #require(SuiteTask.named(task))
    return try #require(known.items(file.path).first)
  }

  @Test func choicesFollowTheQuestionAfterASpace() throws {
    let item = try item(
      "arc_easy", #"{"question": "Why?", "choices": ["so", "not so"], "answer": 1}"#)
    #expect(
      item.requests == [
        .init(context: "Question: Why?\nAnswer:", continuations: [" so", " not so"])
      ])
    #expect(item.gold == 1 && item.answerLengths == [2, 6])
  }

  @Test func lettersAreListedAndAsked() throws {
    let item = try item(
      "commonsense_qa", #"{"question": "Where?", "choices": ["here", "there"], "answer": 0}"#)
    #expect(
      item.requests == [
        .init(
          context: "Question: Where?\nA. here\nB. there\nAnswer:", continuations: [" A", " B"])
      ])
  }

  @Test func theLettersOfMMLUAreTheHarnessesOwn() throws {
    let line =
      #"{"question": " What is 2? ", "subject": "high_school_maths", "choices": ["1", "2", "3", "4"], "answer": 1}"#
    let item = try item("mmlu", line)
    let question = MultipleChoiceQuestion(
      question: " What is 2? ", subject: "high_school_maths", choices: ["1", "2", "3", "4"],
      answer: 1)
    let folder = try TemporaryFolder()
    let fixture = ReferenceFiles.repository
      .appendingPathComponent("Tests/Fixtures/tokenizers/smollm.json")
    try folder.write([UInt8](Data(contentsOf: fixture)), as: "tokenizer.json")
    try folder.write("{}", as: "config.json")
    let encoder = try PromptEncoder(Checkpoint.open(path: folder.url.path, weights: false))
    let text = try MultipleChoiceFormat(.letter, encoder: encoder).text(question)
    #expect(item.requests[0].context == text)
    #expect(item.group == "high school maths")
  }

  @Test func aGapIsFilledAndTheRestIsScored() throws {
    let item = try item(
      "winogrande",
      #"{"question": "Ann thanked Bea because _ had helped.", "choices": ["Ann", "Bea"], "answer": 1}"#
    )
    #expect(
      item.requests == [
        .init(context: "Ann thanked Bea because Ann", continuations: [" had helped."]),
        .init(context: "Ann thanked Bea because Bea", continuations: [" had helped."]),
      ])
  }

  @Test func hellaSwagLosesItsMarks() throws {
    let item = try item(
      "hellaswag",
      #"{"activity_label": "Cook", "context": "[header] How to cook [title] Wash it. the pan", "ctx_b": "the pan", "choices": ["is [step] hot.", "flies."], "answer": 0}"#
    )
    #expect(
      item.requests == [
        .init(
          context: "Cook: How to cook. Wash it. The pan", continuations: [" is hot.", " flies."])
      ])
  }

  @Test func aLastWordIsScoredAsItIs() throws {
    let item = try item("lambada_openai", #"{"context": "They went", "target": " home"}"#)
    #expect(item.requests == [.init(context: "They went", continuations: [" home"])])
  }

  @Test func examplesComeFirst() throws {
    let item = try item("gsm8k", #"{"question": "How many?", "answer": "7"}"#)
    #expect(item.prompt.hasPrefix("Q: There are 15 trees") && item.text == "7")
    #expect(item.prompt.hasSuffix("15 is 8. The answer is 8.\n\nQ: How many?\nA:"))
    #expect(item.requests.isEmpty)
    #expect(item.prompt.components(separatedBy: "The answer is").count == 9)
  }

  @Test(arguments: [
    (#"{"question": "Why?", "choices": ["a", "b"], "answer": 2}"#, "answer"),
    (#"{"question": "Why?", "choices": ["a"], "answer": 0}"#, "choices"),
    (#"{"choices": ["a", "b"], "answer": 0}"#, "question"),
  ])
  func aWrongLineIsNamed(line: String, field: String) throws {
    let error = #expect(throws: DataFileError.self) { try item("arc_easy", line) }
    #expect(error?.line == 1 && error?.field == field)
  }

  @Test func compressedLinesAreReadAndDamagedOnesRefused() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("lines.jsonl.gz")
    // {"context": "They went", "target": " home"}
    let whole = try #require(
      Data(
        base64Encoded:
          "H4sIAAAAAAACA6tWSs7PK0mtKFGyUlAKyUitVChPzStR0lFQKkksSk8FCytk5OemKtVyAQBARbD5LAAAAA=="))
    try whole.write(to: file)
    let task = try #require(SuiteTask.named("lambada_openai"))
    #expect(try task.items(file.path).map(\.requests.first?.context) == ["They went"])
    try whole.dropLast(12).write(to: file)
    #expect(throws: DataFileError.self) { try task.items(file.path) }
  }

  @Test func aWrittenNumberIsTheFirstThatIsAnnounced() {
    #expect(WrittenNumber.of(" 3 + 4 = 7. The answer is 7.\n\nQ: more? The answer is 9.") == "7")
    #expect(WrittenNumber.of("The answer is 1,200 dollars.") == "1200")
    // As in lm-evaluation-harness, whose pattern has no dollar sign.
    #expect(WrittenNumber.of("The answer is $1,200.") == nil)
    #expect(WrittenNumber.of("It is 7.") == nil)
    // Its pattern takes the last digit for what follows the number.
    #expect(WrittenNumber.of("The answer is 42") == "4")
    #expect(WrittenNumber.matches("The answer is 1,200.", "1200"))
    #expect(!WrittenNumber.matches("The answer is 12.", "120"))
  }

  // MARK: Windows

  @Test func everyTokenIsPredictedOnce() {
    for count in [1, 3, 4, 5, 8, 9, 11] {
      let tokens = (0...count).map { Int32($0) }
      let windows = RollingLikelihood.windows(tokens, length: 4)
      let predicted = windows.flatMap { $0.tokens.suffix($0.predicted) }
      #expect(predicted == Array(tokens.dropFirst()))
      #expect(windows.allSatisfy { $0.tokens.count <= 5 && $0.tokens.count > $0.predicted })
    }
    // The last window has fewer tokens to predict and more before them.
    let last = RollingLikelihood.windows((0...6).map { Int32($0) }, length: 4).last
    #expect(last == .init(tokens: [2, 3, 4, 5, 6][...], predicted: 2))
  }

  @Test func aWholeDocumentInOnePassIsItsWindows() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let tokens = shape.tokens(200, seed: 3)
    let whole = try RollingLikelihood(model, length: 250).logLikelihood(
      of: tokens, after: 1, policy: DepthPlan.full)
    var context = try model.makeContext(capacity: 200)
    try model.forward(
      PackedTokens([1] + tokens.dropLast()), in: &context, policy: DepthPlan.full, logits: .all)
    let width = model.config.vocabularySize
    let expected = context.withAllLogits { logits in
      let normalizers = LogProbabilities.normalizers(logits, width: width)
      return tokens.indices.reduce(0.0) {
        $0 + Double(logits[$1 * width + Int(tokens[$1])]) - normalizers[$1]
      }
    }
    #expect(abs(whole - expected) < 1e-3)
  }
}
