import AISHarness
import AISKit
import Testing

@Suite struct StarterDataTests {
  private let groups = Dictionary(grouping: StarterData.prompts, by: \.category)

  @Test func everyCategoryHasFortyPromptsThatAreAllDifferent() {
    #expect(
      groups.keys.sorted() == [
        "brainstorming", "classification", "closed_qa", "creative_writing", "general_qa",
        "information_extraction", "open_qa", "summarization",
      ])
    for (category, prompts) in groups { #expect(prompts.count >= 40, "\(category)") }
    #expect(Set(StarterData.prompts.map(\.text)).count == StarterData.prompts.count)
    let instructions = Set(StarterData.prompts.map(\.instruction))
    #expect(instructions.count == StarterData.prompts.count)
  }

  @Test func passagesAreThereWhereTheTaskIsAboutOne() {
    let withPassage: Set = ["closed_qa", "information_extraction", "summarization"]
    var passages: Set<String> = []
    for prompt in StarterData.prompts {
      let words = prompt.context.split(separator: " ").count
      if withPassage.contains(prompt.category) {
        #expect((60...150).contains(words), "\(prompt.instruction)")
        #expect(passages.insert(prompt.context).inserted)
      } else {
        #expect(words == 0, "\(prompt.instruction)")
      }
    }
  }

  @Test func textsAreWholeSentencesOnOneLine() throws {
    for text in StarterData.prompts.flatMap({ [$0.instruction, $0.context] }) where !text.isEmpty {
      #expect(text.first?.isWhitespace == false && text.last?.isWhitespace == false, "\(text)")
      #expect(!text.contains("\n") && !text.contains("  ") && !text.contains(" >"), "\(text)")
      #expect(!text.unicodeScalars.contains { $0.value < 0x20 })
    }
  }

  @Test func everySplitHasSomeOfEveryCategory() {
    for (category, prompts) in groups {
      for split in Split.allCases {
        #expect(prompts.filter { $0.split == split }.count >= 3, "\(category), \(split)")
      }
    }
  }

  @Test func questionsHaveFourChoicesAndBalancedLetters() {
    let questions = StarterData.questions
    let subjects = Dictionary(grouping: questions, by: \.subject)
    #expect(questions.count == 60 && subjects.count == 12)
    #expect(subjects.values.allSatisfy { $0.count == 5 })
    #expect(Set(questions.map(\.question)).count == 60)
    for question in questions {
      #expect(Set(question.choices).count == 4, "\(question.question)")
      #expect(question.choices.allSatisfy { !$0.isEmpty })
      #expect(question.question.last == "?", "\(question.question)")
    }
    let letters = Dictionary(grouping: questions, by: \.answer)
    #expect(letters.keys.sorted() == [0, 1, 2, 3] && letters.values.allSatisfy { $0.count == 15 })
  }

  @Test func digestsTellTheSetsApart() {
    #expect(StarterData.promptsSHA256.count == 64 && StarterData.questionsSHA256.count == 64)
    #expect(StarterData.promptsSHA256 != StarterData.questionsSHA256)
  }
}
