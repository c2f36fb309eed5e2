import Foundation

/// One turn of a conversation.
public struct ChatMessage: Sendable, Equatable {
  /// The speaker: `system`, `user`, `assistant`, or another role that the template knows.
  public var role: String
  /// The text of the turn.
  public var content: String

  /// A turn of `role` with the text `content`.
  public init(role: String, content: String) {
    self.role = role
    self.content = content
  }

  /// The message as templates read it.
  public var templateValue: TemplateValue {
    ["role": .string(role), "content": .string(content)]
  }
}

/// The Jinja template that turns a conversation into the text that a model was trained on.
///
/// This is the part of Jinja2 that published chat templates use, in the environment that Hugging
/// Face's `apply_chat_template` sets up: `trim_blocks`, `lstrip_blocks`, loop controls, an immutable
/// sandbox, `raise_exception`, `strftime_now`, a `tojson` without HTML escapes, and `{% generation %}`
/// blocks. Anything else is an error that names the construct and its place; nothing is silently
/// rendered differently. Not supported are recursive loops, template inheritance, imports, unpacked
/// arguments, HTML escaping and integers beyond 64 bits.
///
/// One known difference: if a template assigns a caller's variable after a block, jinja2 treats that
/// variable as undefined inside the block; here the block sees the caller's value.
///
/// A template comes with a model and is not trusted. It cannot read files, crash, hang or exhaust the
/// memory; see `TemplateLimits`.
public struct ChatTemplate: Sendable {
  private let statements: [JinjaStatement]
  private let bosToken: String?
  private let eosToken: String?

  /// Parses a template, once.
  ///
  /// - Parameters:
  ///   - source: The text of `chat_template` or `tokenizer.chat_template`.
  ///   - bosToken: The text of the token that begins a sequence, as `bos_token`.
  ///   - eosToken: The text of the token that ends a sequence, as `eos_token`.
  /// - Throws: `ChatTemplateError` with the place of a syntax error or an unsupported construct.
  public init(source: String, bosToken: String? = nil, eosToken: String? = nil) throws {
    statements = try JinjaParser.parse(source)
    self.bosToken = bosToken
    self.eosToken = eosToken
  }

  /// The text of a conversation.
  ///
  /// - Parameters:
  ///   - messages: The turns, in order.
  ///   - addGenerationPrompt: Whether the opening of an assistant's turn follows.
  ///   - tools: Tool descriptions as JSON schemas; `null` as Hugging Face passes none.
  ///   - variables: Further variables that the template may read, such as `enable_thinking`.
  ///   - now: What `strftime_now` formats, in the local time zone.
  /// - Returns: The text, special tokens included.
  /// - Throws: `ChatTemplateError`; its kind is `raised` if the template itself refuses.
  public func render(
    _ messages: [ChatMessage], addGenerationPrompt: Bool, tools: TemplateValue = .null,
    variables: [String: TemplateValue] = [:], now: Date = Date()
  ) throws -> String {
    var context = variables
    context["messages"] = .array(messages.map(\.templateValue))
    context["tools"] = tools
    context["documents"] = context["documents"] ?? .null
    context["add_generation_prompt"] = .bool(addGenerationPrompt)
    return try render(context: context, now: now)
  }

  /// The text with any variables; special tokens that `context` does not have are added.
  ///
  /// - Throws: `ChatTemplateError`.
  public func render(context: [String: TemplateValue], now: Date = Date()) throws -> String {
    try render(context: context, now: now, share: 1)
  }

  /// The same, with limits divided by `share`: 2 allows half of the steps and characters.
  package func render(
    context: [String: TemplateValue], now: Date = Date(), share: Int
  ) throws -> String {
    var variables = try context.mapValues { try JinjaValue($0) }
    // A value has a weight of one for each 64 characters. The special tokens come with the model, as
    // the template does, so they do not raise the limits.
    let weight = variables.values.reduce(0) { $0 + $1.weight }
    let budget = TemplateBudget(inputCharacters: 64 * weight, share: share)
    for (name, token) in [("bos_token", bosToken), ("eos_token", eosToken)] {
      if let token, variables[name] == nil { variables[name] = .text(token) }
    }
    return try JinjaInterpreter.render(
      statements,
      variables: Dictionary(uniqueKeysWithValues: variables.map { (JinjaName($0), $1) }),
      now: now, budget
    ).text
  }
}

extension JinjaValue {
  /// The value that a template sees.
  init(_ value: TemplateValue, depth: Int = 0) throws {
    guard depth < TemplateLimits.valueNesting else {
      throw ChatTemplateError(
        .limit, "expected at most \(TemplateLimits.valueNesting) lists inside lists")
    }
    switch value {
    case .null: self = .none
    case .bool(let value): self = .bool(value)
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .float(value)
    case .string(let text): self = .text(text)
    case .array(let items):
      self = .list(try JinjaList(try items.map { try JinjaValue($0, depth: depth + 1) }))
    case .object(let members):
      self = .dict(
        try JinjaDict(
          try members.map { (.text($0.name), try JinjaValue($0.value, depth: depth + 1)) }))
    }
  }
}
