/// Exits that are known before the pass, for example an oracle's.
public struct ScheduledExit: ExitRule {
  /// Whether the row at a position of a sequence exits after a layer.
  public typealias Schedule = @Sendable (_ layer: Int, _ sequence: Int, _ position: Int) -> Bool

  private let schedule: Schedule
  private let layers: Set<Int>?

  /// Rows exit after `layers` (`nil`: any layer) as the schedule says.
  public init(after layers: Set<Int>? = nil, _ schedule: @escaping Schedule) {
    (self.schedule, self.layers) = (schedule, layers)
  }

  /// True after the given layers.
  public func mayExit(after layer: Int) -> Bool { layers?.contains(layer) ?? true }

  /// The rows that the schedule names.
  public func exits(after step: Step, _ pass: Pass) throws -> ExitDecision {
    ExitDecision(
      (0..<pass.rowCount).map { row in
        let (sequence, position) = pass.place(of: row)
        return !pass.hasExited(row) && schedule(step.layer, sequence, position)
      })
  }
}

/// A device can read the schedule as a list.
extension ScheduledExit: RecordableExitRule {
  /// The layers: who exits there is data.
  package var recordingKey: AnyHashable { layers }

  /// By the list.
  package var recording: ExitRecording { .schedule(schedule) }
}
