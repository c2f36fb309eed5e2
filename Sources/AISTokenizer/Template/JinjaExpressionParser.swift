/// The grammar of expressions, from the loosest binding to the tightest.
extension JinjaParser {
  /// One expression, or several with commas between them, which make a tuple.
  mutating func parseTuple(
    conditional: Bool, endedBy ender: JinjaName? = nil, inParentheses: Bool = false
  ) throws -> JinjaExpression {
    let position = current.position
    var items: [JinjaExpression] = []
    var isTuple = false
    while !endsTuple(ender) {
      items.append(try parseExpression(conditional: conditional))
      guard skip(symbol: ",") else { break }
      isTuple = true
    }
    if !isTuple {
      if let only = items.first { return only }
      guard inParentheses else { throw unexpected("an expression") }
    }
    return try JinjaExpression(.tuple(items), at: position, over: items)
  }

  private func endsTuple(_ ender: JinjaName?) -> Bool {
    switch current.kind {
    case .outputEnd, .blockEnd, .symbol(")"): true
    case .name(let name): name == ender
    default: false
    }
  }

  mutating func parseExpression(conditional: Bool = true) throws -> JinjaExpression {
    try nested { conditional ? try $0.parseConditional() : try $0.parseOr() }
  }

  private mutating func parseConditional() throws -> JinjaExpression {
    let position = current.position
    var value = try parseOr()
    while skip(word: "if") {
      let condition = try parseOr()
      let other = skip(word: "else") ? try nested { try $0.parseConditional() } : nil
      value = try JinjaExpression(
        .conditional(condition, then: value, otherwise: other), at: position,
        over: [value, condition] + (other.map { [$0] } ?? []))
    }
    return value
  }

  private mutating func parseOr() throws -> JinjaExpression {
    let position = current.position
    var left = try parseAnd()
    while skip(word: "or") {
      let right = try parseAnd()
      left = try JinjaExpression(.or(left, right), at: position, over: [left, right])
    }
    return left
  }

  private mutating func parseAnd() throws -> JinjaExpression {
    let position = current.position
    var left = try parseNot()
    while skip(word: "and") {
      let right = try parseNot()
      left = try JinjaExpression(.and(left, right), at: position, over: [left, right])
    }
    return left
  }

  private mutating func parseNot() throws -> JinjaExpression {
    let position = current.position
    guard skip(word: "not") else { return try parseComparison() }
    let operand = try nested { try $0.parseNot() }
    return try JinjaExpression(.not(operand), at: position, over: [operand])
  }

  private mutating func parseComparison() throws -> JinjaExpression {
    let position = current.position
    let left = try parseSum()
    var steps: [(comparison: JinjaComparison, right: JinjaExpression)] = []
    while let comparison = takeComparison() {
      steps.append((comparison, try parseSum()))
    }
    guard !steps.isEmpty else { return left }
    return try JinjaExpression(
      .comparison(left, steps), at: position, over: [left] + steps.map(\.right))
  }

  private mutating func takeComparison() -> JinjaComparison? {
    switch current.kind {
    case .symbol(let symbol):
      guard let comparison = JinjaComparison(rawValue: symbol) else { return nil }
      advance()
      return comparison
    case .name("in"):
      advance()
      return .isIn
    case .name("not") where next.kind == .name("in"):
      advance()
      advance()
      return .isNotIn
    default:
      return nil
    }
  }

  private mutating func takeArithmetic(_ operators: [JinjaArithmetic]) -> JinjaArithmetic? {
    guard case .symbol(let symbol) = current.kind,
      let found = operators.first(where: { $0.rawValue == symbol })
    else { return nil }
    advance()
    return found
  }

  private mutating func parseSum() throws -> JinjaExpression {
    let position = current.position
    var left = try parseConcatenation()
    while let sign = takeArithmetic([.add, .subtract]) {
      let right = try parseConcatenation()
      left = try JinjaExpression(
        .arithmetic(left, sign, right), at: position, over: [left, right])
    }
    return left
  }

  private mutating func parseConcatenation() throws -> JinjaExpression {
    let position = current.position
    var parts = [try parseProduct()]
    while skip(symbol: "~") { parts.append(try parseProduct()) }
    if parts.count == 1 { return parts[0] }
    return try JinjaExpression(.concatenation(parts), at: position, over: parts)
  }

  private mutating func parseProduct() throws -> JinjaExpression {
    let position = current.position
    var left = try parsePower()
    while let sign = takeArithmetic([.multiply, .divide, .floorDivide, .remainder]) {
      let right = try parsePower()
      left = try JinjaExpression(
        .arithmetic(left, sign, right), at: position, over: [left, right])
    }
    return left
  }

  // Unlike Python's, Jinja's `**` groups from the left.
  private mutating func parsePower() throws -> JinjaExpression {
    let position = current.position
    var left = try parseUnary(allowsFilter: true)
    while skip(symbol: "**") {
      let right = try parseUnary(allowsFilter: true)
      left = try JinjaExpression(
        .arithmetic(left, .power, right), at: position, over: [left, right])
    }
    return left
  }

  private mutating func parseUnary(allowsFilter: Bool) throws -> JinjaExpression {
    let position = current.position
    var value: JinjaExpression
    if skip(symbol: "-") {
      let operand = try nested { try $0.parseUnary(allowsFilter: false) }
      value = try JinjaExpression(.negated(operand), at: position, over: [operand])
    } else if skip(symbol: "+") {
      let operand = try nested { try $0.parseUnary(allowsFilter: false) }
      value = try JinjaExpression(.positive(operand), at: position, over: [operand])
    } else {
      value = try parsePrimary()
    }
    value = try parsePostfix(value)
    guard allowsFilter else { return value }
    while true {
      if current.kind == .symbol("|") {
        value = try parseFilters(value, startsInline: false)
      } else if current.kind == .name("is") {
        value = try parseTest(value)
      } else if current.kind == .symbol("(") {
        value = try parseCall(value)
      } else {
        return value
      }
    }
  }

  private mutating func parsePrimary() throws -> JinjaExpression {
    let position = current.position
    func leaf(_ kind: JinjaExpression.Kind) throws -> JinjaExpression {
      try JinjaExpression(kind, at: position, over: [])
    }
    switch current.kind {
    case .name(let name):
      advance()
      switch name {
      case "true", "True": return try leaf(.bool(true))
      case "false", "False": return try leaf(.bool(false))
      case "none", "None": return try leaf(.none)
      default: return try leaf(.name(name))
      }
    case .string(var text):
      advance()
      while case .string(let more) = current.kind {
        text += more
        advance()
      }
      return try leaf(.string(text))
    case .integer(let value):
      advance()
      return try leaf(.integer(value))
    case .float(let value):
      advance()
      return try leaf(.float(value))
    case .symbol("("):
      advance()
      let value = try parseTuple(conditional: true, inParentheses: true)
      try expect(symbol: ")")
      return value
    case .symbol("["):
      advance()
      return try parseList(at: position)
    case .symbol("{"):
      advance()
      return try parseDict(at: position)
    default:
      throw unexpected("an expression")
    }
  }

  private mutating func parseList(at position: TemplatePosition) throws -> JinjaExpression {
    var items: [JinjaExpression] = []
    while !skip(symbol: "]") {
      if !items.isEmpty {
        try expect(symbol: ",")
        if skip(symbol: "]") { break }
      }
      items.append(try parseExpression())
    }
    return try JinjaExpression(.list(items), at: position, over: items)
  }

  private mutating func parseDict(at position: TemplatePosition) throws -> JinjaExpression {
    var pairs: [(key: JinjaExpression, value: JinjaExpression)] = []
    while !skip(symbol: "}") {
      if !pairs.isEmpty {
        try expect(symbol: ",")
        if skip(symbol: "}") { break }
      }
      let key = try parseExpression()
      try expect(symbol: ":")
      pairs.append((key, try parseExpression()))
    }
    return try JinjaExpression(
      .dict(pairs), at: position, over: pairs.flatMap { [$0.key, $0.value] })
  }

  private mutating func parsePostfix(_ start: JinjaExpression) throws -> JinjaExpression {
    var value = start
    while true {
      let position = current.position
      if skip(symbol: ".") {
        if case .integer(let index) = current.kind {
          advance()
          let key = try JinjaExpression(.integer(index), at: position, over: [])
          value = try JinjaExpression(.subscripted(value, key), at: position, over: [value])
        } else {
          value = try JinjaExpression(
            .attribute(value, try expectName()), at: position, over: [value])
        }
      } else if skip(symbol: "[") {
        value = try parseSubscript(of: value, at: position)
        try expect(symbol: "]")
      } else if current.kind == .symbol("(") {
        value = try parseCall(value)
      } else {
        return value
      }
    }
  }

  private mutating func parseSubscript(
    of value: JinjaExpression, at position: TemplatePosition
  ) throws -> JinjaExpression {
    let lower = current.kind == .symbol(":") ? nil : try parseExpression()
    guard skip(symbol: ":") else {
      guard let key = lower else { throw unexpected("an index") }
      if current.kind == .symbol(",") {
        throw unsupported("an index with several parts", at: position)
      }
      return try JinjaExpression(.subscripted(value, key), at: position, over: [value, key])
    }
    func isBound(_ parser: JinjaParser) -> Bool {
      parser.current.kind != .symbol(":") && parser.current.kind != .symbol("]")
    }
    let upper = isBound(self) ? try parseExpression() : nil
    let step = skip(symbol: ":") && isBound(self) ? try parseExpression() : nil
    return try JinjaExpression(
      .slice(value, from: lower, to: upper, by: step), at: position,
      over: [value] + [lower, upper, step].compactMap { $0 })
  }

  private mutating func parseCall(_ callee: JinjaExpression) throws -> JinjaExpression {
    let arguments = try parseArguments()
    return try JinjaExpression(
      .call(callee, arguments), at: callee.position, over: [callee] + arguments.expressions)
  }

  private mutating func parseArguments() throws -> JinjaArguments {
    var arguments = JinjaArguments()
    try expect(symbol: "(")
    while !skip(symbol: ")") {
      if !arguments.positional.isEmpty || !arguments.named.isEmpty {
        try expect(symbol: ",")
        if skip(symbol: ")") { break }
      }
      try limitArguments(arguments.positional.count + arguments.named.count)
      if current.kind == .symbol("*") || current.kind == .symbol("**") {
        throw unsupported("an unpacked argument", at: current.position)
      }
      if case .name(let name) = current.kind, next.kind == .symbol("=") {
        advance()
        advance()
        arguments.named.append((name, try parseExpression()))
      } else {
        guard arguments.named.isEmpty else { throw unexpected("a named argument") }
        arguments.positional.append(try parseExpression())
      }
    }
    return arguments
  }

  /// Refuses one more argument or parameter than there may be.
  func limitArguments(_ count: Int) throws {
    guard count < TemplateLimits.arguments else {
      throw ChatTemplateError(
        .limit, "expected at most \(TemplateLimits.arguments) arguments", at: current.position)
    }
  }

  /// `| name(arguments)` any number of times; `startsInline` where the first has no bar.
  mutating func parseFilters(
    _ input: JinjaExpression?, startsInline: Bool
  ) throws -> JinjaExpression {
    var value = input
    var isFirst = startsInline
    while isFirst || current.kind == .symbol("|") {
      if !isFirst { advance() }
      isFirst = false
      let position = current.position
      let name = try parseDottedName()
      let arguments = current.kind == .symbol("(") ? try parseArguments() : JinjaArguments()
      value = try JinjaExpression(
        .filter(value, name, arguments), at: position,
        over: (value.map { [$0] } ?? []) + arguments.expressions)
    }
    guard let value else { throw unexpected("a filter") }
    return value
  }

  private mutating func parseDottedName() throws -> JinjaName {
    var name = try expectName().text
    while skip(symbol: ".") {
      name += "." + (try expectName().text)
      guard name.utf8.count <= 4 * TemplateLimits.name else {
        throw unexpected("a name of at most \(TemplateLimits.name) characters")
      }
    }
    return JinjaName(name)
  }

  private mutating func parseTest(_ value: JinjaExpression) throws -> JinjaExpression {
    advance()
    let position = current.position
    let isNegated = skip(word: "not")
    let name = try parseDottedName()
    var arguments = JinjaArguments()
    if current.kind == .symbol("(") {
      arguments = try parseArguments()
    } else if startsTestArgument {
      if current.kind == .name("is") { throw unexpected("one test, not a chain of them") }
      arguments.positional = [try nested { try $0.parsePostfix(try $0.parsePrimary()) }]
    }
    let test = try JinjaExpression(
      .test(value, name, arguments), at: position, over: [value] + arguments.expressions)
    return isNegated ? try JinjaExpression(.not(test), at: position, over: [test]) : test
  }

  private var startsTestArgument: Bool {
    switch current.kind {
    case .name(let name): !["else", "or", "and"].contains(name)
    case .string, .integer, .float, .symbol("["), .symbol("{"): true
    default: false
    }
  }
}
