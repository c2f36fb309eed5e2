/// The text of values: Python's `str`, `repr` and `json.dumps`.
enum JinjaText {
  /// Python's `str(value)`.
  static func string(_ value: JinjaValue, _ budget: TemplateBudget) throws -> Scalars {
    switch value {
    case .undefined: []
    case .string(let text), .markup(let text): text
    default: try representation(value, budget)
    }
  }

  /// Python's `repr(value)`.
  static func representation(_ value: JinjaValue, _ budget: TemplateBudget) throws -> Scalars {
    var output = JinjaOutput(budget)
    try write(value, to: &output)
    return output.text
  }

  private static func write(_ value: JinjaValue, to output: inout JinjaOutput) throws {
    switch value {
    case .undefined: try output.append("Undefined")
    case .none: try output.append("None")
    case .bool(let value): try output.append(value ? "True" : "False")
    case .integer(let value): try output.append(String(value))
    case .float(let value):
      try output.budget.charge(16)
      try output.append(number(value))
    case .string(let text): try quote(text, to: &output)
    case .list(let list): try write(list.items, between: "[", "]", to: &output)
    case .tuple(let list):
      try write(list.items, between: "(", list.items.count == 1 ? ",)" : ")", to: &output)
    case .dict(let dict):
      try output.append("{")
      for (index, key) in dict.keys.enumerated() {
        if index > 0 { try output.append(", ") }
        try write(key, to: &output)
        try output.append(": ")
        try write(dict.values[index], to: &output)
      }
      try output.append("}")
    case .view(let view) where view.kind == .range: try output.append(view.description)
    case .view(let view):
      try write(view.list.items, between: view.kind.rawValue + "([", "])", to: &output)
    case .markup, .iterator, .namespace, .loop, .function:
      throw ChatTemplateError(
        .unsupported,
        "printing a \(value.typeName) is outside the part of Jinja that is implemented")
    }
  }

  private static func write(
    _ items: [JinjaValue], between open: String, _ close: String, to output: inout JinjaOutput
  ) throws {
    try output.append(open)
    for (index, item) in items.enumerated() {
      if index > 0 { try output.append(", ") }
      try write(item, to: &output)
    }
    try output.append(close)
  }

  private static func quote(_ text: Scalars, to output: inout JinjaOutput) throws {
    try output.budget.transform(text.count)
    try output.budget.make(text.count)
    let mark: Unicode.Scalar = text.contains("'") && !text.contains("\"") ? "\"" : "'"
    try output.append(mark)
    for scalar in text {
      switch scalar {
      case "\\": try output.append("\\\\")
      case mark: try output.append(["\\", mark])
      case "\n": try output.append("\\n")
      case "\r": try output.append("\\r")
      case "\t": try output.append("\\t")
      default:
        if scalar.isPythonPrintable {
          try output.append(scalar)
        } else if scalar.value < 0x100 {
          try output.append("\\x" + hexadecimal(scalar.value, width: 2))
        } else if scalar.value < 0x10000 {
          try output.append("\\u" + hexadecimal(scalar.value, width: 4))
        } else {
          try output.append("\\U" + hexadecimal(scalar.value, width: 8))
        }
      }
    }
    try output.append(mark)
  }

  static func hexadecimal(_ value: UInt32, width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// Python's shortest text for a float: the same digits as Swift's, but an exponent only outside
  /// 1e-4 ..< 1e16.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    if value == 0 { return value.sign == .minus ? "-0.0" : "0.0" }
    let (digits, exponent) = decimal(value.magnitude)
    let sign = value < 0 ? "-" : ""
    if exponent < -4 || exponent >= 16 {
      let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
      let size = String(exponent.magnitude)
      let padding = size.count < 2 ? "0" : ""
      return sign + digits.prefix(1) + fraction + "e" + (exponent < 0 ? "-" : "+") + padding + size
    }
    if exponent < 0 {
      return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
    }
    let whole = digits.prefix(exponent + 1)
    let zeros = String(repeating: "0", count: exponent + 1 - whole.count)
    let rest = digits.dropFirst(exponent + 1)
    return sign + whole + zeros + "." + (rest.isEmpty ? "0" : rest)
  }

  /// The fewest digits that identify `value`, and the power of ten of the first.
  private static func decimal(_ value: Double) -> (digits: String, exponent: Int) {
    let parts = value.description.split(separator: "e")
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let whole = mantissa[0]
    let fraction = mantissa.count > 1 ? mantissa[1] : ""
    let all = whole + fraction
    let leading = all.prefix { $0 == "0" }.count
    var digits = String(all.dropFirst(leading))
    while digits.count > 1, digits.last == "0" { digits.removeLast() }
    let scale = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    return (digits, scale + whole.count - 1 - leading)
  }
}
