/// The limits of a template; exceeding one is an error.
///
/// A chat template comes with a downloaded model, so it is not trusted. Each limit turns a hang, a
/// huge allocation or a stack overflow into an error. Real templates stay far below all of them.
enum TemplateLimits {
  /// Characters (here always Unicode scalars) of the template's source.
  static let source = 1 << 18
  /// The most bytes that `source` characters can have.
  static let sourceBytes = 4 * source
  /// Characters of one name, because the cost of a look-up grows with its length.
  static let name = 255
  /// Arguments of one call, and parameters of one macro.
  static let arguments = 255
  /// Nested blocks and brackets in the source.
  static let sourceNesting = 60
  /// Nodes on the longest path of one expression, such as the terms of a long sum.
  static let expressionDepth = 160
  /// Nested evaluations, macro calls included.
  static let evaluationDepth = 480
  /// Steps of one rendering, see `TemplateBudget`; a conversation adds further ones.
  static let steps = 1 << 22
  /// Further steps for each character of the conversation.
  static let stepsPerCharacter = 16
  /// Characters that one rendering may make in all, copies included; a conversation adds further ones.
  static let characters = 1 << 26
  /// Further characters for each character of the conversation.
  static let charactersPerCharacter = 64
  /// Characters of the rendered text, because a tokenizer has to encode it.
  static let rendering = 1 << 18
  /// Further characters of the rendered text for each character of the conversation.
  static let renderingPerCharacter = 16
  /// Characters of any single text except the rendered one; a conversation adds further ones.
  static let text = 1 << 22
  /// Further characters of a single text for each character of the conversation.
  static let textPerCharacter = 8
  /// Elements in one list.
  static let elements = 1 << 20
  /// Depth of nested lists.
  static let valueNesting = 64
  /// Elements of one `range`, as in jinja2's sandbox.
  static let range = 100_000
}
