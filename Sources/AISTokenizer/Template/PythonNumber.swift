import Foundation

/// Python's arithmetic on numbers; an integer that does not fit 64 bits is an error.
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
      if quotient == 0 { return (left / right).sign == .minus ? -0.0 : 0.0 }
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
