import AISHarness
import AISKit
import Testing

/// The outcome of a routing trial: supported, refuted with enough power, or open with the n.
@Suite struct RoutingFindingsTests {
  private static let standard = RoutingFindings.Standard(
    gain: 0.02, power: 0.8, plans: 4, prompts: 40)

  /// A comparison of `count` prompts whose differences have about this mean and deviation.
  private static func comparison(
    _ name: String, router: String, count: Int, gain: Double, deviation: Double, plans: Int = 5
  ) -> RoutingComparison {
    var random = SplitMix64(seed: UInt64(count))
    // Uniform in ±√3 has deviation 1.
    let noise = (0..<count).map { _ in (2 * random.unit() - 1) * 3.0.squareRoot() * deviation }
    let mean = Bootstrap.mean(noise)
    func outcome(_ agreement: [Double], _ plans: Int) -> PolicyOutcome {
      let table = PlanTable(
        planCount: plans, categories: agreement.map { _ in "a" },
        outcomes: agreement.map { value in
          Array(repeating: PlanOutcome(agreement: value, kl: 1, lastAgrees: true), count: plans)
        })
      return table.outcome(name, plans: agreement.indices.map { $0 % plans })
    }
    return RoutingComparison(
      outcome(noise.map { 0.5 + gain + $0 - mean }, plans),
      with: outcome(noise.map { _ in 0.5 }, 1), router: router)
  }

  private static func findings(
    count: Int = 800, gains: [Double], deviation: Double = 0.1, plans: Int = 5,
    layers: Set<Int> = [26]
  ) -> [NamedFinding] {
    let comparisons = gains.enumerated().map { index, gain in
      comparison(
        "way \(index)", router: index % 2 == 0 ? "k-NN" : "MLP", count: count, gain: gain,
        deviation: deviation, plans: plans)
    }
    return RoutingFindings(comparisons, executedLayers: layers, standard: standard).all
  }

  private func verdict(_ findings: [NamedFinding]) -> Verdict {
    Judgement(claim: "", findings).verdict
  }

  @Test func aNullThatCouldHaveBeenOtherwiseRefutes() {
    let found = Self.findings(gains: [0, 0.002, -0.01, 0.001])
    #expect(found.map(\.name) == ["equal depth", "plans in use", "power", "gain"])
    #expect(found.map(\.finding.outcome) == [.holds, .holds, .holds, .fails])
    #expect(verdict(found) == .refuted)
  }

  @Test func oneGainThatIsLargeEnoughSupports() {
    #expect(verdict(Self.findings(gains: [0, 0.05, -0.01, 0.001])) == .supported)
    // A detected gain counts, even if a small gain would not have been detected.
    #expect(
      verdict(Self.findings(count: 60, gains: [0, 0.3, 0, 0], deviation: 0.2)) == .supported)
  }

  @Test func anIntervalOnBothSidesIsOpenAndSaysTheNumber() throws {
    let found = Self.findings(gains: [0, 0.018, 0, 0])
    #expect(found.prefix(3).allSatisfy { $0.finding.outcome == .holds })
    let gain = found[3].finding
    #expect(gain.outcome == .open)
    #expect(gain.measured.hasPrefix("1.80 % [") && gain.anytime.hasPrefix("["))
    #expect(gain.sample == "800 prompts (way 1)" && gain.asked == "≥ 2.00 %")
    #expect(gain.why.hasPrefix("n ≈ ") && gain.why.hasSuffix("would settle it"))
  }

  @Test func tooFewPromptsSettleNothing() {
    let few = Self.findings(count: 16, gains: [-0.2, -0.2, -0.2, -0.2], deviation: 0.05)
    #expect(few[2].finding.outcome == .open)
    #expect(few[2].finding.why == "at least 40 prompts needed")
    #expect(few[3].finding.outcome == .open)
    let lucky = Self.findings(count: 16, gains: [0.2, 0.2, 0.2, 0.2], deviation: 0.05)
    #expect(lucky[3].finding.outcome == .open)
    guard case .inconclusive = verdict(few) else {
      Issue.record("expected an open verdict")
      return
    }
  }

  @Test func aNullWithoutPowerIsOpenWithTheNumberThatWouldDo() {
    let weak = Self.findings(count: 60, gains: [-0.2, -0.2, -0.2, -0.2], deviation: 0.2)
    let (power, gain) = (weak[2].finding, weak[3].finding)
    #expect(power.outcome == .open && gain.outcome == .open)
    #expect(power.measured.hasPrefix("0.0") && power.asked == "≥ 0.8 for a gain of 2.00 points")
    #expect(power.why.hasPrefix("n ≈ ") && power.why.hasSuffix("would do with 0.8"))
    #expect(gain.why == "too small, if the trial were a fair one")
  }

  @Test func fewPlansOrUnequalDepthRefuteNothing() {
    let few = Self.findings(gains: [0, 0, 0, 0], plans: 3)
    #expect(few[1].finding.outcome == .open && few[1].finding.measured == "MLP 3, k-NN 3")
    #expect(few[3].finding.outcome == .open)
    let uneven = Self.findings(gains: [0, 0, 0, 0], layers: [25, 26])
    #expect(uneven[0].finding.outcome == .open && uneven[0].finding.measured == "25, 26")
    #expect(uneven[3].finding.outcome == .open)
    let nothing = RoutingFindings([], executedLayers: [], standard: Self.standard).all
    #expect(nothing.allSatisfy { $0.finding.outcome == .open })
  }
}
