import AISHarness
import AISKit

/// Trains exit routers and scores the test texts with them.
struct CalibrationTrial {
  let calibration: RouterCalibration
  let sample: CalibrationSample

  /// The routers, whose file lies beside the result.
  ///
  /// Scores of the test texts are recorded last; a run that has them goes on with that file.
  func routers(in lab: Lab<Exp020.Row>) throws -> TokenRouters {
    let file = lab.companion(Lab<Exp020.Row>.routerSuffix)
    if !lab.rows(of: ScoreRow.self).isEmpty { return try TokenRouters(path: file.path) }
    let (routers, report) = try train(in: lab)
    try routers.write(to: file.path)
    lab.say("  routers  \(file.relativePath)")
    try record(report, in: lab)
    try test(routers, in: lab)
    return routers
  }

  private func train(
    in lab: Lab<Exp020.Row>
  ) throws -> (routers: TokenRouters, report: CalibrationReport) {
    var meters = CalibrationMeters()
    return try calibration.run(
      sample.texts, folder: lab.folder.path,
      notes: [
        "model_name": ModelCatalog.shownName(of: lab.model),
        ModelArtefact.digestName: lab.modelSHA256,
      ]
    ) { meters.show($0) }
  }

  private func record(_ report: CalibrationReport, in lab: Lab<Exp020.Row>) throws {
    let stages = report.seconds.map { "\($0.name) \(Int($0.seconds.rounded())) s" }
    try lab.note(
      "calibration_seconds", report.seconds.reduce(0) { $0 + $1.seconds },
      "calibration on \(report.tokens) tokens: " + stages.joined(separator: ", "),
      .unchecked(0, unit: "s"))
    if lab.rows(of: CheckpointRow.self).isEmpty {
      try lab.record(
        raw: report.checkpoints.map {
          CheckpointRow(
            layer: $0.layer, rows: $0.rows[.train] ?? 0, settled: $0.positives[.train] ?? 0,
            epochs: $0.bestEpoch, trainingLoss: $0.trainingLoss, stoppingLoss: $0.stoppingLoss)
        })
    }
    if lab.rows(of: ValidationRow.self).isEmpty {
      let outcomes = report.outcomes
      try lab.record(
        raw: outcomes.thresholds.indices.flatMap { place in
          outcomes.rows.indices.map { text in
            ValidationRow(
              threshold: outcomes.thresholds[place], text: text, positions: outcomes.rows[text],
              exits: outcomes.exits[place][text],
              disagreements: outcomes.disagreements[place][text])
          }
        })
    }
  }

  private func test(_ routers: TokenRouters, in lab: Lab<Exp020.Row>) throws {
    var keeping = LabelReader.Keeping()
    keeping.activationFolder = lab.folder.path
    let reader = try LabelReader(
      model: calibration.model, layers: routers.layers, labelEvery: calibration.labelEvery,
      seed: lab.seed, keeping: keeping, exitBridges: calibration.exitBridges)
    let meter = ProgressMeter("test tokens", total: sample.test.reduce(0) { $0 + $1.count })
    let rows = try reader.read(
      sample.test, firstPositions: sample.test.map { _ in sample.opening }
    ) { meter.advance(by: $0) }
    let scores = try rows.scores(of: routers, rows: 0..<rows.count)
    try lab.record(
      raw: rows.layers.indices.flatMap { place in
        (0..<rows.count).map { row in
          ScoreRow(
            prompt: rows.texts[row], position: rows.positions[row], layer: rows.layers[place],
            score: scores.values[place][row], settled: hasSettled(rows, place, row),
            agrees: rows.agrees[place][row])
        }
      })
  }

  private func hasSettled(_ rows: LabelledRows, _ place: Int, _ row: Int) -> Bool {
    switch calibration.label {
    case .agreement: rows.agrees[place][row]
    case .cosine:
      Double(rows.cosines[place][row]) > calibration.configuration.convergenceThreshold
    }
  }
}
