import Foundation

/// One axis of a plot: its range, and where its tics are.
package struct PlotAxis {
  /// How values lie along the axis.
  enum Scale {
    /// Evenly.
    case linear
    /// By their logarithm; a tic at each of these values, if there are few.
    case logarithmic([Double])
    /// At the places 0, 1, 2, … of these labels.
    case places([String])
  }

  /// A tic and the lines of its label, none for a tic alone.
  package struct Tic: Equatable {
    package let value: Double
    package let lines: [String]
  }

  let scale: Scale
  let range: ClosedRange<Double>
  /// Whether values grow downwards, as rows of a table do.
  var isReversed = false

  /// Places with half a place of room at each end.
  package init(places labels: [String], room: Double = 0.5, isReversed: Bool = false) {
    scale = .places(labels)
    range = -room...max(0, Double(labels.count - 1)) + room
    self.isReversed = isReversed
  }

  /// An even axis.
  package init(_ range: ClosedRange<Double>) {
    scale = .linear
    self.range = range
  }

  /// A logarithmic axis of a positive range, with tics at these values if they are few.
  package init(logarithmic values: [Double], _ range: ClosedRange<Double>) {
    scale = .logarithmic(values)
    self.range = range
  }

  var isLogarithmic: Bool {
    if case .logarithmic = scale { return true }
    return false
  }

  /// A value's place along the axis, 0 at its left or lower end and 1 at the other.
  package func fraction(of value: Double) -> Double {
    let (low, high) = (range.lowerBound, range.upperBound)
    let share =
      isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
    return isReversed ? 1 - share : share
  }

  /// The value at a place along the axis; the inverse of `fraction`.
  package func value(at fraction: Double) -> Double {
    let (low, high) = (range.lowerBound, range.upperBound)
    let share = isReversed ? 1 - fraction : fraction
    return isLogarithmic ? low * pow(high / low, share) : low + share * (high - low)
  }

  /// The tics of a vertical axis, with labels of at most `width` pixels.
  package func tics(height: Double, width: Double) -> [Tic] {
    switch scale {
    case .linear: linear(atMost: max(2, Int(height / 32)))
    case .logarithmic(let values): spaced(logarithmic(values), length: height) { _ in 18 }
    case .places(let labels):
      spaced(places(labels) { TextBlock.lines($0, width: width) }, length: height) {
        Double($0.lines.count) * 14
      }
    }
  }

  /// The tics of a horizontal axis; labels that would overlap are left out, except slanted ones.
  package func tics(width: Double) -> [Tic] {
    switch scale {
    case .linear:
      let most = max(2, Int(width / 50))
      let widest = linear(atMost: most).map(Self.width).max() ?? 0
      return linear(atMost: max(2, min(most, Int(width / (widest + 14)))))
    case .logarithmic(let values):
      return spaced(logarithmic(values), length: width) { Self.width($0) + 8 }
    case .places(let labels):
      if slants(width: width) { return places(labels, Self.shortened) }
      let slot = width / Double(max(1, labels.count))
      let fits = Self.areShort(labels, slot: slot)
      let tics = places(labels) { fits ? TextBlock.lines($0, width: slot - 6) : [$0] }
      return spaced(tics, length: width) { Self.width($0) + 5 }
    }
  }

  /// Whether the labels of a horizontal axis are so long that they are slanted.
  func slants(width: Double) -> Bool {
    guard case .places(let labels) = scale else { return false }
    let slot = width / Double(max(1, labels.count))
    return slot >= 14 && !Self.areShort(labels, slot: slot)
      && labels.contains { $0.contains(where: \.isLetter) }
  }

  /// Whether labels fit side by side, on at most three lines, without a break in a word.
  static func areShort(_ labels: [String], slot: Double) -> Bool {
    labels.allSatisfy { label in
      label.split(separator: " ").allSatisfy { TextBlock.width(String($0)) <= slot - 6 }
        && TextBlock.lines(label, width: slot - 6).count <= 3
    }
  }

  /// A label on one line, ended early if a slanted one would reach too far.
  private static func shortened(_ label: String) -> [String] {
    let lines = TextBlock.lines(label, width: 180)
    return lines.count > 1 ? [lines[0] + " …"] : lines
  }

  private static func width(_ tic: Tic) -> Double {
    tic.lines.map { TextBlock.width($0) }.max() ?? 0
  }

  private func places(_ labels: [String], _ lines: (String) -> [String]) -> [Tic] {
    labels.enumerated().map { Tic(value: Double($0), lines: lines($1)) }
  }

  /// Steps of 1, 2 or 5 times a power of ten.
  private func linear(atMost most: Int) -> [Tic] {
    let span = range.upperBound - range.lowerBound
    let power = pow(10, floor(log10(span / Double(most))))
    let step = [1.0, 2, 5, 10].map { $0 * power }.first { span / $0 <= Double(most) } ?? span
    let first = (range.lowerBound / step - 1e-9).rounded(.up)
    let last = (range.upperBound / step + 1e-9).rounded(.down)
    // A range beyond what numbers resolve has no tics.
    guard step > 0, last - first <= Double(most) + 1 else { return [] }
    let decimals = min(12, max(0, Int((-log10(step) - 1e-9).rounded(.up))))
    return stride(from: first, through: last, by: 1).map { index in
      Tic(value: index * step, lines: [Self.text(index * step, decimals)])
    }
  }

  private func logarithmic(_ values: [Double]) -> [Tic] {
    let distinct = Set(values).filter { range.contains($0) }.sorted()
    if distinct.count <= 12 { return distinct.map { Tic(value: $0, lines: [Self.text($0)]) } }
    let (first, last) = (log10(range.lowerBound), log10(range.upperBound))
    guard first.isFinite, last.isFinite else { return [] }
    let powers = stride(from: first.rounded(.down), through: last, by: 1)
    return powers.flatMap { power in [1.0, 2, 5].map { $0 * pow(10, power) } }
      .filter { range.contains($0) }.map { Tic(value: $0, lines: [Self.text($0)]) }
  }

  /// The tics, those without a label that would overlap the label before.
  private func spaced(_ tics: [Tic], length: Double, _ extent: (Tic) -> Double) -> [Tic] {
    var end = -Double.infinity
    if case .places = scale {
      // Every n-th label, so that the rhythm shows which places are in between.
      let widest = tics.map(extent).max() ?? 0
      let step = max(1, Int((widest * Double(tics.count) / length).rounded(.up)))
      return tics.enumerated().filter { $0.offset % step == 0 }.map(\.element)
    }
    return tics.map { tic in
      let (middle, half) = (fraction(of: tic.value) * length, extent(tic) / 2)
      guard middle - half >= end else { return Tic(value: tic.value, lines: []) }
      end = middle + half
      return tic
    }
  }

  /// A value with three digits.
  static func rounded(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return text(value) }
    let unit = pow(10, floor(log10(value.magnitude)) - 2)
    return text(unit.isNormal && value.magnitude < 1e7 ? (value / unit).rounded() * unit : value)
  }

  /// A value without zeros at its end, or with a number of decimals.
  static func text(_ value: Double, _ decimals: Int? = nil) -> String {
    let isWhole = decimals.map { $0 == 0 } ?? (value == value.rounded())
    if value.magnitude >= 1e7 || (value != 0 && value.magnitude < 1e-4) {
      return String(format: "%.3g", value).replacing("-", with: "−")
    }
    if isWhole { return NumberFormat.text(.integer(Int(value.rounded())), .automatic) }
    guard let decimals else { return String(format: "%.4g", value).replacing("-", with: "−") }
    return NumberFormat.text(.real(value), .decimals(decimals)).replacing("-", with: "−")
  }
}
