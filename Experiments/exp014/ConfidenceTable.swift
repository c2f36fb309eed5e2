import AISHarness
import AISKit
import Foundation

/// How often votes in a range of confidence are right.
struct ConfidenceRow: ResultRow {
  var confidence = ""
  var prompts = 0
  var right = 0.0
  var lower = 0.0
  var upper = 0.0

  static let columns: [Column<ConfidenceRow>] = [
    Column("confidence", \.confidence, "the vote's share"),
    Column("prompts", \.prompts, "held-out prompts"),
    Column(
      "right", \.right, "votes that are right", compare: .absolute(0.03), show: .percent(1)),
    Column(
      "lower", \.lower, "lower end of its 95 % interval (Wilson)", compare: .absolute(0.03),
      show: .percent(1)),
    Column(
      "upper", \.upper, "upper end of its 95 % interval", compare: .absolute(0.03),
      show: .percent(1)),
  ]
}

/// Right votes by confidence, to see whether confidence means anything.
struct ConfidenceTable {
  let rows: [Exp014.Row]

  func report(in lab: Lab<Exp014.Row>) {
    let edges = [0, 0.25, 0.5, 0.75, 0.9, 1.000001]
    let bins = zip(edges, edges.dropFirst()).map { low, high in
      let members = rows.filter { $0.confidence >= low && $0.confidence < high }
      let right = Proportion(of: members.map(\.isRight))
      var bin = ConfidenceRow()
      bin.confidence = String(format: "%.2f–%.2f", low, min(high, 1))
      bin.prompts = members.count
      bin.right = right.rate
      (bin.lower, bin.upper) = (right.wilson().lower, right.wilson().upper)
      return bin
    }.filter { $0.prompts > 0 }
    lab.tabulate(DerivedTable("confidence", title: "Right votes by confidence", rows: bins))
    lab.draw(
      Figure(
        name: "confidence", title: "Right votes by confidence", table: "confidence",
        kind: .intervals(
          category: "confidence", value: "right", lower: "lower", upper: "upper", series: nil),
        xLabel: "the vote's share", yLabel: "right votes"))
  }

  /// Whether votes at or above this confidence are right more often than those below (with separate
  /// Wilson intervals).
  func isRightMoreOften(from confidence: Double) -> Finding {
    let sure = Proportion(of: rows.filter { $0.confidence >= confidence }.map(\.isRight))
    let unsure = Proportion(of: rows.filter { $0.confidence < confidence }.map(\.isRight))
    func text(_ proportion: Proportion) -> String {
      NumberFormat.text(proportion.rate, .percent(1), unit: "") + " "
        + NumberFormat.text(proportion.wilson(), .percent(1))
    }
    let (above, below) = (sure.wilson(), unsure.wilson())
    let measured = "\(text(sure)) at or above \(confidence), \(text(unsure)) below"
    if above.lower <= below.upper, above.upper >= below.lower {
      return .open("the intervals overlap", measured: measured)
    }
    return .met(
      above.lower > below.upper, measured: measured, asked: "more often right above",
      sample: "\(sure.trials) and \(unsure.trials) prompts")
  }
}
