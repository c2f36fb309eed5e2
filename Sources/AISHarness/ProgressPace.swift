/// The rate of work, once it can be estimated from what was done.
///
/// Items often come in bursts: a pass over a prompt makes a hundred rows at once. So the rate is
/// taken over whole laps only; a lap is the work up to the end of a burst. It covers only the later
/// half of the time, since the start is slow (memory is touched first) and the work may change.
struct ProgressPace {
  /// Laps before a rate is given.
  static let fewestLaps = 3
  /// Seconds before a rate is given.
  static let leastSeconds = 2.0
  /// A pause ends a burst if it is at least this share of the longest pause so far.
  private static let pauseShare = 0.2
  /// The longest pause is forgotten this many times faster than time passes.
  private static let forgetting = 4.0
  /// Marks that are kept, at most; an even number, so that thinning them keeps the last.
  private static let mostMarks = 128

  private struct Mark {
    var seconds: Double
    var done: Int
  }

  private var last: Mark
  private var laps = 0
  private var longestPause = 0.0
  /// The ends of laps, the start first.
  private var marks: [Mark]

  /// A pace at the start, with `done` items from an earlier run.
  init(_ seconds: Double, done: Int) {
    last = Mark(seconds: seconds, done: done)
    marks = [last]
  }

  /// Notes how much is done by now.
  mutating func advance(to done: Int, at seconds: Double) {
    let pause = seconds - last.seconds
    // A long pause at the start must not make all later ones look short for ever.
    let elapsed = max(seconds - marks[0].seconds, 1e-9)
    longestPause = max(pause, longestPause * max(0, 1 - Self.forgetting * pause / elapsed))
    if pause >= Self.pauseShare * longestPause, pause > 0 {
      // The burst before the pause is whole.
      if last.seconds > marks[marks.count - 1].seconds { end(lap: last) }
    }
    last = Mark(seconds: seconds, done: done)
  }

  private mutating func end(lap mark: Mark) {
    laps += 1
    marks.append(mark)
    guard marks.count > Self.mostMarks else { return }
    marks = marks.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
  }

  /// Items per second; `nil` while unknown.
  var rate: Double? {
    guard let end = marks.last, laps >= Self.fewestLaps,
      end.seconds - marks[0].seconds >= Self.leastSeconds
    else { return nil }
    let middle = (marks[0].seconds + end.seconds) / 2
    let start = marks.last { $0.seconds <= middle } ?? marks[0]
    let rate = Double(end.done - start.done) / (end.seconds - start.seconds)
    return rate > 0 ? rate : nil
  }
}
