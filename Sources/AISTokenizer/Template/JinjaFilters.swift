/// The filters, which may follow `|`.
extension JinjaInterpreter {
  func applyFilter(
    _ name: JinjaName, to value: JinjaValue, _ arguments: JinjaCallArguments
  ) throws -> JinjaValue {
    try budget.charge(1)
    if case .markup = value, !["safe", "default", "d"].contains(name) {
      throw ChatTemplateError(
        .unsupported,
        "the filter '\(name)' after 'safe' is outside the part of Jinja that is implemented")
    }
    switch name {
    case "safe":
      _ = try arguments.bound(to: [], of: name)
      return .markup(try JinjaText.string(value, budget))
    case "map": return try map(value, arguments)
    case "select", "reject", "selectattr", "rejectattr":
      return try select(value, name, arguments)
    case "sort", "unique", "min", "max", "sum", "dictsort":
      return try applyOrderFilter(name, to: value, arguments)
    case "trim", "upper", "lower", "title", "capitalize", "replace", "indent", "string", "join",
      "wordcount", "format":
      return try applyTextFilter(name, to: value, arguments)
    case "default", "d":
      let bound = try arguments.bound(to: ["default_value", "boolean"], of: name)
      let fallback = bound[0] ?? .string([])
      if case .undefined = value { return fallback }
      return bound[1]?.isTrue == true && !value.isTrue ? fallback : value
    case "tojson": return .string(try json(value, arguments))
    case "int", "float", "abs", "round":
      return try applyNumberFilter(name, to: value, arguments)
    case "attr":
      let bound = try arguments.bound(to: ["name"], of: name)
      let text = try requiredText(bound[0], "name", name)
      guard text.count <= TemplateLimits.name else {
        if case .undefined(let what) = value { throw ChatTemplateError(.undefined, what) }
        return .undefined(
          "a value of type \(value.typeName) has no attribute with a name of \(text.count) "
            + "characters")
      }
      let attribute = JinjaName(text)
      try budget.charge(attribute.cost)
      if case .dict = value, !JinjaInterpreter.methods(of: value).contains(attribute) {
        return .undefined("a dict has no attribute '\(attribute)'")
      }
      return try self.attribute(attribute, of: value)
    default:
      return try applySequenceFilter(name, to: value, arguments)
    }
  }

  private static let sequenceFilters: Set<JinjaName> = [
    "length", "count", "list", "first", "last", "items", "reverse",
  ]

  private func applySequenceFilter(
    _ name: JinjaName, to value: JinjaValue, _ arguments: JinjaCallArguments
  ) throws -> JinjaValue {
    guard Self.sequenceFilters.contains(name) else {
      throw ChatTemplateError(
        .unsupported, "the filter '\(name)' is outside the part of Jinja that is implemented")
    }
    _ = try arguments.bound(to: [], of: name)
    switch name {
    case "length", "count": return .integer(try JinjaOperators.length(of: value))
    case "list": return .list(try list(try JinjaOperators.elements(of: value, budget)))
    case "first":
      return try end(of: value, \.first, \.first)
        ?? .undefined("there is no first item, the sequence is empty")
    case "last":
      if case .iterator = value { throw notReversible(value) }
      return try end(of: value, \.last, \.last)
        ?? .undefined("there is no last item, the sequence is empty")
    case "items":
      if case .undefined = value { return .iterator(try JinjaIterator([])) }
      guard case .dict(let dict) = value else {
        throw ChatTemplateError(.value, "'items' expects a dict, found \(value.typeName)")
      }
      return .iterator(try JinjaIterator(try dict.items(budget)))
    default:
      if case .string(let text) = value {
        try budget.make(text.count)
        try budget.scan(text.count)
        return .string(text.reversed())
      }
      return .iterator(try iterator(try JinjaOperators.elements(of: value, budget).reversed()))
    }
  }

  /// The first or last element; does not make the others.
  private func end(
    of value: JinjaValue, _ character: (Scalars) -> Unicode.Scalar?,
    _ element: ([JinjaValue]) -> JinjaValue?
  ) throws -> JinjaValue? {
    if case .string(let text) = value { return character(text).map { .string([$0]) } }
    return element(try JinjaOperators.elements(of: value, budget))
  }

  /// A list of these elements; charges the budget.
  func list(_ items: [JinjaValue]) throws -> JinjaList {
    try budget.makeElements(items.count)
    return try JinjaList(items)
  }

  /// An iterator over these elements; charges the budget.
  private func iterator(_ items: [JinjaValue]) throws -> JinjaIterator {
    try budget.makeElements(items.count)
    return try JinjaIterator(items)
  }

  private func notReversible(_ value: JinjaValue) -> ChatTemplateError {
    ChatTemplateError(.value, "a value of type \(value.typeName) has no end to start from")
  }

  // MARK: Filters that apply others

  private func map(_ value: JinjaValue, _ arguments: JinjaCallArguments) throws -> JinjaValue {
    // Jinja returns any false value, such as none, unchanged.
    if !value.isTrue { return .iterator(try JinjaIterator([])) }
    let items = try JinjaOperators.elements(of: value, budget)
    try budget.charge(items.count)
    if arguments.positional.isEmpty {
      let fallback = arguments.named.first { $0.name == "default" }?.value
      guard let path = arguments.named.first(where: { $0.name == "attribute" })?.value,
        arguments.named.count == (fallback == nil ? 1 : 2)
      else { throw ChatTemplateError(.value, "'map' expects a filter or an attribute") }
      let attributes = try items.map { item in
        let found = try attribute(path: path, of: item)
        if case .undefined = found { return fallback ?? found }
        return found
      }
      return .iterator(try iterator(attributes))
    }
    let filter = try self.name(
      try requiredText(arguments.positional[0], "filter", "map"), of: "a filter")
    var rest = arguments
    rest.positional.removeFirst()
    return .iterator(
      try iterator(
        try items.map { item in try entering { try applyFilter(filter, to: item, rest) } }))
  }

  private func select(
    _ value: JinjaValue, _ name: JinjaName, _ arguments: JinjaCallArguments
  ) throws -> JinjaValue {
    if !value.isTrue { return .iterator(try JinjaIterator([])) }
    var rest = arguments
    let takesAttribute = name.text.hasSuffix("attr")
    let keepsIfTrue = name.text.hasPrefix("select")
    var path: JinjaValue?
    if takesAttribute {
      guard !rest.positional.isEmpty else {
        throw ChatTemplateError(.value, "'\(name)' expects the name of an attribute")
      }
      path = rest.positional.removeFirst()
    }
    let test =
      rest.positional.isEmpty
      ? nil
      : try self.name(
        try requiredText(rest.positional.removeFirst(), "test", name), of: "a test")
    let items = try JinjaOperators.elements(of: value, budget)
    try budget.charge(items.count)
    let kept = try items.filter { item in
      let subject = try path.map { try attribute(path: $0, of: item) } ?? item
      let holds = try test.map { try applyTest($0, to: subject, rest) } ?? subject.isTrue
      return holds == keepsIfTrue
    }
    return .iterator(try iterator(kept))
  }

  /// The attribute at a path such as `function.name`, whose parts may be indices.
  func attribute(path: JinjaValue, of value: JinjaValue) throws -> JinjaValue {
    guard case .string(let text) = path else { return try element(path, of: value) }
    try budget.charge(1 + text.count)
    return try PythonText.split(text, separator: ["."], limit: -1).reduce(value) { value, part in
      let isIndex = !part.isEmpty && part.allSatisfy(\.isPythonDigit)
      let index = isIndex ? Int(part.text) : nil
      return try element(index.map { .integer($0) } ?? .string(part), of: value)
    }
  }

  // MARK: JSON

  private func json(_ value: JinjaValue, _ arguments: JinjaCallArguments) throws -> Scalars {
    let bound = try arguments.bound(
      to: ["ensure_ascii", "indent", "separators", "sort_keys"], of: "tojson")
    var encoder = JinjaJSON(indentation: try indentation(bound[1]), budget)
    encoder.escapesNonASCII = bound[0]?.isTrue ?? false
    encoder.sortsKeys = bound[3]?.isTrue ?? false
    if let separators = bound[2], separators.isTrue {
      let pair = try JinjaOperators.elements(of: separators, budget)
      guard pair.count == 2 else {
        throw ChatTemplateError(.value, "expected two separators, found \(pair.count)")
      }
      encoder.itemSeparator = try requiredText(pair[0], "separators", "tojson")
      encoder.keySeparator = try requiredText(pair[1], "separators", "tojson")
    }
    return try encoder.encode(value)
  }

  private func indentation(_ value: JinjaValue?) throws -> Scalars? {
    switch value {
    case nil, .some(.none): return nil
    case .some(.string(let text)): return text
    case .some(let value):
      let width = max(0, try whole(value, "tojson"))
      guard width <= 1024 else { throw ChatTemplateError(.limit, "expected an indent up to 1024") }
      return Scalars(repeating: " ", count: width)
    }
  }
}
