import Foundation

/// Shows how far a long run has come, how fast it goes and how long it will still take.
///
/// On a terminal one line is redrawn a few times a second; elsewhere (a log, CI) a plain line
/// appears now and then. It writes to standard error, so that results can be piped.
///
/// The rate and the remaining time are shown once they are reliable; see `ProgressPace`.
public final class ProgressMeter {
  /// What is counted.
  public enum Unit: Sendable {
    /// Things, one by one.
    case items
    /// Bytes, shown as kB, MB or GB.
    case bytes
  }

  /// The output of lines and the clock; replaced in tests.
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
  private let unit: Unit
  private let surroundings: Surroundings
  private let startSeconds: Double
  private var done: Int
  private var lastShown: Double?
  private var pace: ProgressPace

  /// A meter at its start.
  ///
  /// - Parameters:
  ///   - label: what is counted, such as `prompts`.
  ///   - total: how many there are.
  ///   - alreadyDone: how many an earlier run has done; they don't count towards the rate.
  ///   - unit: what they are.
  public convenience init(
    _ label: String, total: Int, alreadyDone: Int = 0, unit: Unit = .items
  ) {
    self.init(
      PlanProgress.currentLabel + label, total: total, alreadyDone: alreadyDone, unit: unit,
      surroundings: .standardError)
  }

  package init(
    _ label: String, total: Int, alreadyDone: Int, unit: Unit = .items,
    surroundings: Surroundings
  ) {
    self.label = label
    self.total = total
    self.alreadyDone = alreadyDone
    self.unit = unit
    self.surroundings = surroundings
    done = alreadyDone
    startSeconds = surroundings.seconds()
    pace = ProgressPace(startSeconds, done: alreadyDone)
  }

  /// Counts further items as done; a negative count takes back some.
  public func advance(by count: Int = 1) {
    done += count
    let now = surroundings.seconds()
    pace.advance(to: done, at: now)
    let interval = surroundings.isTerminal ? 0.2 : 10
    if done < total, now - (lastShown ?? startSeconds) < interval { return }
    lastShown = now
    let line = text(at: now)
    surroundings.write(surroundings.isTerminal ? "\r\(line)\u{1B}[K" : line + "\n")
    if done >= total, surroundings.isTerminal { surroundings.write("\n") }
  }

  private func text(at now: Double) -> String {
    let share = total > 0 ? min(1, Double(done) / Double(total)) : 1
    let (scale, name) = Self.scale(unit, total: total)
    var line = "\(label) \(Self.amount(done, scale))/\(Self.amount(total, scale))\(name)"
    if surroundings.isTerminal {
      let filled = Int(share * 24)
      line += " [" + String(repeating: "█", count: filled)
      line += String(repeating: "·", count: 24 - filled) + "]"
    }
    line += " \(Int(share * 100)) %"
    if done >= total {
      let elapsed = now - startSeconds
      let rate = Double(done - alreadyDone) / max(elapsed, 1e-9)
      return line + " · \(Self.rounded(rate / scale))\(name)/s · took \(Self.clock(elapsed))"
    }
    guard let rate = pace.rate else { return line }
    let left = Double(total - done) / rate
    return line + " · \(Self.rounded(rate / scale))\(name)/s · \(Self.clock(left)) left"
  }

  /// The factor from a unit to the shown one, and the shown unit's name.
  private static func scale(_ unit: Unit, total: Int) -> (Double, String) {
    switch unit {
    case .items: (1, "")
    case .bytes where total < 1_000_000: (1e3, " kB")
    case .bytes where total < 1_000_000_000: (1e6, " MB")
    case .bytes: (1e9, " GB")
    }
  }

  private static func amount(_ count: Int, _ scale: Double) -> String {
    scale == 1 ? "\(count)" : String(format: "%.1f", Double(count) / scale)
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
