import AISHarness
import AISKit

/// Times points in turns with the full float32 model, and the best bridge beside the hard skip.
struct PointTiming {
  private static let prefillTokens = 128
  /// Pairs with a hard skip for each pair with the full model, since the difference is far smaller.
  static let turnsBesideHard = 10

  let ways: Ways
  let points: [Point]
  /// Real text, since exits depend on it.
  let text: [Int32]
  let pairs: Int

  func run(in lab: TimingLab) throws {
    try lab.measureCeiling(Ways.formats(on: lab.device))
    for point in points {
      for phase in PassWorkload.Phase.allCases {
        let settles = point.kind == .exit || point.kind == .exitBridged
        try lab.compare(
          point.timingName(phase), pairs: pairs,
          baseline: workload(phase).side(
            DepthPlan.full, named: "full model", work: nil, settles: settles),
          variant: try side(point, phase, settles: settles))
      }
    }
    guard let best = Point.best(points), let hard = Point.hard(of: points) else { return }
    try lab.compare(
      Point.besideHard, pairs: pairs * Self.turnsBesideHard,
      baseline: try side(hard, .prefill), variant: try side(best, .prefill))
  }

  private func side(
    _ point: Point, _ phase: PassWorkload.Phase, settles: Bool = false
  ) throws -> InterleavedTiming.Side {
    let workload = try workload(phase, of: point)
    let policy = try ways.policy(of: point)
    if let plan = policy.plan, !settles { return try workload.side(plan) }
    return try workload.side(policy, named: point.name, work: nil, settles: settles)
  }

  private func workload(_ phase: PassWorkload.Phase, of point: Point = Point()) throws
    -> PassWorkload
  {
    PassWorkload(
      phase, batch: 1, tokens: Self.prefillTokens, model: try ways.model(of: point),
      type: point.format, text: text)
  }
}
