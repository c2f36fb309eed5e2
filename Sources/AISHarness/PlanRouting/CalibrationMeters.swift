import AISKit

/// Progress lines of a calibration, one for each stage.
public struct CalibrationMeters {
  private var reading: ProgressMeter?
  private var training: ProgressMeter?
  private var read = 0

  /// Meters before the first stage.
  public init() {}

  /// Says how far the calibration has come.
  public mutating func show(_ progress: RouterCalibration.Progress) {
    switch progress {
    case .read(let tokens, let total):
      let meter = reading ?? ProgressMeter("tokens", total: total)
      reading = meter
      meter.advance(by: tokens - read)
      read = tokens
    case .trained(_, let total):
      let meter = training ?? ProgressMeter("routers", total: total)
      training = meter
      meter.advance()
    }
  }
}
