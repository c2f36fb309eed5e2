import AISKit
import Foundation

/// A calibration's outcome as a table for the terminal.
struct CalibrationTable {
  private let report: CalibrationReport
  private let calibration: RouterCalibration

  init(_ report: CalibrationReport, _ calibration: RouterCalibration) {
    self.report = report
    self.calibration = calibration
  }

  var text: String {
    (["", "layer  agreement  settled  epochs  loss train / stop  AUROC                 ECE"]
      + report.checkpoints.map(line) + [""] + guarantee + [times]).joined(separator: "\n")
  }

  private func line(_ checkpoint: CalibrationReport.Checkpoint) -> String {
    let settled =
      Double(checkpoint.positives[.train] ?? 0) / Double(max(checkpoint.rows[.train] ?? 0, 1))
    let start = String(
      format: "%5d  %7.1f %%  %5.1f %%", checkpoint.layer, checkpoint.agreement * 100,
      settled * 100)
    if let missing = checkpoint.missing { return start + "  no router: \(missing)" }
    let bounds = checkpoint.ranking?.bounds() ?? (.nan, .nan)
    return start
      + String(
        format: "  %6d  %7.3f / %7.3f  %.3f [%.3f, %.3f]  %.3f", checkpoint.bestEpoch,
        checkpoint.trainingLoss, checkpoint.stoppingLoss, checkpoint.ranking?.area ?? .nan,
        bounds.0, bounds.1, checkpoint.reliability?.expectedError ?? .nan)
  }

  private var guarantee: [String] {
    let (risk, choice) = (calibration.risk, report.choice)
    let base =
      "\(choice.rows) tokens of \(choice.texts) texts that training did not see"
    guard let step = choice.step else {
      var line =
        "threshold: none. No exit can be guaranteed to disagree on at most \(percent(risk.risk)) of "
        + "tokens with confidence \(percent(1 - risk.error)) on \(base)."
      let fewest = BettingTest.fewest(meanAtLeast: risk.risk, pValue: risk.error)
      if risk.unit == .text, choice.texts < fewest {
        line += " That takes at least \(fewest) texts."
      }
      return [line, "The routers' file says \(RiskControl.never): no token exits."]
    }
    return [
      "threshold \(step.threshold): \(percent(choice.exitRate)) of tokens exit, "
        + "\(percent(step.loss)) wrongly; at most \(percent(risk.risk)) with confidence "
        + "\(percent(1 - risk.error)), from \(calibration.configuration.minLayers) layers on,",
      "by \(base) (unit: \(risk.unit.rawValue), p = \(String(format: "%.3f", step.pValue)), "
        + "\(choice.steps.count) thresholds tried).",
    ]
  }

  private var times: String {
    let stages = report.seconds.map { String(format: "%@ %.1f s", $0.name, $0.seconds) }
    return "\(report.tokens) tokens; dropped texts: \(report.droppedTexts); "
      + stages.joined(separator: ", ")
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }
}
