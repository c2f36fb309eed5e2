import AISKit
import Foundation
import TestSupport
import Testing

/// The prompts of questions, character by character.
struct MultipleChoiceFormatTests {
  private let encoder: PromptEncoder

  init() throws { encoder = try Self.encoder(template: Self.template) }

  private static let template =
    "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}</>{% endfor %}"
    + "{% if add_generation_prompt %}<assistant>{% endif %}"

  /// A tokenizer from the fixtures in a model folder.
  private static func encoder(template: String?) throws -> PromptEncoder {
    let folder = try TemporaryFolder()
    let fixture = ReferenceFiles.repository
      .appendingPathComponent("Tests/Fixtures/tokenizers/smollm.json")
    try folder.write([UInt8](Data(contentsOf: fixture)), as: "tokenizer.json")
    try folder.write("{}", as: "config.json")
    if let template { try folder.write(template, as: "chat_template.jinja") }
    return try PromptEncoder(Checkpoint.open(path: folder.url.path, weights: false))
  }

  private let question = MultipleChoiceQuestion(
    question: " \n What is 2 + 2?\u{A0}\n", subject: "abstract_algebra_one",
    choices: ["3", "four", " 5"], answer: 1)

  private func example(
    _ number: Int, subject: String = "abstract_algebra_one"
  ) -> MultipleChoiceQuestion {
    MultipleChoiceQuestion(
      question: "  Example \(number)?", subject: subject, choices: ["yes \(number)", "no"],
      answer: number % 2)
  }

  private func format(
    _ kind: ChoiceProtocol, shots: Int = 0, examples: [MultipleChoiceQuestion] = []
  ) throws -> MultipleChoiceFormat {
    try MultipleChoiceFormat(kind, encoder: encoder, shots: shots, examples: examples)
  }

  @Test func lettersFollowAHeaderWithTheSubjectInWords() throws {
    #expect(
      try format(.letter).text(question) == """
        The following are multiple choice questions (with answers) about abstract algebra one.

        What is 2 + 2?
        A. 3
        B. four
        C.  5
        Answer:
        """)
  }

  @Test func clozeShowsNoChoices() throws {
    #expect(try format(.cloze).text(question) == "Question: What is 2 + 2?\nAnswer:")
  }

  /// The Adaptive Inference System's prompt does not change the question's text.
  @Test func chatAsksInTheModelsTemplate() throws {
    #expect(
      try format(.chat).text(question)
        == "<user>Answer the following multiple choice question.\n\n"
        + "Question: \(question.question)\nA. 3\nB. four\nC.  5\nAnswer:</><assistant>")
  }

  @Test func solvedExamplesOfTheSubjectComeFirstInTheirOrder() throws {
    let examples = [example(9, subject: "other")] + (1...6).map { example($0) }
    let solved = (1...5).map { number in
      "Example \(number)?\nA. yes \(number)\nB. no\nAnswer: \(number % 2 == 0 ? "A" : "B")\n\n"
    }.joined()
    #expect(
      try format(.letter, shots: 5, examples: examples).text(question)
        == "The following are multiple choice questions (with answers) about "
        + "abstract algebra one.\n\n" + solved + "What is 2 + 2?\nA. 3\nB. four\nC.  5\nAnswer:")
    #expect(
      try format(.cloze, shots: 2, examples: examples).text(question)
        == "Question: Example 1?\nAnswer: no\n\nQuestion: Example 2?\nAnswer: yes 2\n\n"
        + "Question: What is 2 + 2?\nAnswer:")
  }

  @Test func tooFewExamplesAreAnErrorThatNamesTheSubject() throws {
    for examples in [[], [example(1)], (1...9).map { example($0, subject: "other") }] {
      for kind in [ChoiceProtocol.letter, .cloze] {
        let format = try format(kind, shots: 2, examples: examples)
        let error = #expect(throws: RequestError.self) { try format.prompt(question) }
        let text = error?.description ?? ""
        #expect(text.contains("abstract_algebra_one") && text.contains("2 examples"))
      }
    }
  }

  @Test func chatNeedsATemplateAndTakesNoExamples() throws {
    #expect(throws: RequestError.self) {
      try format(.chat, shots: 1, examples: [example(1)])
    }
    let plain = try Self.encoder(template: nil)
    #expect(throws: RequestError.self) { try MultipleChoiceFormat(.chat, encoder: plain) }
    _ = try MultipleChoiceFormat(.letter, encoder: plain)
  }

  @Test(arguments: ChoiceProtocol.allCases)
  func tokensAreThoseOfTheTextAndAnswersContinueIt(kind: ChoiceProtocol) throws {
    let format = try format(kind)
    let (prompt, text) = (try format.prompt(question), try format.text(question))
    #expect(try prompt.tokens == encoder.encode(text))
    #expect(prompt.continuations.count == 3)
    #expect(prompt.characterCounts == (kind == .cloze ? [1, 4, 2] : [1, 1, 1]))
    let answers = kind == .cloze ? question.choices : ["A", "B", "C"]
    for (continuation, answer) in zip(prompt.continuations, answers) {
      #expect(!continuation.isEmpty)
      #expect(encoder.tokenizer.decode(prompt.tokens + continuation) == text + " " + answer)
    }
    let areSingle = prompt.continuations.allSatisfy { $0.count == 1 }
    #expect(prompt.readsLogits == (kind != .cloze && areSingle))
  }

  @Test func charactersAreUnicodeScalars() throws {
    let question = MultipleChoiceQuestion(
      question: "?", subject: "s", choices: ["e\u{301}", "👩‍👩‍👧", ""], answer: 0)
    #expect(try format(.cloze).prompt(question).characterCounts == [2, 5, 0])
  }

  @Test func lettersGoFromAToZ() {
    #expect(MultipleChoiceFormat.letter(0) == "A" && MultipleChoiceFormat.letter(25) == "Z")
  }
}
