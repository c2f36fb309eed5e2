import Foundation

extension SummaryValue {
  /// The figure, with its interval parsed from its description if it has none of its own.
  ///
  /// Files of an earlier layout wrote it there as text, `…, 95 % in [0.0225, 0.0412]`, always as a
  /// plain number. Beside a value in percent, one row had two units.
  var withIntervalFromText: SummaryValue {
    guard interval == nil,
      let match = column.description.firstMatch(
        of: /,? ?95 % in \[(-?[0-9.]+(?:e-?[0-9]+)?), (-?[0-9.]+(?:e-?[0-9]+)?)\]/),
      let lower = Double(match.1), let upper = Double(match.2)
    else { return self }
    var description = column.description
    description.removeSubrange(match.range)
    let plain = ColumnDescription(
      name: column.name, kind: column.kind, unit: column.unit, description: description,
      comparison: column.comparison, presentation: column.presentation)
    return SummaryValue(
      column: plain, value: value, interval: Interval(lower: lower, upper: upper))
  }
}
