import AISHarness
import AISKit

/// Whether leaving layers out still pays once the model is quantised: ways in every number format
/// beside full models in narrower ones.
struct QuantisedFront {
  private let formats: [Way]
  private let ways: [Way]
  private let evidence: Evidence<Exp024.Row>

  init(_ ways: [Way], _ evidence: Evidence<Exp024.Row>) {
    formats = ways.filter { $0.point.kind == .format }
    // Exits by routers that let no token exit leave nothing out.
    self.ways = ways.filter { way in
      way.point.leavesOut && way.rows.contains { $0.layersOut > 0 }
    }
    self.evidence = evidence
  }

  /// The full model in the format that changes it most.
  private var coarsest: Way? { formats.max { $0.kl.value < $1.kl.value } }

  /// The figures that answer, and every way beside the full model of its own format.
  ///
  /// They judge no criterion.
  func add(to report: inout Report) {
    guard ways.contains(where: { $0.point.format != .f32 }) else { return }
    summarize(&report)
    tabulate(&report)
  }

  private func summarize(_ report: inout Report) {
    guard let coarsest, let nearest = ways.min(by: { $0.kl.value < $1.kl.value }) else { return }
    let others = Dictionary(
      coarsest.rows.map { ($0.prompt, $0.kl) }, uniquingKeysWith: { first, _ in first })
    let pairs = nearest.rows.compactMap { row in others[row.prompt].map { (row.kl, $0) } }
    report.summarize(
      "nearest_share",
      Way.bootstrap.ratio(pairs.map(\.0), over: pairs.map(\.1)).amongst(ways.count),
      "KL of \(nearest.point.name), the nearest way that leaves layers out, over that of the full model "
        + "in \(coarsest.point.setting)", .decimals(3, within: 0.1))
    let near = ways.filter { $0.kl.value <= coarsest.kl.value }
    if near.isEmpty {
      report.summarize(
        "gain_at_equal_distance", "none",
        "no way that leaves layers out is as near as the full model in \(coarsest.point.setting)")
    }
    let gains = self.gains(of: near)
    guard let best = gains.max(by: { $0.gain.value < $1.gain.value }) else { return }
    report.summarize(
      "gain_at_equal_distance", best.gain.amongst(gains.count),
      "\(best.phase.rawValue) speed of \(best.way.point.name) over that of the full model in "
        + "\(best.rival.point.setting), the fastest that is at least as near", .unchecked(3))
  }

  /// The speed of each of some ways, in each phase, over that of the fastest full model that is at
  /// least as near; without those that were not timed.
  private func gains(
    of ways: [Way]
  ) -> [(way: Way, rival: Way, phase: PassWorkload.Phase, gain: Estimate)] {
    ways.flatMap { way in
      PassWorkload.Phase.allCases.compactMap { phase in
        let rivals = formats.filter { $0.kl.value <= way.kl.value }
        guard
          let rival = rivals.max(by: {
            ($0.speed(phase)?.value ?? 0) < ($1.speed(phase)?.value ?? 0)
          }), let gain = ratio(way, rival, phase)
        else { return nil }
        return (way, rival, phase, gain)
      }
    }
  }

  /// How many times as fast one way is as another, both timed in turns with the full float32 model.
  private func ratio(_ way: Way, _ other: Way, _ phase: PassWorkload.Phase) -> Estimate? {
    let comparisons = [way, other].compactMap {
      evidence.comparison($0.point.timingName(phase))
    }
    guard comparisons.count == 2 else { return nil }
    return TimingComparison.figure(of: comparisons) { $0[0] / $0[1] }
  }

  private func tabulate(_ report: inout Report) {
    let full = Dictionary(
      formats.map { ($0.point.format, $0) }, uniquingKeysWith: { first, _ in first })
    func gain(_ way: Way, _ phase: PassWorkload.Phase) -> Estimate? {
      full[way.point.format].flatMap { ratio(way, $0, phase) }
    }
    report.tabulate(
      "formats", "Layers left out, beside the full model in the same number format",
      ways.filter { full[$0.point.format] != nil },
      [
        .cell("kind", "how it saves", \.point.kindText),
        .cell("setting", Point.settingMeaning, \.point.setting),
        .estimate(
          "kl", "mean KL(full float32‖this) of the next token", .nats(), \.kl),
        .cell("format_kl", "the same of the full model in its number format", .nats()) {
          full[$0.point.format]?.kl.value ?? .nan
        },
        .estimate(
          "prefill", "its prefill speed over that full model's", .unchecked(3),
          { gain($0, .prefill) }),
        .estimate("decode", "the same in decode", .unchecked(3), { gain($0, .decode) }),
      ])
  }
}
