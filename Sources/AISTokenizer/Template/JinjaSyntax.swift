/// A parsed expression and its place.
final class JinjaExpression: Sendable {
  indirect enum Kind: Sendable {
    case string(Scalars)
    case integer(Int)
    case float(Double)
    case bool(Bool)
    case none
    case name(JinjaName)
    case list([JinjaExpression])
    case tuple([JinjaExpression])
    case dict([(key: JinjaExpression, value: JinjaExpression)])
    case attribute(JinjaExpression, JinjaName)
    case subscripted(JinjaExpression, JinjaExpression)
    case slice(JinjaExpression, from: JinjaExpression?, to: JinjaExpression?, by: JinjaExpression?)
    case call(JinjaExpression, JinjaArguments)
    /// A filter; without an input it applies to the text of the enclosing block.
    case filter(JinjaExpression?, JinjaName, JinjaArguments)
    case test(JinjaExpression, JinjaName, JinjaArguments)
    case not(JinjaExpression)
    case negated(JinjaExpression)
    case positive(JinjaExpression)
    case and(JinjaExpression, JinjaExpression)
    case or(JinjaExpression, JinjaExpression)
    case comparison(JinjaExpression, [(comparison: JinjaComparison, right: JinjaExpression)])
    case arithmetic(JinjaExpression, JinjaArithmetic, JinjaExpression)
    case concatenation([JinjaExpression])
    case conditional(JinjaExpression, then: JinjaExpression, otherwise: JinjaExpression?)
  }

  let kind: Kind
  let position: TemplatePosition
  /// Number of nodes on the longest path down.
  ///
  /// It is limited, so that evaluating or freeing the tree cannot overflow the stack.
  let depth: Int

  init(_ kind: Kind, at position: TemplatePosition, over children: [JinjaExpression]) throws {
    self.kind = kind
    self.position = position
    depth = 1 + (children.map(\.depth).max() ?? 0)
    guard depth <= TemplateLimits.expressionDepth else {
      throw ChatTemplateError(
        .limit, "expected at most \(TemplateLimits.expressionDepth) nested terms", at: position)
    }
  }
}

/// The arguments of a call, a filter or a test.
struct JinjaArguments: Sendable {
  var positional: [JinjaExpression] = []
  var named: [(name: JinjaName, value: JinjaExpression)] = []

  var expressions: [JinjaExpression] { positional + named.map(\.value) }
}

enum JinjaComparison: String, Sendable {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case isIn = "in"
  case isNotIn = "not in"
}

enum JinjaArithmetic: String, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case floorDivide = "//"
  case remainder = "%"
  case power = "**"
}

/// The target of an assignment or a loop.
indirect enum JinjaTarget: Sendable {
  case name(JinjaName)
  case attribute(JinjaName, JinjaName, TemplatePosition)
  case tuple([JinjaTarget], TemplatePosition)
}

/// A parsed statement, or the text between statements.
indirect enum JinjaStatement: Sendable {
  case text(Scalars)
  case output(JinjaExpression)
  case branches([(condition: JinjaExpression, body: [JinjaStatement])], else: [JinjaStatement])
  case loop(JinjaLoop)
  case assign(JinjaTarget, JinjaExpression)
  case assignBlock(JinjaTarget, filter: JinjaExpression?, [JinjaStatement])
  case macro(JinjaMacro)
  case callBlock(JinjaExpression, JinjaMacro)
  case filterBlock(JinjaExpression, [JinjaStatement])
  case with([(target: JinjaTarget, value: JinjaExpression)], [JinjaStatement])
  case scope([JinjaStatement])
  case breakLoop
  case continueLoop
}

/// `{% for target in iterable if condition %} … {% else %} … {% endfor %}`.
struct JinjaLoop: Sendable {
  let target: JinjaTarget
  let iterable: JinjaExpression
  let condition: JinjaExpression?
  let body: [JinjaStatement]
  let otherwise: [JinjaStatement]
}

/// A macro's signature and body; also the body of a `{% call %}` block.
final class JinjaMacro: Sendable {
  let name: JinjaName
  let parameters: [(name: JinjaName, fallback: JinjaExpression?)]
  let body: [JinjaStatement]

  init(
    name: JinjaName, parameters: [(name: JinjaName, fallback: JinjaExpression?)],
    body: [JinjaStatement]
  ) {
    self.name = name
    self.parameters = parameters
    self.body = body
  }
}
