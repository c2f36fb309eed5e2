import Foundation

/// One turn of a conversation.
public struct ChatMessage: Sendable, Equatable {
  /// Who speaks: `system`, `user`, `assistant`, or what else a template knows.
  public var role: String
  /// What is said.
  public var content: String

  /// A turn of `role` that says `content`.
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
/// blocks. What lies outside it is an error that names the construct and its place; nothing is
/// silently rendered differently. Recursive loops, template inheritance, imports, unpacked
/// arguments, HTML escaping and integers beyond 64 bits are outside.
///
/// One known difference: jinja2 takes a variable of the caller's for undefined inside a block when the
/// template assigns that name further down outside of it; here the caller's value is seen.
///
/// A template comes with a model and is not trusted: it can neither read files nor crash, hang or
/// fill the memory, see `TemplateLimits`.
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
  /// - Throws: `ChatTemplateError` with the place of what is no Jinja or not implemented.
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
  /// - Throws: `ChatTemplateError`; its kind is `raised` where the template itself refuses.
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

  /// The text with any variables; the special tokens are added where `context` has none.
  ///
  /// - Throws: `ChatTemplateError`.
  public func render(context: [String: TemplateValue], now: Date = Date()) throws -> String {
    try render(context: context, now: now, share: 1)
  }

  /// The same, with a share of the steps and characters that templates have: a half for 2.
  package func render(
    context: [String: TemplateValue], now: Date = Date(), share: Int
  ) throws -> String {
    var variables = try context.mapValues { try JinjaValue($0) }
    // A value weighs one for each 64 characters that it has. The special tokens come with the model,
    // as the template does, and so they add nothing to what a template may do.
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
