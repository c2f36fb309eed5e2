import AISKit
import Foundation
import Testing

@Suite("Chat templates render as Python's jinja2 does")
struct ChatTemplateTests {
  /// A rendering, or the kind of error, so that one comparison covers both.
  private func outcome(
    _ source: String, _ context: [String: TemplateValue]
  ) -> Result<String, ChatTemplateError> {
    do {
      let template = try ChatTemplate(source: source)
      return .success(try template.render(context: context, now: TemplateFixture.now))
    } catch let error as ChatTemplateError {
      return .failure(error)
    } catch {
      Issue.record("an error of another type: \(error)")
      return .success("")
    }
  }

  private func check(
    _ source: String, _ context: [String: TemplateValue], text: String?, refusal: String?,
    _ label: String
  ) {
    switch outcome(source, context) {
    case .success(let rendered):
      // Unicode scalars: Swift would call differently composed characters equal.
      #expect(
        text.map { Array($0.unicodeScalars) } == Array(rendered.unicodeScalars), "\(label)")
    case .failure(let error):
      #expect(text == nil, "\(label): \(error)")
      #expect(error.kind != .unsupported, "\(label): \(error)")
      #expect(error.position != nil, "\(label): \(error)")
      #expect(!error.description.contains("\n"), "\(label)")
      if let refusal, !refusal.isEmpty {
        #expect(error.kind == .raised, "\(label): \(error)")
        #expect(error.message == refusal, "\(label)")
      }
    }
  }

  @Test func everyFamilyStyleMatchesOnEveryConversation() throws {
    let fixture = try TemplateFixture.load()
    #expect(fixture.families.count == 5)
    for family in fixture.families {
      #expect(family.results.count == fixture.contexts.count)
      for (index, result) in family.results.enumerated() {
        check(
          family.source, fixture.contexts[index].context, text: result.text,
          refusal: result.error, "\(family.name) \(index)")
      }
    }
  }

  @Test func everyConstructMatches() throws {
    let fixture = try TemplateFixture.load()
    #expect(fixture.constructs.count > 50)
    for construct in fixture.constructs {
      check(
        construct.source, fixture.constructContext.context, text: construct.text,
        refusal: construct.error, construct.source)
    }
  }

  @Test func messagesBecomeTheVariablesOfHuggingFace() throws {
    let template = try ChatTemplate(
      source: "{{ bos_token }}{% for m in messages %}{{ m.role }}={{ m['content'] }};{% endfor %}"
        + "{{ tools is none }}{{ add_generation_prompt }}{{ style }}{{ eos_token }}",
      bosToken: "<b>", eosToken: "<e>")
    let text = try template.render(
      [ChatMessage(role: "user", content: "Hi"), ChatMessage(role: "assistant", content: "")],
      addGenerationPrompt: true, variables: ["style": "plain"])
    #expect(text == "<b>user=Hi;assistant=;TrueTrueplain<e>")
  }

  @Test func aModelWithoutSpecialTokensLeavesThemUndefined() throws {
    let template = try ChatTemplate(source: "[{{ bos_token }}{{ eos_token is defined }}]")
    #expect(try template.render([], addGenerationPrompt: false) == "[False]")
  }

  @Test func toolsKeepTheOrderOfTheirMembers() throws {
    let template = try ChatTemplate(source: "{{ tools[0] | tojson }}")
    let tool: TemplateValue = ["zeta": 1, "alpha": ["b": true, "a": 1.5], "mid": .null]
    let text = try template.render([], addGenerationPrompt: false, tools: [tool])
    #expect(text == #"{"zeta": 1, "alpha": {"b": true, "a": 1.5}, "mid": null}"#)
  }

  @Test func oneTemplateRendersOnManyThreadsAtOnce() async throws {
    let template = try ChatTemplate(
      source: "{% set ns = namespace(n=0) %}{% for i in range(50) %}{% set ns.n = ns.n + i %}"
        + "{% endfor %}{{ ns.n }}{{ who }}")
    let texts = try await withThrowingTaskGroup(of: String.self) { group in
      for index in 0..<32 {
        group.addTask { try template.render(context: ["who": .integer(index)]) }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(texts == Set((0..<32).map { "1225\($0)" }))
  }

  @Test func aTypicalChatRendersInUnderAMillisecond() throws {
    let fixture = try TemplateFixture.load()
    let family = try #require(fixture.families.first { $0.name == "headers" })
    let template = try ChatTemplate(source: family.source, bosToken: "<s>", eosToken: "</s>")
    let messages = [
      ChatMessage(role: "system", content: "Answer briefly."),
      ChatMessage(role: "user", content: String(repeating: "What about this? ", count: 50)),
      ChatMessage(role: "assistant", content: String(repeating: "It is fine. ", count: 50)),
      ChatMessage(role: "user", content: "Thank you."),
    ]
    // The best of several runs, because other processes may be running.
    let best = try (0..<20).map { _ in
      try ContinuousClock().measure { _ = try template.render(messages, addGenerationPrompt: true) }
    }.min()
    #expect(try #require(best) < .milliseconds(1))
  }
}
