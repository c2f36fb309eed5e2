/// Filters that return text.
extension JinjaInterpreter {
  func applyTextFilter(
    _ name: JinjaName, to value: JinjaValue, _ arguments: JinjaCallArguments
  ) throws -> JinjaValue {
    if name == "join" { return try join(value, arguments) }
    let text = try JinjaText.string(value, budget)
    switch name {
    case "trim":
      let bound = try arguments.bound(to: ["chars"], of: name)
      return .string(try stripped(text, try optionalText(bound[0], name)))
    case "replace":
      let bound = try arguments.bound(to: ["old", "new", "count"], of: name)
      let old = try JinjaText.string(try required(bound[0], "old", name), budget)
      let new = try JinjaText.string(try required(bound[1], "new", name), budget)
      var limit = -1
      if let count = bound[2] {
        if case .none = count { limit = -1 } else { limit = try whole(count, name) }
      }
      return .string(try replaced(text, old, new, limit: limit))
    case "indent":
      guard case .string = value else {
        if case .undefined(let what) = value { throw ChatTemplateError(.undefined, what) }
        throw ChatTemplateError(.value, "'indent' expects a string, found \(value.typeName)")
      }
      return .string(try indent(text, arguments))
    case "format":
      guard arguments.named.isEmpty else {
        throw ChatTemplateError(.unsupported, "'format' with named values is not implemented")
      }
      let values = JinjaValue.tuple(try list(arguments.positional))
      return .string(try PythonFormat.percent(text, with: values, budget))
    default: break
    }
    _ = try arguments.bound(to: [], of: name)
    if name == "string" { return .string(text) }
    try budget.transform(text.count)
    switch name {
    case "upper": return .string(try made { PythonText.upper(text) })
    case "lower": return .string(try made { PythonText.lower(text) })
    case "capitalize": return .string(try made { PythonText.capitalize(text) })
    case "title": return .string(try made { titleWords(text) })
    default: return .integer(wordCount(text))
    }
  }

  private func join(_ value: JinjaValue, _ arguments: JinjaCallArguments) throws -> JinjaValue {
    let bound = try arguments.bound(to: ["d", "attribute"], of: "join")
    var items = try JinjaOperators.elements(of: value, budget)
    try budget.charge(items.count)
    if let path = bound[1] {
      if case .none = path {} else { items = try items.map { try attribute(path: path, of: $0) } }
    }
    let separator = try bound[0].map { try JinjaText.string($0, budget) } ?? []
    return .string(
      try joined(
        try items.map { try JinjaText.string($0, budget) }, separator: separator))
  }

  /// A text with changed cases; charges for its real length, because a character can become three.
  func made(_ change: () -> Scalars) throws -> Scalars {
    let text = change()
    try budget.make(text.count)
    return text
  }

  /// Jinja's `title`; words begin after spaces, hyphens and opening brackets.
  private func titleWords(_ text: Scalars) -> Scalars {
    var result = Scalars()
    var start = 0
    func finish(at end: Int) {
      guard start < end else { return }
      result += PythonText.upper([text[start]])
      result += PythonText.lower(Array(text[(start + 1)..<end]))
    }
    for (index, scalar) in text.enumerated() {
      switch scalar {
      case "-", "(", "{", "[", "<": break
      default: if !scalar.isPythonSpace { continue }
      }
      finish(at: index)
      result.append(scalar)
      start = index + 1
    }
    finish(at: text.count)
    return result
  }

  private func wordCount(_ text: Scalars) -> Int {
    var count = 0
    var isInside = false
    for scalar in text {
      let isWord =
        scalar == "_" || scalar.isPythonLetter || scalar.properties.numericType != nil
      if isWord, !isInside { count += 1 }
      isInside = isWord
    }
    return count
  }

  private func indent(_ text: Scalars, _ arguments: JinjaCallArguments) throws -> Scalars {
    let bound = try arguments.bound(to: ["width", "first", "blank"], of: "indent")
    var padding = Scalars("    ")
    if case .string(let given)? = bound[0] {
      padding = given
    } else if let width = bound[0] {
      let count = max(0, try whole(width, "indent"))
      try budget.make(count)
      padding = Scalars(repeating: " ", count: count)
    }
    try budget.transform(text.count)
    let lines = PythonText.splitLines(text + ["\n"], keepEnds: false)
    try budget.charge(lines.count)
    let isFirstPadded = bound[1]?.isTrue ?? false
    let isBlankPadded = bound[2]?.isTrue ?? false
    func isPadded(_ index: Int) -> Bool {
      index == 0 ? isFirstPadded : isBlankPadded || !lines[index].isEmpty
    }
    let paddings = lines.indices.count(where: isPadded)
    try budget.make(text.count + paddings * padding.count)
    var result = Scalars()
    for (index, line) in lines.enumerated() {
      if index > 0 { result.append("\n") }
      if isPadded(index) { result += padding }
      result += line
    }
    return result
  }
}
