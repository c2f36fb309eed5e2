/// Variables, and the enclosing scope.
final class JinjaScope {
  private var variables: [JinjaName: JinjaValue]
  private let parent: JinjaScope?

  init(_ variables: [JinjaName: JinjaValue] = [:], in parent: JinjaScope? = nil) {
    self.variables = variables
    self.parent = parent
  }

  /// The variable `name`; charges for each scope that is searched.
  func value(named name: JinjaName, _ budget: TemplateBudget) throws -> JinjaValue? {
    var scope: JinjaScope? = self
    while let here = scope {
      try budget.charge(name.cost)
      if let value = here.variables[name] { return value }
      scope = here.parent
    }
    return nil
  }

  /// Sets a variable of this scope; charges for reading its name.
  func set(_ name: JinjaName, to value: JinjaValue, _ budget: TemplateBudget) throws {
    try budget.charge(name.cost)
    variables[name] = value
  }

  /// Drops the variables, because a macro among them refers to this scope.
  func close() { variables = [:] }
}
