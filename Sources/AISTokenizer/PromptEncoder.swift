import AISBase
import AISCheckpoint
import Foundation

/// Turns text into tokens as the model expects it: by its tokenizer and, if it has one, its chat
/// template.
public struct PromptEncoder: Sendable {
  /// The model's tokenizer.
  public let tokenizer: Tokenizer
  private let path: String
  private let templateSource: String?
  private let bosToken: String?
  private let eosToken: String?

  /// Reads the tokenizer, and the template's text, of a GGUF file or a Hugging Face folder.
  ///
  /// - Throws: `TokenizerError` and `CheckpointError` for absent or malformed files.
  public init(_ checkpoint: Checkpoint) throws {
    path = checkpoint.path
    let tokenizer: Tokenizer
    switch checkpoint {
    case .gguf(let file):
      tokenizer = try Tokenizer(gguf: file)
      templateSource = try file.string("tokenizer.chat_template")
    case .huggingFace(let folder):
      tokenizer = try Tokenizer(huggingFace: folder)
      templateSource = try Self.templateSource(of: folder)
    }
    func spelling(_ id: Int32?) -> String? {
      id.map { String(decoding: tokenizer.bytes(of: $0), as: UTF8.self) }
    }
    self.tokenizer = tokenizer
    bosToken = spelling(tokenizer.bosID)
    eosToken = spelling(tokenizer.eosID)
  }

  /// True if the model has a chat template.
  public var hasChatTemplate: Bool { templateSource != nil }

  /// The ids of a plain text, which begin with BOS if the model's texts do.
  ///
  /// - Throws: `TokenizerError`, as `Tokenizer.encode`.
  public func encode(_ text: String) throws -> [Int32] { try tokenizer.encode(text) }

  /// A conversation in the model's own format, ready for its answer.
  ///
  /// - Throws: `RequestError` if the model has no template, `ChatTemplateError`.
  public func render(_ messages: [ChatMessage]) throws -> String {
    guard let templateSource else {
      throw RequestError(path, expected: "a model with a chat template", found: "none")
    }
    let template = try ChatTemplate(
      source: templateSource, bosToken: bosToken, eosToken: eosToken)
    return try template.render(messages, addGenerationPrompt: true)
  }

  /// The ids of a conversation in the model's own format.
  ///
  /// If the template writes BOS, no second one is added.
  ///
  /// - Throws: as `render(_:)`, and `TokenizerError`.
  public func encode(chat messages: [ChatMessage]) throws -> [Int32] {
    try tokenizer.encode(try render(messages))
  }

  /// The text of the folder's template for conversations, if it has one.
  ///
  /// Newer folders have the template in a separate file. Older ones have it in tokenizer_config.json,
  /// as one text or as several with names, of which "default" is for conversations.
  private static func templateSource(of folder: HuggingFaceFolder) throws -> String? {
    if let url = folder.chatTemplateURL {
      let file = try MappedFile(path: url.path)
      // One byte above the limit is enough for the parser to refuse it.
      return file.withUnsafeBytes {
        String(decoding: $0.prefix(TemplateLimits.sourceBytes + 1), as: UTF8.self)
      }
    }
    guard let url = folder.tokenizerConfigURL else { return nil }
    let config = try JSONSection(contentsOf: url.path)
    guard let named = config["chat_template"]?.array else {
      return try config.stringIfPresent("chat_template")
    }
    return named.first { $0.object?["name"]?.string == "default" }?.object?["template"]?.string
  }
}
