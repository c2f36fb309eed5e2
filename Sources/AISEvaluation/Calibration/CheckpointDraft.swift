/// The labelled rows of a calibration, divided by role.
struct CalibrationParts {
  /// Shape: [layers][rows].
  let labels: [[Bool]]
  private let ranges: [CalibrationText.Role: Range<Int>]

  /// Divides rows whose texts are ordered by role.
  init(
    _ rows: LabelledRows, _ roles: [CalibrationText.Role], _ label: RouterCalibration.Label,
    _ configuration: TokenExitConfiguration
  ) {
    switch label {
    case .agreement:
      labels = rows.agrees
    case .cosine:
      labels = rows.cosines.map { cosines in
        cosines.map { Double($0) > configuration.convergenceThreshold }
      }
    }
    var ranges: [CalibrationText.Role: Range<Int>] = [:]
    for (row, text) in rows.texts.enumerated() {
      let first = ranges[roles[text]]?.lowerBound ?? row
      ranges[roles[text]] = first..<row + 1
    }
    self.ranges = ranges
  }

  func range(_ role: CalibrationText.Role) -> Range<Int> { ranges[role] ?? 0..<0 }
}

/// A checkpoint of the report in the making.
struct CheckpointDraft {
  let layer: Int
  let rows: [CalibrationText.Role: Int]
  let positives: [CalibrationText.Role: Int]
  var outcome: RouterTraining.Outcome?

  init(layer: Int, parts: CalibrationParts, labels: [Bool]) {
    self.layer = layer
    var (rows, positives) = ([CalibrationText.Role: Int](), [CalibrationText.Role: Int]())
    for role in CalibrationText.Role.allCases {
      rows[role] = parts.range(role).count
      positives[role] = parts.range(role).count { labels[$0] }
    }
    (self.rows, self.positives) = (rows, positives)
  }

  /// Why there can be no router; `nil` if there can be one.
  var missing: String? {
    for (role, fewest) in [
      (CalibrationText.Role.train, RouterCalibration.fewestRows.train),
      (.stop, RouterCalibration.fewestRows.stop),
    ] {
      let (all, settled) = (rows[role] ?? 0, positives[role] ?? 0)
      if min(settled, all - settled) < fewest {
        return "\(settled) of \(all) rows to \(role.rawValue) have settled; at least \(fewest) "
          + "must have, and as many must not"
      }
    }
    return nil
  }

  /// The report of the checkpoint, with the quality of its scores on held-out rows.
  func judged(
    scores: ExitScores, labels: [Bool], texts: [Int], held: Range<Int>, agreement: [Bool]
  ) -> CalibrationReport.Checkpoint {
    let own = scores.layers.firstIndex(of: layer).map { scores.values[$0] }
    return CalibrationReport.Checkpoint(
      layer: layer, rows: rows, positives: positives,
      agreement: Double(agreement.count { $0 }) / Double(max(agreement.count, 1)),
      epochs: outcome?.epochs ?? 0, bestEpoch: outcome?.bestEpoch ?? 0,
      trainingLoss: outcome?.trainingLoss ?? .nan, stoppingLoss: outcome?.stoppingLoss ?? .nan,
      ranking: own.map {
        RankingQuality(scores: $0, labels: Array(labels[held]), clusters: Array(texts[held]))
      },
      reliability: own.map { Reliability(scores: $0, labels: Array(labels[held])) },
      missing: missing)
  }
}
