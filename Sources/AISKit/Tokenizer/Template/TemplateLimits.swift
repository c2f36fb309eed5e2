/// What a template may consume before rendering it becomes an error.
///
/// A chat template comes with a downloaded model, so it is untrusted: each limit turns a hang, a
/// huge allocation or a stack overflow into an error. Real templates stay far below all of them.
enum TemplateLimits {
  /// Scalars of template source.
  static let source = 1 << 20
  /// Nested blocks and brackets in the source.
  static let sourceNesting = 60
  /// Nodes on the longest path of one expression, such as the terms of a long sum.
  static let expressionDepth = 160
  /// Evaluations under way at once, macro calls included.
  static let evaluationDepth = 480
  /// Evaluated nodes, loop turns and copied elements of one rendering.
  static let steps = 20_000_000
  /// Scalars in the output or in any one string.
  static let text = 1 << 24
  /// Elements in one list.
  static let elements = 1 << 20
  /// Lists inside lists.
  static let valueNesting = 64
  /// Elements of one `range`, as in jinja2's sandbox.
  static let range = 100_000
}
