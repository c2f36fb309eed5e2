import Foundation

/// Values as a page shows them.
public enum NumberFormat {
  /// The value in a column's style, without its unit; a dash for NaN.
  public static func text(_ value: ColumnValue, _ presentation: Presentation) -> String {
    switch value {
    case .text(let text): return text
    case .truth(let truth): return truth ? "yes" : "no"
    case .integer(let integer):
      if case .percent(let digits) = presentation { return percent(Double(integer), digits) }
      return grouped("\(integer)")
    case .real(let real):
      if real.isNaN { return "–" }
      if real.isInfinite { return real < 0 ? "−∞" : "∞" }
      switch presentation {
      case .decimals(let digits): return decimals(real, digits)
      case .percent(let digits): return percent(real, digits)
      case .automatic, .hidden: return significant(real)
      }
    }
  }

  /// A number in a style, with its unit if the style has none of its own.
  public static func text(
    _ value: Double, _ presentation: Presentation, unit: String
  ) -> String {
    let number = text(.real(value), presentation)
    if case .percent = presentation { return number }
    return unit.isEmpty ? number : "\(number) \(unit)"
  }

  /// An interval in the style of the number beside it: `[−1.63 %, −0.25 %]`.
  public static func text(_ interval: Interval, _ presentation: Presentation) -> String {
    "[\(text(.real(interval.lower), presentation)), \(text(.real(interval.upper), presentation))]"
  }

  /// The value with its unit, as running text shows it: `1.50 ms`, `95.3 %`.
  public static func text(_ figure: SummaryValue) -> String {
    let number = text(figure.value, figure.column.presentation)
    if case .percent = figure.column.presentation { return number }
    return figure.column.unit.isEmpty ? number : "\(number) \(figure.column.unit)"
  }

  private static func decimals(_ value: Double, _ digits: Int) -> String {
    let text = String(format: "%.\(digits)f", value)
    // A minus before zeros would claim a sign that the shown digits don't have.
    let isZero = text.allSatisfy { "-0.".contains($0) }
    return grouped(isZero ? text.replacingOccurrences(of: "-", with: "") : text)
  }

  private static func percent(_ value: Double, _ digits: Int) -> String {
    decimals(value * 100, digits) + " %"
  }

  /// Four significant digits, with an exponent only in place of many zeros.
  private static func significant(_ value: Double) -> String {
    let magnitude = value.magnitude
    if magnitude == 0 { return "0" }
    if magnitude < 1e-4 || magnitude >= 1e15 { return String(format: "%.3e", value) }
    let exponent = Int(log10(magnitude).rounded(.down))
    return decimals(value, max(0, 3 - exponent))
  }

  /// Commas between groups of three digits before the point.
  private static func grouped(_ text: String) -> String {
    let isNegative = text.hasPrefix("-")
    let digits = isNegative ? text.dropFirst() : text[...]
    let whole = digits.prefix { $0 != "." }
    var grouped = ""
    for (place, digit) in whole.enumerated() {
      if place > 0, (whole.count - place) % 3 == 0 { grouped.append(",") }
      grouped.append(digit)
    }
    return (isNegative ? "−" : "") + grouped + digits.dropFirst(whole.count)
  }
}

extension Double {
  /// The number as running text shows it: `0.513.shown(.percent(1))` is `51.3 %`.
  public func shown(_ presentation: Presentation, unit: String = "") -> String {
    NumberFormat.text(self, presentation, unit: unit)
  }
}

extension Estimate {
  /// The value and its interval for a fixed n: `51.3 % [48.0 %, 54.6 %]`.
  public func shown(_ presentation: Presentation) -> String {
    value.shown(presentation) + " " + NumberFormat.text(interval, presentation)
  }
}
