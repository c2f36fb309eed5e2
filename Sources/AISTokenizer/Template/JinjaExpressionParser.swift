/// The grammar of operators, from the loosest binding to the tightest.
extension JinjaParser {
  /// One expression, or a tuple of several that are separated by commas.
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
}
