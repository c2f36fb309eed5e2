/// The effect of token exit at each of several thresholds, counted for each text.
public struct ExitOutcomes: Sendable, Equatable {
  /// The thresholds, in falling order.
  public let thresholds: [Double]
  /// Rows of each text.
  ///
  /// Shape: [texts].
  public let rows: [Int]
  /// Rows that exit.
  ///
  /// Shape: [thresholds][texts].
  public let exits: [[Int]]
  /// Rows that exit after a layer whose own readout has another top token than the full model.
  ///
  /// Shape: [thresholds][texts].
  public let disagreements: [[Int]]

  /// Outcomes that were counted elsewhere.
  public init(thresholds: [Double], rows: [Int], exits: [[Int]], disagreements: [[Int]]) {
    precondition(exits.count == thresholds.count && disagreements.count == thresholds.count)
    precondition((exits + disagreements).allSatisfy { $0.count == rows.count }, "a count a text")
    self.thresholds = thresholds
    self.rows = rows
    self.exits = exits
    self.disagreements = disagreements
  }

  /// Counts, for each threshold, rows that exit after the first layer whose score is above it.
  ///
  /// - Parameters:
  ///   - scores: the routers' scores.
  ///   - agrees: whether each layer's own readout has the full model's top token.
  ///     Shape: [scores.layers][rows].
  ///   - texts: the number of each row's text; any numbers. Shape: [rows].
  ///   - minLayers: layers that must run before a row may exit.
  ///   - thresholds: in falling order.
  public init(
    scores: ExitScores, agrees: [[Bool]], texts: [Int], minLayers: Int,
    thresholds: [Double] = RiskControl.thresholds
  ) {
    precondition(agrees.count == scores.layers.count && texts.count == scores.rows, "rows that fit")
    let numbers = Set(texts).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(numbers, numbers.indices))
    let place = texts.map { places[$0] ?? 0 }
    var rows = [Int](repeating: 0, count: numbers.count)
    for text in place { rows[text] += 1 }
    var exits = thresholds.map { _ in rows.map { _ in 0 } }
    var disagreements = exits
    for (index, threshold) in thresholds.enumerated() {
      for (row, exit) in scores.exits(threshold: threshold, minLayers: minLayers).enumerated() {
        guard let exit else { continue }
        exits[index][place[row]] += 1
        if !agrees[exit][row] { disagreements[index][place[row]] += 1 }
      }
    }
    self.init(thresholds: thresholds, rows: rows, exits: exits, disagreements: disagreements)
  }

  /// The share of rows that exit with another top token than the full model, for each text with rows.
  func losses(_ threshold: Int) -> [Double] {
    zip(disagreements[threshold], rows).compactMap { $1 > 0 ? Double($0) / Double($1) : nil }
  }

  /// The outcomes of the given texts, by index; a text that is given twice counts twice.
  public func choosing(_ texts: [Int]) -> ExitOutcomes {
    func chosen(_ counts: [Int]) -> [Int] { texts.map { counts[$0] } }
    return ExitOutcomes(
      thresholds: thresholds, rows: chosen(rows), exits: exits.map(chosen),
      disagreements: disagreements.map(chosen))
  }
}
