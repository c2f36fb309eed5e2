import Foundation

/// A clock that is wrong on purpose, to show that a wrong clock is caught.
///
/// With `AIS_TEST_CLOCK_SCALE=0.1` the timed sides of a comparison seem to take a tenth of their
/// time, as if only the start of work were timed. The machine's ceilings are measured with the
/// right clock all the same. Comparisons timed with a scaled clock are never kept.
enum BrokenClock {
  static let variable = "AIS_TEST_CLOCK_SCALE"

  /// What measured times are multiplied by; 1 unless the variable says otherwise.
  static let scale = ProcessInfo.processInfo.environment[variable].flatMap(Double.init) ?? 1

  /// Throws `BrokenClockError` if the clock is not the right one.
  static func refuse() throws {
    if scale != 1 { throw BrokenClockError(scale: scale) }
  }
}

/// A timing was made with a clock that is wrong on purpose.
struct BrokenClockError: Error, Equatable, CustomStringConvertible {
  let scale: Double

  var description: String {
    "\(BrokenClock.variable)=\(scale) scales the clock: no timing is kept; the run fails"
  }
}
