/// What a command will do, part by part, stated before it starts.
package struct RunPlan: Codable, Equatable, Sendable {
  /// A part of the work.
  package struct Part: Codable, Equatable, Sendable {
    /// What it is called, such as `exp015` or `map`.
    package var name: String
    /// The work and its size, in words.
    package var work: String
    /// About how long it will take, in seconds; `nil` if unknown.
    package var seconds: Double?
    /// The basis of the time; `nil` without a time.
    package var basis: CostEstimator.Basis?
    /// Whether some or all of it may turn out to be done already.
    package var maySpare = false

    package init(
      _ name: String, _ work: String, _ estimate: CostEstimator.Estimate? = nil,
      maySpare: Bool = false
    ) {
      self.name = name
      self.work = work
      self.seconds = estimate?.seconds
      self.basis = estimate?.basis
      self.maySpare = maySpare
    }

    /// The time in words.
    package var time: String {
      guard let seconds else { return "unknown" }
      let duration = RunPlan.duration(seconds)
      if duration == RunPlan.moment { return duration }
      return "\(maySpare ? "at most about" : "about") \(duration)"
    }
  }

  /// What will be done, in this order.
  package var parts: [Part]
  /// What exists already and is used, a line for each.
  package var uses: [String]

  package init(parts: [Part], uses: [String] = []) {
    self.parts = parts
    self.uses = uses
  }

  /// Appends another plan's parts, except those that are planned already.
  mutating func add(_ other: RunPlan) {
    for part in other.parts
    where !parts.contains(where: { $0.name == part.name && $0.work == part.work }) {
      parts.append(part)
    }
    for line in other.uses where !uses.contains(line) { uses.append(line) }
  }

  /// The plan as lines for a terminal.
  package var lines: [String] {
    var table = parts.map { ($0.name, $0.work, $0.time) }
    if parts.count > 1 {
      table.append(("total", "", "\(total) on this machine"))
    } else if !table.isEmpty, parts[0].seconds != nil {
      table[0].2 += " on this machine"
    }
    let width = table.map(\.0.count).max() ?? 0
    let workWidth = min(64, table.map(\.1.count).max() ?? 0)
    var lines = table.enumerated().map { index, row in
      (index == 0 ? "  plan     " : "           ") + row.0.padded(to: width) + "  "
        + row.1.padded(to: workWidth) + "  " + row.2
    }
    if parts.contains(where: { $0.basis == .arithmetic }) {
      lines.append(
        "           rough times, from the model's size and a quick product; what has run here once "
          + "is known better")
    }
    lines += uses.map { "  uses     \($0)" }
    return lines
  }

  /// The time of everything.
  private var total: String {
    let known = parts.compactMap(\.seconds)
    guard !known.isEmpty else { return "unknown" }
    let duration = Self.duration(known.reduce(0, +))
    let sum = duration == Self.moment ? duration : "about \(duration)"
    if known.count < parts.count { return "\(sum) and what is unknown" }
    return parts.contains(where: \.maySpare) ? "at most \(sum)" : sum
  }

  private static let moment = "a few seconds"

  /// A time in words, rounded to what an estimate can tell.
  package static func duration(_ seconds: Double) -> String {
    if seconds < 5 { return moment }
    if seconds < 55 { return "\(Int((seconds / 5).rounded()) * 5) s" }
    if seconds < 5_400 { return "\(max(1, Int((seconds / 60).rounded()))) min" }
    guard seconds < 1e8 else { return "years" }
    let quarters = Int((seconds / 900).rounded())
    let minutes = quarters % 4 * 15
    return "\(quarters / 4) h" + (minutes > 0 ? " \(minutes) min" : "")
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
