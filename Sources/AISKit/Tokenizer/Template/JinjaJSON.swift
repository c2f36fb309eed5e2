/// Python's `json.dumps`, which the `tojson` of chat templates is.
struct JinjaJSON {
  var escapesNonASCII = false
  /// One level of indentation; without it everything stays on one line.
  var indentation: Scalars?
  var itemSeparator: Scalars
  var keySeparator = Scalars(": ")
  var sortsKeys = false

  init(indentation: Scalars?) {
    self.indentation = indentation
    itemSeparator = indentation == nil ? [",", " "] : [","]
  }

  func encode(_ value: JinjaValue) throws -> Scalars {
    var output = Scalars()
    try write(value, level: 0, to: &output)
    return output
  }

  private func write(_ value: JinjaValue, level: Int, to output: inout Scalars) throws {
    guard output.count <= TemplateLimits.text else {
      throw ChatTemplateError(.limit, "expected at most \(TemplateLimits.text) characters of text")
    }
    switch value {
    case .string(let text): quote(text, to: &output)
    case .list(let list), .tuple(let list):
      try write(list.items.count, between: "[", "]", level: level, to: &output) { index, output in
        try write(list.items[index], level: level + 1, to: &output)
      }
    case .dict(let dict):
      let order = sortsKeys ? try sortedPlaces(of: dict.keys) : Array(dict.keys.indices)
      try write(order.count, between: "{", "}", level: level, to: &output) { index, output in
        quote(try key(dict.keys[order[index]]), to: &output)
        output += keySeparator
        try write(dict.values[order[index]], level: level + 1, to: &output)
      }
    default:
      output += try plain(value)
    }
  }

  private func write(
    _ count: Int, between open: Unicode.Scalar, _ close: Unicode.Scalar, level: Int,
    to output: inout Scalars, element: (Int, inout Scalars) throws -> Void
  ) throws {
    output.append(open)
    for index in 0..<count {
      if index > 0 { output += itemSeparator }
      breakLine(level: level + 1, in: &output)
      try element(index, &output)
    }
    if count > 0 { breakLine(level: level, in: &output) }
    output.append(close)
  }

  private func breakLine(level: Int, in output: inout Scalars) {
    guard let indentation else { return }
    output.append("\n")
    for _ in 0..<level { output += indentation }
  }

  private func sortedPlaces(of keys: [JinjaValue]) throws -> [Int] {
    try keys.indices.sorted { try JinjaOperators.isLess(keys[$0], keys[$1]) }
  }

  private func key(_ value: JinjaValue) throws -> Scalars {
    if case .string(let text) = value { return text }
    return try plain(value)
  }

  private func plain(_ value: JinjaValue) throws -> Scalars {
    switch value {
    case .none: return Scalars("null")
    case .bool(let value): return Scalars(value ? "true" : "false")
    case .integer(let value): return Scalars(String(value))
    case .float(let value):
      if value.isNaN { return Scalars("NaN") }
      if value.isInfinite { return Scalars(value < 0 ? "-Infinity" : "Infinity") }
      return Scalars(JinjaText.number(value))
    case .undefined(let what):
      throw ChatTemplateError(.undefined, "\(what), so it has no JSON")
    default:
      throw ChatTemplateError(.value, "a value of type \(value.typeName) has no JSON")
    }
  }

  private func quote(_ text: Scalars, to output: inout Scalars) {
    output.append("\"")
    for scalar in text {
      switch scalar {
      case "\"": output += ["\\", "\""]
      case "\\": output += ["\\", "\\"]
      case "\n": output += ["\\", "n"]
      case "\r": output += ["\\", "r"]
      case "\t": output += ["\\", "t"]
      case "\u{8}": output += ["\\", "b"]
      case "\u{C}": output += ["\\", "f"]
      default:
        if scalar.value < 0x20 || (escapesNonASCII && scalar.value > 0x7E) {
          for unit in String(scalar).utf16 {
            output += Scalars("\\u" + JinjaText.hexadecimal(UInt32(unit), width: 4))
          }
        } else {
          output.append(scalar)
        }
      }
    }
    output.append("\"")
  }
}
