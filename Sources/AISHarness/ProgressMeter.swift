import Foundation

/// Says how far a long run has come, how fast it goes and when it will be done.
///
/// On a terminal one line is redrawn a few times a second; elsewhere (a log, CI) a plain line
/// appears now and then. It writes to standard error, so that results can be piped.
public final class ProgressMeter {
  /// Where the lines go and what the clock says; replaced in tests.
  package struct Surroundings {
    let isTerminal: Bool
    let seconds: () -> Double
    let write: (String) -> Void

    package init(
      isTerminal: Bool, seconds: @escaping () -> Double, write: @escaping (String) -> Void
    ) {
      self.isTerminal = isTerminal
      self.seconds = seconds
      self.write = write
    }

    static var standardError: Surroundings {
      let start = ContinuousClock.now
      return Surroundings(
        isTerminal: isatty(STDERR_FILENO) == 1,
        seconds: { (ContinuousClock.now - start) / .seconds(1) },
        write: { StandardStreams.writeError($0) })
    }
  }

  private let label: String
  private let total: Int
  private let alreadyDone: Int
  private let surroundings: Surroundings
  private let startSeconds: Double
  private var done: Int
  private var lastShown: Double?

  /// A meter at its start.
  ///
  /// - Parameters:
  ///   - label: what is counted, such as `prompts`.
  ///   - total: how many there are.
  ///   - alreadyDone: how many an earlier run has done; they don't count towards the rate.
  public convenience init(_ label: String, total: Int, alreadyDone: Int = 0) {
    self.init(
      label, total: total, alreadyDone: alreadyDone, surroundings: .standardError)
  }

  package init(_ label: String, total: Int, alreadyDone: Int, surroundings: Surroundings) {
    self.label = label
    self.total = total
    self.alreadyDone = alreadyDone
    self.surroundings = surroundings
    done = alreadyDone
    startSeconds = surroundings.seconds()
  }

  /// Counts further items as done.
  public func advance(by count: Int = 1) {
    done += count
    let now = surroundings.seconds()
    let interval = surroundings.isTerminal ? 0.2 : 10
    if done < total, now - (lastShown ?? startSeconds) < interval { return }
    lastShown = now
    let line = text(at: now)
    surroundings.write(surroundings.isTerminal ? "\r\(line)\u{1B}[K" : line + "\n")
    if done >= total, surroundings.isTerminal { surroundings.write("\n") }
  }

  private func text(at now: Double) -> String {
    let elapsed = now - startSeconds
    let rate = Double(done - alreadyDone) / max(elapsed, 1e-9)
    let left = Double(max(0, total - done)) / rate
    let share = total > 0 ? min(1, Double(done) / Double(total)) : 1
    var line = "\(label) \(done)/\(total)"
    if surroundings.isTerminal {
      let filled = Int(share * 24)
      line += " [" + String(repeating: "█", count: filled)
      line += String(repeating: "·", count: 24 - filled) + "]"
    }
    line += " \(Int(share * 100)) % · \(Self.rounded(rate))/s"
    return line + (done < total ? " · \(Self.clock(left)) left" : " · took \(Self.clock(elapsed))")
  }

  private static func rounded(_ rate: Double) -> String {
    rate >= 10 ? "\(Int(rate))" : "\((rate * 100).rounded() / 100)"
  }

  private static func clock(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3_600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3_600) h \(whole / 60 % 60) min"
  }
}
