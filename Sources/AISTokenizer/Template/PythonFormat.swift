/// The part of Python's `format % values` and `format.format(values)` that templates use.
enum PythonFormat {
  static func percent(
    _ format: Scalars, with value: JinjaValue, _ budget: TemplateBudget
  ) throws -> Scalars {
    try budget.transform(format.count)
    try budget.make(format.count)
    var values: [JinjaValue] = [value]
    if case .tuple(let list) = value { values = list.items }
    var output = JinjaOutput(budget)
    var used = 0
    var index = 0
    while index < format.count {
      guard format[index] == "%" else {
        try output.append(format[index])
        index += 1
        continue
      }
      let directive = index + 1 < format.count ? format[index + 1] : " "
      index += 2
      if directive == "%" {
        try output.append("%" as Unicode.Scalar)
        continue
      }
      guard used < values.count else {
        throw ChatTemplateError(.value, "expected a value for each '%', found \(values.count)")
      }
      try output.append(try convert(values[used], directive, budget))
      used += 1
    }
    if used < values.count {
      // Any value that can be indexed counts as a mapping; a format need not use all of a mapping.
      switch value {
      case .dict, .list, .view, .undefined: return output.text
      default: break
      }
      throw ChatTemplateError(.value, "expected \(used) values for the format, found more")
    }
    return output.text
  }

  private static func convert(
    _ value: JinjaValue, _ directive: Unicode.Scalar, _ budget: TemplateBudget
  ) throws -> Scalars {
    switch directive {
    case "s": return try JinjaText.string(value, budget)
    case "r": return try JinjaText.representation(value, budget)
    case "d", "i":
      if let whole = value.index { return Scalars(String(whole)) }
      if case .float(let number) = value, let whole = Int(exactly: number.rounded(.towardZero)) {
        return Scalars(String(whole))
      }
      throw ChatTemplateError(.value, "expected a number for '%d', found \(value.typeName)")
    default:
      throw ChatTemplateError(
        .unsupported,
        "the format '%\(directive)' is outside the part of Jinja that is implemented")
    }
  }

  /// `str.format` with the fields `{}`, `{0}` and `{name}`.
  static func braces(
    _ format: Scalars, with arguments: JinjaCallArguments, _ budget: TemplateBudget
  ) throws -> Scalars {
    try budget.transform(format.count)
    try budget.make(format.count)
    var output = JinjaOutput(budget)
    var used = 0
    var index = 0
    while index < format.count {
      let scalar = format[index]
      let isDoubled = index + 1 < format.count && format[index + 1] == scalar
      if scalar != "{" && scalar != "}" || isDoubled {
        try output.append(scalar)
        index += scalar == "{" || scalar == "}" ? 2 : 1
        continue
      }
      guard scalar == "{", let end = format[index...].firstIndex(of: "}") else {
        throw ChatTemplateError(.value, "expected every brace of the format to have its partner")
      }
      let field = Array(format[(index + 1)..<end])
      try budget.charge(field.count + arguments.named.count)
      try output.append(try JinjaText.string(try value(of: field, &used, arguments), budget))
      index = end + 1
    }
    return output.text
  }

  private static func value(
    of field: Scalars, _ used: inout Int, _ arguments: JinjaCallArguments
  ) throws -> JinjaValue {
    if field.contains(where: { Scalars(".[:!{").contains($0) }) {
      throw ChatTemplateError(
        .unsupported,
        "the format field '{\(field.text)}' is outside the part of Jinja that is implemented")
    }
    if field.isEmpty { used += 1 }
    let name = JinjaName(field)
    if let place = field.isEmpty ? used - 1 : Int(name.text) {
      if arguments.positional.indices.contains(place) { return arguments.positional[place] }
    } else if let named = arguments.named.last(where: { $0.name == name }) {
      return named.value
    }
    throw ChatTemplateError(.value, "the format field '{\(field.text)}' has no value")
  }
}
