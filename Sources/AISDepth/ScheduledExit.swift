/// Exits that are known before the pass, for example an oracle's.
public struct ScheduledExit: ExitRule {
  /// Whether the row at a position of a sequence exits after a layer.
  public typealias Schedule = @Sendable (_ layer: Int, _ sequence: Int, _ position: Int) -> Bool

  private let schedule: Schedule

  /// Rows exit as the schedule says.
  public init(_ schedule: @escaping Schedule) { self.schedule = schedule }

  /// The rows that the schedule names.
  public func exits(after step: Step, _ pass: Pass) throws -> ExitDecision {
    ExitDecision(
      (0..<pass.rowCount).map { row in
        let (sequence, position) = pass.place(of: row)
        return !pass.hasExited(row) && schedule(step.layer, sequence, position)
      })
  }
}
