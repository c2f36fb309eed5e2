/// Python's `json.dumps`, which the filter `tojson` of chat templates uses.
struct JinjaJSON {
  var escapesNonASCII = false
  /// The text of one level of indentation; if `nil`, everything is on one line.
  var indentation: Scalars?
  var itemSeparator: Scalars
  var keySeparator = Scalars(": ")
  var sortsKeys = false

  private let budget: TemplateBudget

  init(indentation: Scalars?, _ budget: TemplateBudget) {
    self.indentation = indentation
    self.budget = budget
    itemSeparator = indentation == nil ? [",", " "] : [","]
  }

  func encode(_ value: JinjaValue) throws -> Scalars {
    var output = JinjaOutput(budget)
    try write(value, level: 0, to: &output)
    return output.text
  }

  private func write(_ value: JinjaValue, level: Int, to output: inout JinjaOutput) throws {
    switch value {
    case .string(let text): try quote(text, to: &output)
    case .list(let list), .tuple(let list):
      try write(list.items.count, between: "[", "]", level: level, to: &output) { index, output in
        try write(list.items[index], level: level + 1, to: &output)
      }
    case .dict(let dict):
      let order = sortsKeys ? try sortedPlaces(of: dict.keys) : Array(dict.keys.indices)
      try write(order.count, between: "{", "}", level: level, to: &output) { index, output in
        try quote(try key(dict.keys[order[index]]), to: &output)
        try output.append(keySeparator)
        try write(dict.values[order[index]], level: level + 1, to: &output)
      }
    default:
      try output.append(try plain(value))
    }
  }

  private func write(
    _ count: Int, between open: Unicode.Scalar, _ close: Unicode.Scalar, level: Int,
    to output: inout JinjaOutput, element: (Int, inout JinjaOutput) throws -> Void
  ) throws {
    try output.append(open)
    for index in 0..<count {
      if index > 0 { try output.append(itemSeparator) }
      try breakLine(level: level + 1, in: &output)
      try element(index, &output)
    }
    if count > 0 { try breakLine(level: level, in: &output) }
    try output.append(close)
  }

  private func breakLine(level: Int, in output: inout JinjaOutput) throws {
    guard let indentation else { return }
    try output.append("\n")
    for _ in 0..<level { try output.append(indentation) }
  }

  private func sortedPlaces(of keys: [JinjaValue]) throws -> [Int] {
    try keys.indices.sorted { try JinjaOperators.isLess(keys[$0], keys[$1], budget) }
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
      try budget.charge(16)
      if value.isNaN { return Scalars("NaN") }
      if value.isInfinite { return Scalars(value < 0 ? "-Infinity" : "Infinity") }
      return Scalars(JinjaText.number(value))
    case .undefined(let what):
      throw ChatTemplateError(.undefined, "\(what), so it has no JSON")
    default:
      throw ChatTemplateError(.value, "a value of type \(value.typeName) has no JSON")
    }
  }

  private func quote(_ text: Scalars, to output: inout JinjaOutput) throws {
    try budget.transform(text.count)
    try budget.make(text.count)
    try output.append("\"" as Unicode.Scalar)
    for scalar in text {
      switch scalar {
      case "\"": try output.append("\\\"")
      case "\\": try output.append("\\\\")
      case "\n": try output.append("\\n")
      case "\r": try output.append("\\r")
      case "\t": try output.append("\\t")
      case "\u{8}": try output.append("\\b")
      case "\u{C}": try output.append("\\f")
      default:
        if scalar.value < 0x20 || (escapesNonASCII && scalar.value > 0x7E) {
          for unit in String(scalar).utf16 {
            try output.append("\\u" + JinjaText.hexadecimal(UInt32(unit), width: 4))
          }
        } else {
          try output.append(scalar)
        }
      }
    }
    try output.append("\"" as Unicode.Scalar)
  }
}
