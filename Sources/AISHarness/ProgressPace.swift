/// How fast work goes, as soon as that can be told from what was done.
///
/// Things often come in bursts: a pass over a prompt makes a hundred rows at once. A rate is therefore
/// taken over whole laps alone, a lap being the work up to the end of such a burst; and since a
/// beginning is slow (memory is touched for the first time) and work changes on the way, over the later
/// half of the time.
struct ProgressPace {
  /// Laps before a rate is told.
  static let fewestLaps = 3
  /// Seconds before a rate is told.
  static let leastSeconds = 2.0
  /// The share of the longest pause so far that makes one the end of a burst.
  private static let pauseShare = 0.2
  /// How much faster than time goes on the longest pause is forgotten.
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

  /// Nothing has been done yet but what an earlier run did.
  init(_ seconds: Double, done: Int) {
    last = Mark(seconds: seconds, done: done)
    marks = [last]
  }

  /// Notes how much is done by now.
  mutating func advance(to done: Int, at seconds: Double) {
    let pause = seconds - last.seconds
    // A long pause at the beginning must not make all later ones look short for ever.
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

  /// Things a second; `nil` as long as nothing can be told.
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
