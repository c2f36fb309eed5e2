/// What leaving above each of some thresholds would do, text by text.
public struct ExitOutcomes: Sendable, Equatable {
  /// The thresholds, falling.
  public let thresholds: [Double]
  /// Rows of each text.
  ///
  /// Shape: [texts].
  public let rows: [Int]
  /// Rows that leave.
  ///
  /// Shape: [thresholds][texts].
  public let exits: [[Int]]
  /// Rows that leave where the top token of that layer's own readout is not the full model's.
  ///
  /// Shape: [thresholds][texts].
  public let disagreements: [[Int]]

  /// Outcomes as counted elsewhere.
  public init(thresholds: [Double], rows: [Int], exits: [[Int]], disagreements: [[Int]]) {
    precondition(exits.count == thresholds.count && disagreements.count == thresholds.count)
    precondition((exits + disagreements).allSatisfy { $0.count == rows.count }, "a count a text")
    self.thresholds = thresholds
    self.rows = rows
    self.exits = exits
    self.disagreements = disagreements
  }

  /// Lets every row leave behind the first layer whose score is above each threshold.
  ///
  /// - Parameters:
  ///   - scores: the routers' scores.
  ///   - agrees: whether each layer's own readout has the full model's top token.
  ///     Shape: [scores.layers][rows].
  ///   - texts: the text of each row, any numbers. Shape: [rows].
  ///   - minLayers: layers that must have run.
  ///   - thresholds: falling.
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

  /// The share of each text's rows that leave wrongly, of texts that have rows.
  func losses(_ threshold: Int) -> [Double] {
    zip(disagreements[threshold], rows).compactMap { $1 > 0 ? Double($0) / Double($1) : nil }
  }

  /// The outcomes of a choice of texts, one that is named twice counting twice.
  public func choosing(_ texts: [Int]) -> ExitOutcomes {
    func chosen(_ counts: [Int]) -> [Int] { texts.map { counts[$0] } }
    return ExitOutcomes(
      thresholds: thresholds, rows: chosen(rows), exits: exits.map(chosen),
      disagreements: disagreements.map(chosen))
  }
}
