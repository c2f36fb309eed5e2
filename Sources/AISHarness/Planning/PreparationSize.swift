/// How large something is made that an experiment needs first and that is not there yet.
///
/// One rule for all of it:
///
/// - An experiment states from which number of items on it is a whole one (`Experiment.wholeFrom`).
///   With that many or more, and where no number is asked for, what it needs is made at its own full
///   size.
/// - With fewer, what it needs is made smaller by the same factor, rounded up to a multiple of eight (the
///   prompts have eight categories), and never below the least with which it means anything. So a first
///   try costs little all in all.
/// - What is made small is a result like others, beside the full one; the full one is preferred wherever
///   both are there.
public struct PreparationSize: Sendable, Equatable {
  private static let step = 8

  /// The factor, at most 1.
  let share: Double

  /// What is asked for decides.
  ///
  /// - Parameters:
  ///   - asked: items that the user asked for; `nil`: the experiment's own number.
  ///   - wholeFrom: items from which on the experiment is a whole one; `nil`: it always is.
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
  ///   - least: what it takes to mean anything.
  /// - Returns: at most the full size.
  public func items(full: Int, least: Int) -> Int {
    guard share < 1 else { return full }
    let scaled = Int((Double(full) * share).rounded(.up))
    let rounded = (scaled + Self.step - 1) / Self.step * Self.step
    return min(full, max(least, rounded))
  }
}
