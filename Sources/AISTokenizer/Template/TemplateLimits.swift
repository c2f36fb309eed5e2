/// What a template may consume before rendering it becomes an error.
///
/// A chat template comes with a downloaded model, so it is untrusted: each limit turns a hang, a
/// huge allocation or a stack overflow into an error. Real templates stay far below all of them.
enum TemplateLimits {
  /// Characters (Unicode scalars, as everywhere here) of template source.
  static let source = 1 << 18
  /// Bytes that so many characters have at most.
  static let sourceBytes = 4 * source
  /// Characters of one name, written or made: looking one up costs as much as it is long.
  static let name = 255
  /// Arguments of one call, and parameters of one macro.
  static let arguments = 255
  /// Nested blocks and brackets in the source.
  static let sourceNesting = 60
  /// Nodes on the longest path of one expression, such as the terms of a long sum.
  static let expressionDepth = 160
  /// Evaluations under way at once, macro calls included.
  static let evaluationDepth = 480
  /// Steps of one rendering, see `TemplateBudget`; the conversation adds to them.
  static let steps = 1 << 22
  /// Further steps for each character of the conversation.
  static let stepsPerCharacter = 16
  /// Characters that one rendering may make in all, copies counted; the conversation adds to them.
  static let characters = 1 << 26
  /// Further characters for each one of the conversation.
  static let charactersPerCharacter = 64
  /// Characters of the rendered text, which a tokenizer then has to encode.
  static let rendering = 1 << 18
  /// Further characters of the rendered text for each one of the conversation.
  static let renderingPerCharacter = 16
  /// Characters in any one text that is not rendered as it is; the conversation adds to them.
  static let text = 1 << 22
  /// Further characters of one text for each one of the conversation.
  static let textPerCharacter = 8
  /// Elements in one list.
  static let elements = 1 << 20
  /// Lists inside lists.
  static let valueNesting = 64
  /// Elements of one `range`, as in jinja2's sandbox.
  static let range = 100_000
}
