/// Evaluated arguments of a call, a filter or a test.
struct JinjaCallArguments {
  var positional: [JinjaValue] = []
  var named: [(name: JinjaName, value: JinjaValue)] = []

  /// The arguments in the order of `names`; `nil` for one that was not given.
  func bound(to names: [JinjaName], of callee: JinjaName) throws -> [JinjaValue?] {
    guard positional.count <= names.count else {
      throw ChatTemplateError(
        .value,
        "expected at most \(names.count) arguments for \(callee), found \(positional.count)")
    }
    var values: [JinjaValue?] = positional
    values += Array(repeating: nil, count: names.count - positional.count)
    for (name, value) in named {
      guard let place = names.firstIndex(of: name), values[place] == nil else {
        throw ChatTemplateError(.value, "\(callee) takes no (second) argument '\(name)'")
      }
      values[place] = value
    }
    return values
  }
}

extension JinjaInterpreter {
  /// The value of `expression`; `block` is the input of a filter that has none of its own.
  func evaluate(
    _ expression: JinjaExpression, in scope: JinjaScope, block: Scalars? = nil
  ) throws -> JinjaValue {
    try located(expression.position) {
      try budget.charge(1)
      return try entering { try evaluateNode(expression, in: scope, block: block) }
    }
  }

  private func evaluateNode(
    _ expression: JinjaExpression, in scope: JinjaScope, block: Scalars?
  ) throws -> JinjaValue {
    switch expression.kind {
    case .string(let text): return .string(text)
    case .integer(let value): return .integer(value)
    case .float(let value): return .float(value)
    case .bool(let value): return .bool(value)
    case .none: return .none
    case .name(let name): return try lookUp(name, in: scope)
    case .list(let items): return .list(try evaluateAll(items, in: scope))
    case .tuple(let items): return .tuple(try evaluateAll(items, in: scope))
    case .dict(let pairs):
      return .dict(
        try dict(
          try pairs.map { (try evaluate($0.key, in: scope), try evaluate($0.value, in: scope)) }))
    case .attribute(let value, let name):
      return try attribute(name, of: try evaluate(value, in: scope))
    case .subscripted(let value, let key):
      return try element(try evaluate(key, in: scope), of: try evaluate(value, in: scope))
    case .slice(let value, let lower, let upper, let step):
      return try slice(value, lower, upper, step, in: scope)
    case .call:
      return try evaluateCall(expression, caller: nil, in: scope)
    case .filter(let input, let name, let arguments):
      let value = try input.map { try evaluate($0, in: scope, block: block) }
      return try applyFilter(
        name, to: value ?? .string(block ?? []), try evaluate(arguments, in: scope))
    case .test(let value, let name, let arguments):
      return .bool(
        try applyTest(name, to: try evaluate(value, in: scope), try evaluate(arguments, in: scope)))
    case .not(let operand):
      return .bool(!(try evaluate(operand, in: scope).isTrue))
    case .negated(let operand):
      return try JinjaOperators.negate(try evaluate(operand, in: scope))
    case .positive(let operand):
      return try JinjaOperators.positive(try evaluate(operand, in: scope))
    case .and(let left, let right):
      let value = try evaluate(left, in: scope)
      return value.isTrue ? try evaluate(right, in: scope) : value
    case .or(let left, let right):
      let value = try evaluate(left, in: scope)
      return value.isTrue ? value : try evaluate(right, in: scope)
    case .comparison(let left, let steps):
      return .bool(try compare(left, steps, in: scope))
    case .arithmetic(let left, let operation, let right):
      let left = try evaluate(left, in: scope)
      let right = try evaluate(right, in: scope)
      return try JinjaOperators.apply(left, operation, right, budget)
    case .concatenation(let parts):
      return .string(try concatenate(parts, in: scope))
    case .conditional(let condition, let value, let other):
      if try evaluate(condition, in: scope).isTrue { return try evaluate(value, in: scope) }
      return try other.map { try evaluate($0, in: scope) }
        ?? .undefined("the inline if-expression has no else and its condition is false")
    }
  }

  private func lookUp(_ name: JinjaName, in scope: JinjaScope) throws -> JinjaValue {
    if let value = try scope.value(named: name, budget) { return value }
    if JinjaInterpreter.globals.contains(name) { return .function(.global(name)) }
    return .undefined("'\(name)' is undefined")
  }

  private func evaluateAll(
    _ expressions: [JinjaExpression], in scope: JinjaScope
  ) throws -> JinjaList {
    try budget.makeElements(expressions.count)
    return try JinjaList(try expressions.map { try evaluate($0, in: scope) })
  }

  /// A dict of these members; charges the budget.
  func dict(_ pairs: [(key: JinjaValue, value: JinjaValue)]) throws -> JinjaDict {
    try budget.makeElements(pairs.count)
    try budget.charge(4 * pairs.count)
    for pair in pairs { try JinjaDict.charge(for: pair.key, budget) }
    return try JinjaDict(pairs)
  }

  private func evaluate(
    _ arguments: JinjaArguments, in scope: JinjaScope
  ) throws -> JinjaCallArguments {
    if arguments.positional.isEmpty, arguments.named.isEmpty { return JinjaCallArguments() }
    return JinjaCallArguments(
      positional: try arguments.positional.map { try evaluate($0, in: scope) },
      named: try arguments.named.map { ($0.name, try evaluate($0.value, in: scope)) })
  }

  /// The value of a call; `caller` is the body of a `{% call %}` block.
  func evaluateCall(
    _ expression: JinjaExpression, caller: JinjaValue?, in scope: JinjaScope
  ) throws -> JinjaValue {
    guard case .call(let callee, let arguments) = expression.kind else {
      return try evaluate(expression, in: scope)
    }
    let function = try evaluate(callee, in: scope)
    let values = try evaluate(arguments, in: scope)
    return try located(expression.position) {
      switch function {
      case .function(.macro(let macro, let definition)):
        return try call(macro, in: definition, with: values, caller: caller)
      case .function(.global(let name)):
        return try callGlobal(name, values)
      case .function(.method(let value, let name)):
        return try callMethod(name, of: value, values)
      case .undefined(let what):
        throw ChatTemplateError(.undefined, what)
      case .loop:
        throw ChatTemplateError(
          .unsupported, "a recursive loop is outside the part of Jinja that is implemented")
      default:
        throw ChatTemplateError(.value, "a value of type \(function.typeName) cannot be called")
      }
    }
  }

  private func compare(
    _ first: JinjaExpression, _ steps: [(comparison: JinjaComparison, right: JinjaExpression)],
    in scope: JinjaScope
  ) throws -> Bool {
    var left = try evaluate(first, in: scope)
    for step in steps {
      let right = try evaluate(step.right, in: scope)
      guard try JinjaOperators.compare(left, step.comparison, right, budget) else { return false }
      left = right
    }
    return true
  }

  private func concatenate(_ parts: [JinjaExpression], in scope: JinjaScope) throws -> Scalars {
    var text = JinjaOutput(budget)
    for part in parts {
      try text.append(try JinjaText.string(try evaluate(part, in: scope), budget))
    }
    return text.text
  }

  // MARK: Parts of values

  /// `value.name`: a method or attribute takes precedence over a member of that name.
  func attribute(_ name: JinjaName, of value: JinjaValue) throws -> JinjaValue {
    if let found = try ownAttribute(name, of: value) { return found }
    if case .dict(let dict) = value, let member = try dict.value(named: name, budget) {
      return member
    }
    return .undefined("a value of type \(value.typeName) has no '\(name)'")
  }

  private func ownAttribute(_ name: JinjaName, of value: JinjaValue) throws -> JinjaValue? {
    try budget.charge(name.cost)
    switch value {
    case .undefined(let what): throw ChatTemplateError(.undefined, what)
    case .namespace(let namespace): return namespace.attributes[name]
    case .loop(let loop): return loop.attribute(name)
    default:
      if JinjaInterpreter.methods(of: value).contains(name) {
        return .function(.method(value, name))
      }
      if JinjaInterpreter.forbiddenMethods(of: value).contains(name) {
        return .undefined("changing a \(value.typeName) with '\(name)' is not allowed")
      }
      return nil
    }
  }

  /// `value[key]`: a member takes precedence over an attribute; a missing one is not an error.
  func element(_ key: JinjaValue, of value: JinjaValue) throws -> JinjaValue {
    var found: JinjaValue?
    switch value {
    case .undefined(let what): throw ChatTemplateError(.undefined, what)
    case .dict(let dict):
      do {
        found = try dict.value(for: key, budget)
      } catch let error as ChatTemplateError where error.kind != .limit {
        // In an index, a value that cannot be a key is not an error.
      }
    case .string(let text):
      found = place(key, count: text.count).map { .string([text[$0]]) }
    case .list(let list), .tuple(let list):
      found = place(key, count: list.items.count).map { list.items[$0] }
    case .view(let view) where view.kind == .range:
      found = place(key, count: view.list.items.count).map { view.list.items[$0] }
    default: break
    }
    if let found { return found }
    // No attribute has a longer name.
    if case .string(let name) = key, name.count <= TemplateLimits.name,
      let found = try ownAttribute(JinjaName(name), of: value)
    {
      return found
    }
    return .undefined("a value of type \(value.typeName) has no element \(try name(of: key))")
  }

  /// A key's name in messages, made only from the characters that they show.
  private func name(of key: JinjaValue) throws -> String {
    switch key {
    case .string(let text):
      return try JinjaText.representation(.string(Array(text.prefix(80))), budget).text
    case .none, .bool, .integer, .float: return try JinjaText.representation(key, budget).text
    default: return "that is a \(key.typeName)"
    }
  }

  private func place(_ key: JinjaValue, count: Int) -> Int? {
    guard let index = key.index else { return nil }
    if index >= 0 { return index < count ? index : nil }
    return index >= -count ? count + index : nil
  }
}
