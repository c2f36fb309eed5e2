import Foundation

/// Python's arithmetic on numbers; integers that leave 64 bits are errors.
enum PythonNumber {
  static func exact(_ result: (partialValue: Int, overflow: Bool)) throws -> Int {
    if result.overflow { throw tooLarge }
    return result.partialValue
  }

  static func floorDivide(_ left: Int, _ right: Int) throws -> Int {
    if right == 0 { throw byZero }
    let quotient = try exact(left.dividedReportingOverflow(by: right))
    return left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient
  }

  static func remainder(_ left: Int, _ right: Int) throws -> Int {
    if right == 0 { throw byZero }
    if right == -1 { return 0 }
    let rest = left % right
    return rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest
  }

  static func power(_ base: Int, _ exponent: Int) throws -> Int {
    if base == 1 || exponent == 0 { return 1 }
    if base == 0 { return 0 }
    if base == -1 { return exponent % 2 == 0 ? 1 : -1 }
    if exponent > 63 { throw tooLarge }
    var result = 1
    for _ in 0..<exponent { result = try exact(result.multipliedReportingOverflow(by: base)) }
    return result
  }

  static func apply(
    _ left: Double, _ operation: JinjaArithmetic, _ right: Double
  ) throws -> Double {
    switch operation {
    case .add: return left + right
    case .subtract: return left - right
    case .multiply: return left * right
    case .divide:
      if right == 0 { throw byZero }
      return left / right
    case .floorDivide:
      if right == 0 { throw byZero }
      let rest = try remainder(left, right)
      let quotient = (left - rest) / right
      let whole = quotient.rounded(.down)
      if quotient == 0 { return left / right < 0 ? -0.0 : 0.0 }
      return quotient - whole > 0.5 ? whole + 1 : whole
    case .remainder: return try remainder(left, right)
    case .power:
      if left == 0, right < 0 { throw byZero }
      let result = pow(left, right)
      if result.isNaN || result.isInfinite, left.isFinite, right.isFinite { throw tooLarge }
      return result
    }
  }

  private static func remainder(_ left: Double, _ right: Double) throws -> Double {
    if right == 0 { throw byZero }
    let rest = fmod(left, right)
    if rest == 0 { return right < 0 ? -0.0 : 0.0 }
    return (rest < 0) != (right < 0) ? rest + right : rest
  }

  private static var byZero: ChatTemplateError { ChatTemplateError(.value, "division by zero") }

  private static var tooLarge: ChatTemplateError {
    ChatTemplateError(.limit, "expected a number that fits 64 bits")
  }
}

/// The part of Python's `format % values` that templates use.
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
      // Python lets a format without directives take a mapping.
      if case .dict = value { return output }
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
}
