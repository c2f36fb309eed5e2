/// The parts of Python's `format % values` and `format.format(values)` that templates use.
enum PythonFormat {
  static func percent(_ format: Scalars, with value: JinjaValue) throws -> Scalars {
    var values: [JinjaValue] = [value]
    if case .tuple(let list) = value { values = list.items }
    var output = Scalars()
    var used = 0
    var index = 0
    while index < format.count {
      guard format[index] == "%" else {
        output.append(format[index])
        index += 1
        continue
      }
      let directive = index + 1 < format.count ? format[index + 1] : " "
      index += 2
      if directive == "%" {
        output.append("%")
        continue
      }
      guard used < values.count else {
        throw ChatTemplateError(.value, "expected a value for each '%', found \(values.count)")
      }
      output += try convert(values[used], directive)
      used += 1
      guard output.count <= TemplateLimits.text else {
        throw ChatTemplateError(.limit, "expected at most \(TemplateLimits.text) characters")
      }
    }
    if used < values.count {
      // Whatever can be indexed passes for a mapping, of which a format need not use everything.
      switch value {
      case .dict, .list, .view, .undefined: return output
      default: break
      }
      throw ChatTemplateError(.value, "expected \(used) values for the format, found more")
    }
    return output
  }

  private static func convert(
    _ value: JinjaValue, _ directive: Unicode.Scalar
  ) throws -> Scalars {
    switch directive {
    case "s": return try JinjaText.string(value)
    case "r": return try JinjaText.representation(value)
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
  static func braces(_ format: Scalars, with arguments: JinjaCallArguments) throws -> Scalars {
    var output = Scalars()
    var used = 0
    var index = 0
    while index < format.count {
      let scalar = format[index]
      let isDoubled = index + 1 < format.count && format[index + 1] == scalar
      if scalar != "{" && scalar != "}" || isDoubled {
        output.append(scalar)
        index += scalar == "{" || scalar == "}" ? 2 : 1
        continue
      }
      guard scalar == "{", let end = format[index...].firstIndex(of: "}") else {
        throw ChatTemplateError(.value, "expected every brace of the format to have its partner")
      }
      let field = Array(format[(index + 1)..<end])
      output += try JinjaText.string(try value(of: field, &used, arguments))
      guard output.count <= TemplateLimits.text else {
        throw ChatTemplateError(.limit, "expected at most \(TemplateLimits.text) characters")
      }
      index = end + 1
    }
    return output
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
    if let place = field.isEmpty ? used - 1 : Int(field.text) {
      if arguments.positional.indices.contains(place) { return arguments.positional[place] }
    } else if let named = arguments.named.last(where: { $0.name == field.text }) {
      return named.value
    }
    throw ChatTemplateError(.value, "the format field '{\(field.text)}' has no value")
  }
}
