import AISKit
import Foundation

/// The times of one generation, from the start of the process on.
struct GenerationClock {
  private let clock = ContinuousClock()
  private let entered: ContinuousClock.Instant
  /// Seconds between the start of the process and the first line of this tool.
  private let startUp: Double
  private var loadedAt: ContinuousClock.Instant?
  private var firstToken: ContinuousClock.Instant?
  private var lastToken: ContinuousClock.Instant?
  private var end: ContinuousClock.Instant?

  init() {
    entered = clock.now
    startUp = Self.secondsSinceProcessStart()
  }

  mutating func loaded() { loadedAt = clock.now }

  mutating func tick() {
    lastToken = clock.now
    if firstToken == nil { firstToken = lastToken }
  }

  mutating func finished() { end = clock.now }

  /// The times as lines for the terminal.
  func summary(
    promptTokens: Int, tokens: [GeneratedToken], reason: FinishReason, config: ModelConfig,
    plan: DepthPlan, backend: String
  ) -> String {
    func seconds(_ from: ContinuousClock.Instant?, _ to: ContinuousClock.Instant?) -> Double {
      guard let from, let to else { return 0 }
      return (to - from) / .seconds(1)
    }
    func rate(_ count: Int, _ seconds: Double) -> String {
      seconds > 0 ? String(format: "%.1f tok/s", Double(count) / seconds) : "–"
    }
    let load = seconds(entered, loadedAt)
    let prefill = seconds(loadedAt, firstToken ?? end)
    let decode = seconds(firstToken, lastToken)
    let executed = tokens.reduce(0) { $0 + $1.executedLayers }
    let meanLayers = tokens.isEmpty ? 0 : Double(executed) / Double(tokens.count)
    var lines = [
      "engine    \(backend)",
      String(format: "load      %.3f s", load),
      String(
        format: "prefill   %.3f s, %d tokens, %@", prefill, promptTokens,
        rate(promptTokens, prefill)),
      String(
        format: "decode    %.3f s, %d tokens, %@", decode, max(tokens.count - 1, 0),
        rate(tokens.count - 1, decode)),
      String(
        format: "depth     %.2f of %d layers a token, plan %@", meanLayers, config.layerCount,
        plan.summary),
      "finish    \(reason.rawValue)",
    ]
    if firstToken != nil {
      lines.insert(
        String(
          format: "start     %.3f s from process start to first token", startUp + load + prefill),
        at: 1)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Field 22 of /proc/self/stat is the process's start in clock ticks since boot.
  private static func secondsSinceProcessStart() -> Double {
    guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
      let afterName = text.lastIndex(of: ")")
    else { return 0 }
    let fields = text[afterName...].split(separator: " ")
    guard fields.count > 20, let ticks = Double(fields[20]) else { return 0 }
    var now = timespec()
    clock_gettime(CLOCK_BOOTTIME, &now)
    let started = ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    return max(0, Double(now.tv_sec) + Double(now.tv_nsec) / 1e9 - started)
  }
}
