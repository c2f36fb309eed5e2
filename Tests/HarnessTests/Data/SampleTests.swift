import AISHarness
import AISKit
import Testing

@Suite struct SampleTests {
  /// Three categories of very different size.
  private let prompts = [("a", 600), ("b", 60), ("c", 600)].flatMap { category, count in
    (0..<count).map { InstructionPrompt(instruction: "\(category) \($0)", category: category) }
  }

  /// Ten subjects with three questions each.
  private let threeOfTen = (0..<30).map {
    MultipleChoiceQuestion(
      question: "\($0)", subject: "\($0 % 10)", choices: ["1", "2"], answer: 0)
  }

  private func counts(_ sample: some Sequence<InstructionPrompt>) -> [String: Int] {
    sample.reduce(into: [:]) { $0[$1.category, default: 0] += 1 }
  }

  @Test(arguments: [
    (10, [5, 5, 5], [4, 3, 3]), (12, [2, 9, 9], [2, 5, 5]), (13, [9, 2, 9], [6, 2, 5]),
    (14, [1, 3, 100], [1, 3, 10]), (50, [1, 2, 3], [1, 2, 3]), (0, [4, 4], [0, 0]),
    (1, [0, 4], [0, 1]), (3, [], []), (-2, [3], [0]), (5, [0, 0], [0, 0]),
  ])
  func sharesAreAsEqualAsTheRoomAllows(total: Int, capacities: [Int], expected: [Int]) {
    #expect(EvenShares.of(total, capacities: capacities) == expected)
  }

  @Test(arguments: Split.allCases)
  func aSampleIsEvenAndStaysInItsSplit(split: Split) throws {
    let small = prompts.filter { $0.category == "b" && $0.split == split }.count
    let sample = PromptSample.stratified(
      prompts, split: split, count: 100 + small, seed: 3)
    #expect(sample.allSatisfy { $0.split == split })
    try Split.check([(split, sample.map(\.text))])
    #expect(Set(sample.map(\.text)).count == sample.count)
    #expect(counts(sample) == ["a": 50, "b": small, "c": 50])
  }

  @Test func everyBeginningIsBalanced() {
    let sample = PromptSample.stratified(prompts, split: .map, count: 45, seed: 8)
    for length in 0...45 {
      let counts = counts(sample.prefix(length))
      for category in ["a", "b", "c"] {
        #expect(abs(Double(counts[category] ?? 0) - Double(length) / 3) < 1)
      }
    }
    #expect(sample.prefix(3).map(\.category) != sample.dropFirst(3).prefix(3).map(\.category))
  }

  @Test func theSeedAloneDecides() {
    func draw(_ seed: UInt64, from prompts: [InstructionPrompt]) -> [InstructionPrompt] {
      PromptSample.stratified(prompts, split: .test, count: 30, seed: seed)
    }
    #expect(draw(1, from: prompts) == draw(1, from: prompts))
    #expect(draw(1, from: prompts) != draw(2, from: prompts))
  }

  /// Drawn with a separate implementation of the documented rules; results depend on them.
  @Test func drawsNeverChange() {
    let sample = PromptSample.stratified(prompts, split: .test, count: 6, seed: 17)
    #expect(sample.map(\.text) == ["c 387", "a 201", "b 39", "a 240", "c 87", "b 32"])
    let larger = PromptSample.stratified(prompts, split: .test, count: 31, seed: 17)
    for count in 0...31 {
      #expect(
        PromptSample.stratified(prompts, split: .test, count: count, seed: 17)
          == Array(larger.prefix(count)), "a larger run takes up a smaller one's rows")
    }
    let rows = QuestionSample.spread(threeOfTen, count: 14, seed: 17).map(\.row)
    #expect(rows == [0, 6, 8, 11, 12, 13, 14, 15, 17, 18, 19, 20, 23, 24])
  }

  @Test func aCountForEachCategoryIsTakenWhereThereIsEnough() {
    let whole = prompts.filter { $0.split == .validation }
    let small = whole.filter { $0.category == "b" }.count
    let sample = PromptSample.perCategory(prompts, split: .validation, count: 25, seed: 1)
    #expect(counts(sample) == ["a": 25, "b": min(small, 25), "c": 25])
    let all = PromptSample.perCategory(prompts, split: .validation, count: 10_000, seed: 1)
    #expect(Set(all.map(\.text)) == Set(whole.map(\.text)) && all.count == whole.count)
    #expect(PromptSample.perCategory(prompts, split: .map, count: -1, seed: 1).isEmpty)
  }

  @Test func questionsAreSpreadOverSubjectsInRowOrder() {
    let questions = [("x", 40), ("y", 3), ("z", 40)].flatMap { subject, count in
      (0..<count).map {
        MultipleChoiceQuestion(
          question: "\(subject)\($0)", subject: subject, choices: ["1", "2"], answer: 0)
      }
    }
    let sample = QuestionSample.spread(questions, count: 23, seed: 5)
    #expect(sample.map(\.row) == sample.map(\.row).sorted())
    #expect(Set(sample.map(\.row)).count == 23)
    #expect(sample.allSatisfy { questions[$0.row] == $0.question })
    let counts = Dictionary(grouping: sample, by: \.question.subject).mapValues(\.count)
    #expect(counts == ["x": 10, "y": 3, "z": 10])
    #expect(
      sample.map(\.row) == QuestionSample.spread(questions, count: 23, seed: 5).map(\.row))
    #expect(
      sample.map(\.row) != QuestionSample.spread(questions, count: 23, seed: 6).map(\.row))
    for count in [83, 1_000] {
      let all = QuestionSample.spread(questions, count: count, seed: 5)
      #expect(all.map(\.row) == Array(0..<83))
    }
    #expect(QuestionSample.spread(questions, count: 0, seed: 5).isEmpty)
  }

  @Test func whichSubjectsGiveOneMoreIsDrawn() {
    let subjects = Set(
      (0..<20).map { seed in
        QuestionSample.spread(threeOfTen, count: 1, seed: seed)[0].question.subject
      })
    #expect(subjects.count > 4)
  }
}
