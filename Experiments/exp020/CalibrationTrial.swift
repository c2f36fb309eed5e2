import AISHarness
import AISKit
import Foundation

/// Trains exit routers and runs them on the test texts.
struct CalibrationTrial {
  private let calibration: RouterCalibration
  private let sample: CalibrationSample

  init(_ calibration: RouterCalibration, _ sample: CalibrationSample) {
    self.calibration = calibration
    self.sample = sample
  }

  /// Trains exit routers and writes their file beside the result.
  func train(
    in lab: Lab<Exp020.Row>
  ) throws -> (routers: TokenRouters, report: CalibrationReport) {
    var meters = CalibrationMeters()
    let (routers, report) = try calibration.run(
      sample.texts, folder: lab.folder.path,
      notes: [
        "model_name": lab.model.lastPathComponent, ModelArtefact.digestName: lab.modelSHA256,
      ]
    ) { meters.show($0) }
    let file = lab.companion(Lab<Exp020.Row>.routerSuffix)
    try routers.write(to: file.path)
    lab.say("  routers  \(file.relativePath)")
    return (routers, report)
  }

  /// The routers' outcomes on the test texts.
  func test(
    _ routers: TokenRouters, _ report: CalibrationReport, in lab: Lab<Exp020.Row>
  ) throws -> TestOutcomes {
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
    return TestOutcomes(
      calibration, report, rows, scores, categories: sample.categories,
      outcomes: ExitOutcomes(
        scores: scores, agrees: rows.agreement(of: routers, rows: 0..<rows.count),
        texts: rows.texts, minLayers: calibration.configuration.minLayers))
  }
}
