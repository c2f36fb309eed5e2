/// Parses tokens into statements.
///
/// `JinjaExpressionParser.swift` and `JinjaPrimaryParser.swift` have the grammar of expressions.
struct JinjaParser {
  private let tokens: [JinjaToken]
  private var index = 0
  private var nesting = 0
  private var loops = 0

  /// Statements of `source`.
  static func parse(_ source: String) throws -> [JinjaStatement] {
    var parser = JinjaParser(tokens: try JinjaLexer.tokens(of: source))
    return try parser.parseBody(until: [], opener: parser.current)
  }

  private init(tokens: [JinjaToken]) { self.tokens = tokens }

  // MARK: Tokens

  // The last token is always `end`, and the parser does not advance beyond it.
  var current: JinjaToken { tokens[index] }
  var next: JinjaToken { tokens[min(index + 1, tokens.count - 1)] }

  mutating func advance() {
    if index + 1 < tokens.count { index += 1 }
  }

  mutating func skip(symbol: String) -> Bool {
    guard current.kind == .symbol(symbol) else { return false }
    advance()
    return true
  }

  mutating func skip(word: JinjaName) -> Bool {
    guard current.kind == .name(word) else { return false }
    advance()
    return true
  }

  mutating func expect(symbol: String) throws {
    guard skip(symbol: symbol) else { throw unexpected("'\(symbol)'") }
  }

  mutating func expectName() throws -> JinjaName {
    guard case .name(let name) = current.kind else { throw unexpected("a name") }
    advance()
    return name
  }

  func unexpected(_ expected: String) -> ChatTemplateError {
    ChatTemplateError(
      .syntax, "expected \(expected), found \(current.name)", at: current.position)
  }

  func unsupported(_ construct: String, at position: TemplatePosition) -> ChatTemplateError {
    ChatTemplateError(
      .unsupported, "\(construct) is outside the part of Jinja that is implemented", at: position)
  }

  mutating func nested<Result>(
    _ parse: (inout JinjaParser) throws -> Result
  ) throws -> Result {
    guard nesting < TemplateLimits.sourceNesting else {
      throw ChatTemplateError(
        .limit, "expected at most \(TemplateLimits.sourceNesting) nested blocks and brackets",
        at: current.position)
    }
    nesting += 1
    defer { nesting -= 1 }
    return try parse(&self)
  }

  // MARK: Statements

  /// Statements up to a tag in `enders`; the current token is then that tag's name, after `{%`.
  private mutating func parseBody(
    until enders: Set<JinjaName>, opener: JinjaToken
  ) throws -> [JinjaStatement] {
    var body: [JinjaStatement] = []
    while true {
      switch current.kind {
      case .text(let text):
        advance()
        body.append(.text(text))
      case .outputBegin:
        advance()
        body.append(.output(try parseTuple(conditional: true)))
        guard current.kind == .outputEnd else { throw unexpected("'}}'") }
        advance()
      case .blockBegin:
        advance()
        if case .name(let tag) = current.kind, enders.contains(tag) { return body }
        body.append(try nested { try $0.parseStatement() })
        guard current.kind == .blockEnd else { throw unexpected("'%}'") }
        advance()
      case .end where enders.isEmpty:
        return body
      case .end:
        let wanted = enders.map(\.text).sorted().map { "{% \($0) %}" }.joined(separator: " or ")
        throw ChatTemplateError(
          .syntax, "expected \(wanted) for this block, found the end of the template",
          at: opener.position)
      default:
        throw unexpected("text or a tag")
      }
    }
  }

  /// The rest of an opening tag, then its body up to one of `enders`.
  private mutating func parseBlock(
    until enders: Set<JinjaName>, opener: JinjaToken
  ) throws -> [JinjaStatement] {
    _ = skip(symbol: ":")
    guard current.kind == .blockEnd else { throw unexpected("'%}'") }
    advance()
    return try parseBody(until: enders, opener: opener)
  }

  private mutating func parseBlock(
    closedBy ender: JinjaName, opener: JinjaToken
  ) throws -> [JinjaStatement] {
    let body = try parseBlock(until: [ender], opener: opener)
    advance()
    return body
  }

  private mutating func parseStatement() throws -> JinjaStatement {
    let opener = current
    guard case .name(let tag) = opener.kind else { throw unexpected("the name of a tag") }
    advance()
    switch tag {
    case "if": return try parseIf(opener)
    case "for": return try parseFor(opener)
    case "set": return try parseSet(opener)
    case "macro": return try parseMacro(opener)
    case "call": return try parseCallBlock(opener)
    case "with": return try parseWith(opener)
    case "filter":
      let filter = try parseFilters(nil, startsInline: true)
      return .filterBlock(filter, try parseBlock(closedBy: "endfilter", opener: opener))
    case "generation":
      let body = try outsideLoops { try $0.parseBlock(closedBy: "endgeneration", opener: opener) }
      return .scope(body)
    case "break", "continue":
      guard loops > 0 else {
        throw ChatTemplateError(.syntax, "expected '\(tag)' only in a loop", at: opener.position)
      }
      return tag == "break" ? .breakLoop : .continueLoop
    case "block", "extends", "include", "import", "from", "autoescape", "print":
      throw unsupported("{% \(tag) %}", at: opener.position)
    default:
      throw ChatTemplateError(
        .syntax, "expected a tag that Jinja knows, found '\(tag)'", at: opener.position)
    }
  }

  /// Parses a body that Jinja compiles to a function; it cannot break or continue an outer loop.
  private mutating func outsideLoops<Result>(
    _ parse: (inout JinjaParser) throws -> Result
  ) rethrows -> Result {
    let outer = loops
    loops = 0
    defer { loops = outer }
    return try parse(&self)
  }

  private mutating func parseIf(_ opener: JinjaToken) throws -> JinjaStatement {
    var branches: [(condition: JinjaExpression, body: [JinjaStatement])] = []
    while true {
      let condition = try parseTuple(conditional: false)
      let body = try parseBlock(until: ["elif", "else", "endif"], opener: opener)
      branches.append((condition, body))
      if skip(word: "elif") { continue }
      if skip(word: "else") {
        return .branches(branches, else: try parseBlock(closedBy: "endif", opener: opener))
      }
      advance()
      return .branches(branches, else: [])
    }
  }

  private mutating func parseFor(_ opener: JinjaToken) throws -> JinjaStatement {
    let target = try parseTarget(allowsAttribute: false)
    guard skip(word: "in") else { throw unexpected("'in'") }
    let iterable = try parseTuple(conditional: false, endedBy: "recursive")
    let condition = skip(word: "if") ? try parseExpression() : nil
    if current.kind == .name("recursive") {
      throw unsupported("a recursive loop", at: current.position)
    }
    loops += 1
    let body = try parseBlock(until: ["endfor", "else"], opener: opener)
    loops -= 1
    let hasElse = current.kind == .name("else")
    advance()
    let otherwise = hasElse ? try parseBlock(closedBy: "endfor", opener: opener) : []
    return .loop(
      JinjaLoop(
        target: target, iterable: iterable, condition: condition, body: body,
        otherwise: otherwise))
  }

  private mutating func parseSet(_ opener: JinjaToken) throws -> JinjaStatement {
    let target = try parseTarget(allowsAttribute: true)
    if skip(symbol: "=") { return .assign(target, try parseTuple(conditional: true)) }
    let filter =
      current.kind == .symbol("|") ? try parseFilters(nil, startsInline: false) : nil
    return .assignBlock(
      target, filter: filter, try parseBlock(closedBy: "endset", opener: opener))
  }

  private mutating func parseWith(_ opener: JinjaToken) throws -> JinjaStatement {
    var bindings: [(target: JinjaTarget, value: JinjaExpression)] = []
    while current.kind != .blockEnd {
      if !bindings.isEmpty { try expect(symbol: ",") }
      let target = try parseTarget(allowsAttribute: false)
      try expect(symbol: "=")
      bindings.append((target, try parseExpression()))
    }
    return .with(bindings, try parseBlock(closedBy: "endwith", opener: opener))
  }

  private mutating func parseMacro(_ opener: JinjaToken) throws -> JinjaStatement {
    let name = try assignable(try expectName(), at: opener.position)
    let parameters = try parseSignature()
    let body = try outsideLoops { try $0.parseBlock(closedBy: "endmacro", opener: opener) }
    return .macro(JinjaMacro(name: name, parameters: parameters, body: body))
  }

  private mutating func parseCallBlock(_ opener: JinjaToken) throws -> JinjaStatement {
    let parameters = current.kind == .symbol("(") ? try parseSignature() : []
    let call = try parseExpression()
    guard case .call = call.kind else {
      throw ChatTemplateError(.syntax, "expected a call", at: call.position)
    }
    let body = try outsideLoops { try $0.parseBlock(closedBy: "endcall", opener: opener) }
    return .callBlock(call, JinjaMacro(name: "caller", parameters: parameters, body: body))
  }

  private mutating func parseSignature() throws -> [(name: JinjaName, fallback: JinjaExpression?)] {
    var parameters: [(name: JinjaName, fallback: JinjaExpression?)] = []
    try expect(symbol: "(")
    while !skip(symbol: ")") {
      if !parameters.isEmpty { try expect(symbol: ",") }
      try limitArguments(parameters.count)
      let position = current.position
      let name = try assignable(try expectName(), at: position)
      let fallback = skip(symbol: "=") ? try parseExpression() : nil
      if fallback == nil, let last = parameters.last, last.fallback != nil {
        throw ChatTemplateError(
          .syntax, "expected a default for '\(name)' after a parameter with one", at: position)
      }
      parameters.append((name, fallback))
    }
    return parameters
  }

  // MARK: Targets

  private func assignable(_ name: JinjaName, at position: TemplatePosition) throws -> JinjaName {
    if ["true", "false", "none", "True", "False", "None"].contains(name) {
      throw ChatTemplateError(.syntax, "expected a name to assign to, found \(name)", at: position)
    }
    return name
  }

  private mutating func parseTarget(allowsAttribute: Bool) throws -> JinjaTarget {
    let position = current.position
    var targets: [JinjaTarget] = []
    repeat {
      if !targets.isEmpty, endsTarget { return .tuple(targets, position) }
      targets.append(try parseTargetItem(allowsAttribute: allowsAttribute))
      if current.kind != .symbol(","), targets.count == 1 { return targets[0] }
    } while skip(symbol: ",")
    return .tuple(targets, position)
  }

  private var endsTarget: Bool {
    switch current.kind {
    case .blockEnd, .name("in"), .symbol(")"), .symbol("="): true
    default: false
    }
  }

  private mutating func parseTargetItem(allowsAttribute: Bool) throws -> JinjaTarget {
    let position = current.position
    if skip(symbol: "(") {
      let target = try nested { try $0.parseTarget(allowsAttribute: allowsAttribute) }
      try expect(symbol: ")")
      return target
    }
    let name = try assignable(try expectName(), at: position)
    guard allowsAttribute, skip(symbol: ".") else { return .name(name) }
    return .attribute(name, try expectName(), position)
  }
}
