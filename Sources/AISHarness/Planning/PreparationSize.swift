/// The size at which an experiment's missing needs are made.
///
/// One rule for all of it:
///
/// - An experiment states from which number of items on it is full size (`Experiment.wholeFrom`).
///   With that many or more, or by default, its needs are made at their own full size.
/// - With fewer, its needs are made smaller by the same factor. The size is rounded up to a
///   multiple of eight (the prompts have eight categories), and is never below the least that means
///   anything. So a first try costs little in all.
/// - A small result is kept beside the full one; the full one is preferred if both exist.
public struct PreparationSize: Sendable, Equatable {
  private static let step = 8

  /// The factor, at most 1.
  let share: Double

  /// The size that follows from the number of items asked for.
  ///
  /// - Parameters:
  ///   - asked: items that the user asked for; `nil` for the default.
  ///   - wholeFrom: items from which on the experiment is full size; `nil` if it always is.
  public init(asked: Int?, wholeFrom: Int?) {
    guard let asked, let wholeFrom, wholeFrom > 0 else {
      share = 1
      return
    }
    share = min(1, Double(asked) / Double(wholeFrom))
  }

  /// The number of items to make.
  ///
  /// - Parameters:
  ///   - full: the full size.
  ///   - least: the fewest items that mean anything.
  /// - Returns: at most the full size.
  public func items(full: Int, least: Int) -> Int {
    guard share < 1 else { return full }
    let scaled = Int((Double(full) * share).rounded(.up))
    let rounded = (scaled + Self.step - 1) / Self.step * Self.step
    return min(full, max(least, rounded))
  }
}
