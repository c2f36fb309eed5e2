/// How a value is measured, compared and shown: its unit, its tolerance and its digits.
///
/// Columns, cells and figures about a whole run all take one.
public struct ValueStyle: Sendable, Equatable {
  /// The unit (`nats`, `ms`), or the empty string.
  public let unit: String
  /// How two results are compared.
  public let comparison: Comparison
  /// How the value is shown.
  public let presentation: Presentation

  /// A style from its parts.
  public init(
    unit: String = "", compare comparison: Comparison = .exact,
    show presentation: Presentation = .automatic
  ) {
    (self.unit, self.comparison, self.presentation) = (unit, comparison, presentation)
  }

  /// Equal values only; shown as `automatic` says.
  public static let plain = ValueStyle()
  /// Kept and compared, but not shown.
  public static let hidden = ValueStyle(show: .hidden)
  /// Any difference is allowed, such as in generated text.
  public static let unchecked = ValueStyle(compare: .ignored)
  /// A share in percent, which may differ by two points.
  public static let share = share(within: 0.02)

  /// A share in percent, which may differ by a share.
  public static func share(within tolerance: Double, digits: Int = 1) -> ValueStyle {
    ValueStyle(compare: .absolute(tolerance), show: .percent(digits))
  }

  /// A share in percent that may differ in any way, such as one that follows from times.
  public static func uncheckedShare(digits: Int) -> ValueStyle {
    ValueStyle(compare: .ignored, show: .percent(digits))
  }

  /// A number with some digits after the point, which may differ by a tolerance.
  public static func decimals(
    _ digits: Int, within tolerance: Double, unit: String = ""
  ) -> ValueStyle {
    ValueStyle(unit: unit, compare: .absolute(tolerance), show: .decimals(digits))
  }

  /// A number with some digits after the point, which may differ by a share of itself.
  public static func decimals(_ digits: Int, relative tolerance: Double) -> ValueStyle {
    ValueStyle(compare: .relative(tolerance), show: .decimals(digits))
  }

  /// A number with some digits after the point that must be equal.
  public static func exact(_ digits: Int) -> ValueStyle { ValueStyle(show: .decimals(digits)) }

  /// A share in percent that must be equal.
  public static func percent(_ digits: Int) -> ValueStyle { ValueStyle(show: .percent(digits)) }

  /// A divergence in nats.
  public static func nats(_ digits: Int = 3, within tolerance: Double = 0.02) -> ValueStyle {
    decimals(digits, within: tolerance, unit: "nats")
  }

  /// A number with some digits after the point that may differ in any way, such as a time.
  public static func unchecked(_ digits: Int = 2, unit: String = "") -> ValueStyle {
    ValueStyle(unit: unit, compare: .ignored, show: .decimals(digits))
  }

  /// A number, such as a count, that may differ by a tolerance.
  public static func within(_ tolerance: Double, unit: String = "") -> ValueStyle {
    ValueStyle(unit: unit, compare: .absolute(tolerance))
  }

  /// A number that may differ by a share of itself.
  public static func relative(_ tolerance: Double, unit: String = "") -> ValueStyle {
    ValueStyle(unit: unit, compare: .relative(tolerance))
  }
}
