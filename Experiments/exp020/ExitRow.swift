import AISHarness
import AISKit

extension Exp020 {
  /// One test prompt under the threshold that was chosen for one share of wrong exits.
  struct Row: ResultRow {
    var risk = 0.0
    var threshold = 0.0
    var prompt = 0
    var category = ""
    var positions = 0
    var exits = 0
    var disagreements = 0

    static let columns: [Column<Row>] = [
      Column("delta", \.risk, "wrong exits that are allowed, of all tokens"),
      Column(
        "threshold", \.threshold, "the threshold chosen for it; above 1: none",
        compare: .absolute(0.05)),
      Column("prompt", \.prompt, "index of the prompt in the test sample"),
      Column("category", \.category, "the prompt's own category"),
      Column("positions", \.positions, "positions that were looked at"),
      Column("exits", \.exits, "of those, where the token leaves", compare: .absolute(3)),
      Column(
        "disagreements", \.disagreements,
        "of those, where the layer's own readout has another top token than the full model",
        compare: .absolute(3)),
    ]
  }
}

/// Figures over all rows of one share.
struct ExitSummary {
  private let rows: [Exp020.Row]

  init(_ rows: [Exp020.Row], risk: Double) { self.rows = rows.filter { $0.risk == risk } }

  /// The share of tokens that exit.
  var exitRate: Estimate { ratio(\.exits) }

  /// The mean over prompts of the share of wrong exits, which the threshold bounds.
  var loss: Estimate {
    Bootstrap(resamples: 2_000).mean(
      of: rows.filter { $0.positions > 0 }.map { Double($0.disagreements) / Double($0.positions) })
  }

  /// The share of exited tokens with the full model's prediction.
  var agreement: Double {
    Double(rows.reduce(0) { $0 + $1.exits - $1.disagreements })
      / Double(rows.reduce(0) { $0 + $1.exits })
  }

  private func ratio(_ count: (Exp020.Row) -> Int) -> Estimate {
    func ratio(_ rows: [Exp020.Row]) -> Double {
      Double(rows.reduce(0) { $0 + count($1) }) / Double(rows.reduce(0) { $0 + $1.positions })
    }
    return Bootstrap(resamples: 2_000).estimate(count: rows.count, whole: ratio(rows)) {
      indices in ratio(indices.map { rows[$0] })
    }
  }
}
