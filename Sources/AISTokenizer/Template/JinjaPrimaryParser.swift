/// Names, literals, brackets, and what follows them: members, calls, filters and tests.
extension JinjaParser {
  mutating func parsePrimary() throws -> JinjaExpression {
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

  mutating func parsePostfix(_ start: JinjaExpression) throws -> JinjaExpression {
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

  mutating func parseCall(_ callee: JinjaExpression) throws -> JinjaExpression {
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

  /// Refuses a further argument or parameter if there are already as many as allowed.
  func limitArguments(_ count: Int) throws {
    guard count < TemplateLimits.arguments else {
      throw ChatTemplateError(
        .limit, "expected at most \(TemplateLimits.arguments) arguments", at: current.position)
    }
  }

  /// `| name(arguments)` any number of times; with `startsInline`, the first has no bar.
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

  mutating func parseTest(_ value: JinjaExpression) throws -> JinjaExpression {
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
