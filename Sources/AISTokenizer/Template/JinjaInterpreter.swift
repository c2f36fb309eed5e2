import Foundation

/// Runs statements; `JinjaEvaluator.swift` evaluates expressions.
///
/// An interpreter is used for one rendering and is not shared.
final class JinjaInterpreter {
  /// How a statement ended.
  private enum Flow {
    case next
    case breakLoop
    case continueLoop
  }

  let now: Date
  let budget: TemplateBudget
  private var output: JinjaOutput
  private var depth = 0

  private init(now: Date, _ budget: TemplateBudget) {
    self.now = now
    self.budget = budget
    output = JinjaOutput(budget, limit: budget.longestRendering)
  }

  /// The text that `statements` write with `variables` set.
  static func render(
    _ statements: [JinjaStatement], variables: [JinjaName: JinjaValue], now: Date,
    _ budget: TemplateBudget
  ) throws -> Scalars {
    let interpreter = JinjaInterpreter(now: now, budget)
    let scope = JinjaScope(in: JinjaScope(variables))
    defer { scope.close() }
    _ = try interpreter.run(statements, in: scope)
    return interpreter.output.text
  }

  // MARK: Limits

  /// The cost, in steps, of a new scope with one or two variables.
  private static let scopeCost = 4

  /// Counts a nested evaluation, so that recursion is an error before it overflows the stack.
  func entering<Result>(_ work: () throws -> Result) throws -> Result {
    guard depth < TemplateLimits.evaluationDepth else {
      throw ChatTemplateError(
        .limit, "expected at most \(TemplateLimits.evaluationDepth) nested evaluations")
    }
    depth += 1
    defer { depth -= 1 }
    return try work()
  }

  // MARK: Statements

  private func run(_ statements: [JinjaStatement], in scope: JinjaScope) throws -> Flow {
    for statement in statements {
      try budget.charge(1)
      let flow = try entering { try run(statement, in: scope) }
      if flow != .next { return flow }
    }
    return .next
  }

  private func run(_ statement: JinjaStatement, in scope: JinjaScope) throws -> Flow {
    switch statement {
    case .text(let text):
      try output.append(text)
    case .output(let expression):
      let text = try printed(expression, in: scope)
      try located(expression.position) { try output.append(text) }
    case .branches(let branches, let otherwise):
      for branch in branches where try evaluate(branch.condition, in: scope).isTrue {
        return try run(branch.body, in: scope)
      }
      return try run(otherwise, in: scope)
    case .loop(let loop):
      return try run(loop, in: scope)
    case .assign(let target, let expression):
      try assign(try evaluate(expression, in: scope), to: target, in: scope)
    case .assignBlock(let target, let filter, let body):
      let (text, flow) = try captured(body, in: scope)
      if flow != .next { return flow }
      let value = try filter.map { try evaluate($0, in: scope, block: text) } ?? .string(text)
      try assign(value, to: target, in: scope)
    case .macro(let macro):
      try scope.set(macro.name, to: .function(.macro(macro, scope)), budget)
    case .callBlock(let call, let caller):
      let function = JinjaValue.function(.macro(caller, scope))
      let value = try evaluateCall(call, caller: function, in: scope)
      try output.append(try JinjaText.string(value, budget))
    case .filterBlock(let filter, let body):
      let (text, flow) = try captured(body, in: scope)
      if flow != .next { return flow }
      let value = try evaluate(filter, in: scope, block: text)
      try output.append(try JinjaText.string(value, budget))
    case .with(let bindings, let body):
      let inner = JinjaScope(in: scope)
      defer { inner.close() }
      for binding in bindings {
        try assign(try evaluate(binding.value, in: scope), to: binding.target, in: inner)
      }
      return try run(body, in: inner)
    case .scope(let body):
      let inner = JinjaScope(in: scope)
      defer { inner.close() }
      return try run(body, in: inner)
    case .breakLoop: return .breakLoop
    case .continueLoop: return .continueLoop
    }
    return .next
  }

  /// The text of an output tag.
  private func printed(_ expression: JinjaExpression, in scope: JinjaScope) throws -> Scalars {
    let value = try evaluate(expression, in: scope)
    return try located(expression.position) { try JinjaText.string(value, budget) }
  }

  /// The text that a body writes, in a new scope.
  private func captured(
    _ body: [JinjaStatement], in scope: JinjaScope
  ) throws -> (text: Scalars, flow: Flow) {
    let outer = output
    output = JinjaOutput(budget)
    defer { output = outer }
    let inner = JinjaScope(in: scope)
    defer { inner.close() }
    let flow = try run(body, in: inner)
    return (output.text, flow)
  }

  private func run(_ loop: JinjaLoop, in scope: JinjaScope) throws -> Flow {
    let position = loop.iterable.position
    let iterable = try evaluate(loop.iterable, in: scope)
    var items = try located(position) { try JinjaOperators.elements(of: iterable, budget) }
    if let condition = loop.condition {
      items = try items.filter { item in
        try budget.charge(Self.scopeCost)
        let inner = JinjaScope(in: scope)
        defer { inner.close() }
        try assign(item, to: loop.target, in: inner)
        return try evaluate(condition, in: inner).isTrue
      }
    }
    if items.isEmpty {
      let inner = JinjaScope(in: scope)
      defer { inner.close() }
      return try run(loop.otherwise, in: inner)
    }
    let state = JinjaLoopState(items, of: iterable, depth: 1)
    for (index, item) in items.enumerated() {
      try located(position) { try budget.charge(Self.scopeCost) }
      state.index = index
      let inner = JinjaScope(["loop": .loop(state)], in: scope)
      defer { inner.close() }
      try assign(item, to: loop.target, in: inner)
      if try run(loop.body, in: inner) == .breakLoop { break }
    }
    return .next
  }

  private func assign(
    _ value: JinjaValue, to target: JinjaTarget, in scope: JinjaScope
  ) throws {
    switch target {
    case .name(let name):
      try scope.set(name, to: value, budget)
    case .attribute(let name, let attribute, let position):
      guard case .namespace(let namespace)? = try scope.value(named: name, budget) else {
        throw ChatTemplateError(
          .value, "expected a namespace in '\(name)' to set '\(attribute)' in", at: position)
      }
      try located(position) {
        try budget.charge(attribute.cost)
        try namespace.set(attribute, to: value)
      }
    case .tuple(let targets, let position):
      let items = try located(position) { try JinjaOperators.elements(of: value, budget) }
      guard items.count == targets.count else {
        throw ChatTemplateError(
          .value, "expected \(targets.count) values to assign, found \(items.count)", at: position)
      }
      try budget.charge(items.count)
      for (target, item) in zip(targets, items) { try assign(item, to: target, in: scope) }
    }
  }

  // MARK: Macros

  /// The text that a macro writes when it is called.
  func call(
    _ macro: JinjaMacro, in definition: JinjaScope, with arguments: JinjaCallArguments,
    caller: JinjaValue?
  ) throws -> JinjaValue {
    // Every given name is compared with the parameters' names.
    try budget.charge(
      Self.scopeCost + macro.parameters.count * (1 + arguments.named.count) / 4)
    var arguments = arguments
    // A call without a block can pass `caller` to a macro by name.
    let passed = arguments.named.firstIndex { $0.name == "caller" }
      .map { arguments.named.remove(at: $0).value }
    let names = macro.parameters.map(\.name)
    let values = try arguments.bound(to: names, of: "macro '\(macro.name)'")
    let inner = JinjaScope(in: definition)
    defer { inner.close() }
    if let caller = caller ?? passed { try inner.set("caller", to: caller, budget) }
    for (parameter, value) in zip(macro.parameters, values) {
      let fallback = try parameter.fallback.map { expression in
        try value ?? evaluate(expression, in: inner)
      }
      try inner.set(
        parameter.name,
        to: value ?? fallback ?? .undefined("parameter '\(parameter.name)' was not provided"),
        budget)
    }
    let (text, _) = try captured(macro.body, in: inner)
    return .string(text)
  }

  /// Runs `work`, and adds `position` to an error that has no place yet.
  func located<Result>(
    _ position: TemplatePosition, _ work: () throws -> Result
  ) throws -> Result {
    do {
      return try work()
    } catch var error as ChatTemplateError where error.position == nil {
      error.position = position
      throw error
    }
  }
}
