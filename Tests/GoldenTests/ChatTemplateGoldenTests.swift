import AISKit
import Foundation
import TestSupport
import Testing

/// The default model's file if set-up has fetched it; otherwise `nil` and a line on standard error.
private let defaultModel: String? = {
  let environment = ProcessInfo.processInfo.environment
  let cache =
    environment["AIS_CACHE"]
    ?? FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".cache/ais").path
  let path = "\(cache)/models/SmolLM2-135M-Instruct.Q4_1.gguf"
  if FileManager.default.fileExists(atPath: path) { return path }
  let warning = "*** NO MODEL at \(path): its chat template's test is SKIPPED ***\n"
  FileHandle.standardError.write(Data(warning.utf8))
  return nil
}()

private struct ChatGolden: Decodable {
  struct Chat: Decodable {
    let user: String
    let text: String
  }

  let chat: [Chat]
}

@Suite("The default model's chat template")
struct ChatTemplateGoldenTests {
  // The template is part of the model, so it is read from the model and not kept here.
  @Test(.enabled(if: ReferenceFiles.exist && defaultModel != nil))
  func rendersTheReferenceConversations() throws {
    let folder = try #require(ReferenceFiles.golden)
    let golden = try JSONDecoder().decode(
      ChatGolden.self,
      from: try Data(contentsOf: folder.appendingPathComponent("smollm2/tokens.json")))
    #expect(!golden.chat.isEmpty)
    let model = try GGUFFile(path: try #require(defaultModel))
    let template = try ChatTemplate(
      source: try #require(try model.string("tokenizer.chat_template")),
      bosToken: "<|im_start|>", eosToken: "<|im_end|>")
    for chat in golden.chat {
      let text = try template.render(
        [ChatMessage(role: "user", content: chat.user)], addGenerationPrompt: true)
      #expect(Array(text.unicodeScalars) == Array(chat.text.unicodeScalars))
    }
  }
}
