import Foundation
import Synchronization

/// Which part of its plan a run is at, and how long each part took.
///
/// Progress lines name their part. So do those of an experiment that runs in its own process as a
/// part of another one's plan.
package final class PlanProgress {
  /// The position of a part in a larger plan, passed to the process that runs it.
  package struct Place: Equatable, Sendable {
    /// The environment variable that holds it.
    static let variable = "AIS_PLAN_PLACE"
    /// The number of parts before it.
    let before: Int
    /// The number of parts in the whole plan.
    let total: Int

    package init(before: Int, total: Int) {
      self.before = before
      self.total = total
    }

    /// The place as the variable's value: `2/5`.
    package var text: String { "\(before)/\(total)" }

    /// The place given by the environment; `nil` if this process runs by itself.
    package init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
      let numbers = (environment[Self.variable] ?? "").split(separator: "/").compactMap { Int($0) }
      guard numbers.count == 2, numbers[0] >= 0, numbers[1] > numbers[0] else { return nil }
      self.init(before: numbers[0], total: numbers[1])
    }
  }

  private struct Running {
    let name: String
    let start: Double
    var inner = 0.0
  }

  private let parts: [RunPlan.Part]
  private let place: Place
  private let seconds: () -> Double
  private let say: (String) -> Void
  /// What progress lines begin with.
  package private(set) var label = ""
  private var running: [Running] = []
  private var announced: Set<Int> = []

  /// The progress of a plan.
  ///
  /// - Parameters:
  ///   - plan: the parts to be done.
  ///   - place: where it begins in a larger plan; `nil` if it is the whole one.
  ///   - seconds: the clock.
  ///   - say: prints a line.
  package init(
    _ plan: RunPlan, in place: Place?, seconds: @escaping () -> Double = PlanProgress.clock(),
    say: @escaping (String) -> Void
  ) {
    parts = plan.parts
    self.place = place ?? Place(before: 0, total: plan.parts.count)
    self.seconds = seconds
    self.say = say
  }

  deinit {
    if !label.isEmpty { Self.current.withLock { $0 = "" } }
  }

  /// A clock of seconds that starts at 0 now.
  package static func clock() -> () -> Double {
    let start = ContinuousClock.now
    return { (ContinuousClock.now - start) / .seconds(1) }
  }

  /// Does a part's work, and announces it if the plan has more than one.
  ///
  /// Parts may be nested; the inner part's time is not counted for the outer one.
  ///
  /// - Returns: the work's result, and the seconds it took itself.
  package func during<Result>(
    _ name: String, _ work: () throws -> Result
  ) rethrows -> (result: Result, seconds: Double) {
    begin(name)
    do {
      let result = try work()
      return (result, end())
    } catch {
      _ = end()
      throw error
    }
  }

  /// The place in the whole plan of parts that another process runs and announces itself.
  ///
  /// - Parameters:
  ///   - name: the last of them.
  ///   - count: how many there are.
  /// - Returns: the place; `nil` if the plan does not have them.
  package func handOver(_ name: String, count: Int) -> Place? {
    guard let last = index(of: name) else { return nil }
    let first = max(0, last - count + 1)
    announced.formUnion(first...last)
    return Place(before: number(first) - 1, total: place.total)
  }

  private func begin(_ name: String) {
    running.append(Running(name: name, start: seconds()))
    announce(name)
  }

  /// Says that a part begins, once.
  ///
  /// The last part is this process's own work; earlier parts may still be done inside it, and then
  /// it is announced after them.
  private func announce(_ name: String) {
    guard let index = index(of: name) else { return }
    if index == parts.count - 1, announced.count < index { return }
    showLabel(index)
    guard announced.insert(index).inserted, place.total > 1 else { return }
    let part = parts[index]
    say(
      "  part     \(number(index)) of \(place.total): \(part.name), \(part.work), \(part.time)")
  }

  private func end() -> Double {
    guard let ended = running.popLast() else { return 0 }
    let all = seconds() - ended.start
    if !running.isEmpty {
      running[running.count - 1].inner += all
      announce(running[running.count - 1].name)
    }
    return all - ended.inner
  }

  private func index(of name: String) -> Int? { parts.firstIndex { $0.name == name } }

  private func number(_ index: Int) -> Int { min(place.before + index + 1, place.total) }

  private func showLabel(_ index: Int) {
    guard place.total > 1 else { return }
    label = "[\(number(index))/\(place.total) \(parts[index].name)] "
    Self.current.withLock { $0 = label }
  }

  private static let current = Mutex("")

  /// The beginning of this process's progress lines: the running part, if there are several.
  static var currentLabel: String { current.withLock { $0 } }
}
