import AISKit

extension ExitOutcomes {
  /// Counts of texts at thresholds, from rows; a threshold counts if it has as many texts as any.
  ///
  /// - Parameters:
  ///   - counts: a row for each text at each threshold.
  ///   - threshold: the score above which tokens exit.
  ///   - text: the text's index.
  ///   - rows: its rows.
  ///   - exits: those that exit.
  ///   - losses: those that are wrong.
  public init<Row>(
    _ counts: [Row], above threshold: (Row) -> Double, text: (Row) -> Int, rows: (Row) -> Int,
    exits: (Row) -> Int, losses: (Row) -> Int
  ) {
    let groups = Dictionary(grouping: counts, by: threshold).sorted { $0.key > $1.key }
      .map { (threshold: $0.key, texts: $0.value.sorted { text($0) < text($1) }) }
    let most = groups.map(\.texts.count).max() ?? 0
    let whole = groups.filter { $0.texts.count == most }
    self.init(
      thresholds: whole.map(\.threshold), rows: whole.first?.texts.map(rows) ?? [],
      exits: whole.map { $0.texts.map(exits) }, disagreements: whole.map { $0.texts.map(losses) })
  }
}
