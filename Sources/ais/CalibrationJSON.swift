import AISKit
import Foundation

/// A calibration's outcome as JSON.
struct CalibrationJSON: Encodable {
  private struct Checkpoint: Encodable {
    let layer: Int
    let agreement: Double
    let trainingRows: Int
    let settledRows: Int
    let epochs: Int
    let trainingLoss: Double?
    let stoppingLoss: Double?
    let auroc: Double?
    let aurocLower: Double?
    let aurocUpper: Double?
    let ece: Double?
    /// Why there is no router.
    let missing: String?
  }

  private struct Step: Encodable {
    let threshold: Double
    let exits: Int
    let disagreements: Int
    let loss: Double
    let pValue: Double
  }

  private let threshold: Double?
  private let exitRate: Double
  private let texts: Int
  private let tokens: Int
  private let checkpoints: [Checkpoint]
  private let steps: [Step]
  private let seconds: [String: Double]

  init(_ report: CalibrationReport) {
    // JSON has no NaN.
    func number(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
    threshold = report.choice.threshold
    exitRate = report.choice.exitRate
    texts = report.choice.texts
    tokens = report.choice.rows
    checkpoints = report.checkpoints.map { checkpoint in
      let bounds = checkpoint.ranking?.bounds()
      return Checkpoint(
        layer: checkpoint.layer, agreement: checkpoint.agreement,
        trainingRows: checkpoint.rows[.train] ?? 0,
        settledRows: checkpoint.positives[.train] ?? 0, epochs: checkpoint.bestEpoch,
        trainingLoss: number(checkpoint.trainingLoss),
        stoppingLoss: number(checkpoint.stoppingLoss), auroc: number(checkpoint.ranking?.area),
        aurocLower: number(bounds?.lower), aurocUpper: number(bounds?.upper),
        ece: number(checkpoint.reliability?.expectedError), missing: checkpoint.missing)
    }
    steps = report.choice.steps.map {
      Step(
        threshold: $0.threshold, exits: $0.exits, disagreements: $0.disagreements, loss: $0.loss,
        pValue: $0.pValue)
    }
    seconds = Dictionary(
      report.seconds.map { ($0.name, $0.seconds) }, uniquingKeysWith: { first, _ in first })
  }

  var text: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
