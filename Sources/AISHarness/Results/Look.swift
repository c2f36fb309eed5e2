/// One time that the rows of a growing run were judged.
///
/// Verdicts stay valid at every look; pages say how many there were.
public struct Look: Sendable, Equatable, Codable {
  /// Rows at that time.
  public let rows: Int
  /// Processes that had timed by then.
  public let processes: Int
  /// When it was, in UTC; empty if unknown.
  public let utc: String

  /// A look from its parts.
  public init(rows: Int, processes: Int, utc: String) {
    self.rows = rows
    self.processes = processes
    self.utc = utc
  }
}
