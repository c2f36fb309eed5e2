import AISHarness
import AISKit

/// Pictures of what is kept by how much faster it is, with the ways that no other way beats.
struct Fronts {
  /// A way as it is drawn.
  private struct Drawn {
    let label: String
    let way: Way
    let speed: Estimate
    var isOnFront = false
  }

  private let ways: [Way]

  init(_ ways: [Way]) { self.ways = ways }

  /// Two pictures for each phase: ways in float32 beside number formats, and ways in every format.
  func draw(in report: inout Report) {
    for phase in PassWorkload.Phase.allCases {
      draw(
        phase, "\(phase.rawValue)", "what is kept, by how much faster it is",
        "what it is an example of", label, group: { $0.point.kind.family }, in: &report)
      guard ways.contains(where: { Self.isQuantised($0.point) }) else { continue }
      draw(
        phase, "formats_\(phase.rawValue)", "layers left out on top of number formats",
        "its number format", Self.labelInFormat, group: { $0.point.format.rawValue }, in: &report)
    }
  }

  private func draw(
    _ phase: PassWorkload.Phase, _ name: String, _ title: String, _ groupMeaning: String,
    _ label: (Point) -> String?, group: @escaping (Way) -> String, in report: inout Report
  ) {
    var drawn = ways.compactMap { way in
      label(way.point).flatMap { label in
        way.speed(phase).map { Drawn(label: label, way: way, speed: $0) }
      }
    }
    for place in drawn.indices {
      drawn[place].isOnFront = !drawn.contains {
        $0.speed.value > drawn[place].speed.value
          && $0.way.topOne.value > drawn[place].way.topOne.value
      }
    }
    report.tabulate(
      "front_\(name)", "Ways that are drawn", drawn, isShown: false,
      [
        .cell("way", "the way", \.label),
        .cell("family", groupMeaning) { group($0.way) },
        .cell("on_front", "no other way drawn is both faster and nearer", \.isOnFront),
        .estimate("speed", "full float32 time over this one's", .unchecked(3), \.speed),
        .estimate("top1", "positions with the full model's most probable token", .share) {
          $0.way.topOne
        },
      ])
    report.draw(
      Figure(
        name: "pareto_\(name)", title: "\(phase.rawValue.capitalized): \(title)",
        table: "front_\(name)",
        kind: .points(
          x: "speed", xLower: "speed_lower", xUpper: "speed_upper", y: "top1",
          yLower: "top1_lower", yUpper: "top1_upper", label: "way", group: "family",
          front: "on_front"),
        xLabel: "times as fast as float32", yLabel: "next tokens kept",
        logX: true, xReference: 1, xReferenceLabel: "full model", yFromZero: true))
  }

  /// Only as many ways as a reader can distinguish; the table has them all.
  private func label(_ point: Point) -> String? {
    let sink = point.leavesOutSink ? ", no sink" : ""
    if Self.isQuantised(point) { return nil }
    switch (point.kind, point.choice) {
    case (.format, _): return Self.name(of: point.format)
    case (.exit, _): return "exit \(point.setting)"
    case (.exitBridged, _): return "exit \(point.setting), bridged"
    case (.hard, .bridges): return "hard skip, bridges' layers\(sink)"
    case (.hard, .hard): return "hard skip, best layers\(sink)"
    case (.hard, .seed): return "hard skip, seed's layers\(sink)"
    case (.both, .other): return "graft and bridge, \(point.skipped.count) layers\(sink)"
    case (.soft, .bridges), (.map, .bridges), (.merged, .bridges), (.graft, .bridges),
      (.both, .bridges):
      return point.rank == 0 ? point.kindText : nil
    default: return nil
    }
  }

  /// Full models and what leaves layers out in narrower formats than float32, whose colours tell
  /// the format.
  private static func labelInFormat(_ point: Point) -> String? {
    if point.kind == .format { return name(of: point.format) }
    guard isQuantised(point) else { return nil }
    switch point.kind {
    case .exitBridged: return point.threshold.map { "exit \($0)" }
    case .hard: return "hard skip \(point.skipped.count)"
    default: return "bridge \(point.skipped.count)"
    }
  }

  private static func isQuantised(_ point: Point) -> Bool {
    point.kind != .format && point.format != .f32
  }

  private static func name(of format: ComputeType) -> String {
    format == .native ? "stored blocks" : format.rawValue
  }
}
