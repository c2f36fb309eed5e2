import AISHarness
import AISKit
import Testing

/// What times of engines on a GPU say, and the figures that are set for them.
@Suite struct PeerFiguresTests {
  private let decode = PeerCell(.decode, 4, 84, steps: 32)
  private let prefill = PeerCell(.prefill, 8, 40)

  /// Times of two engines in two processes of two rounds each: the other takes 1.5 times as long.
  private func times(_ cell: PeerCell, _ milliseconds: Double) -> [PeerTime] {
    [(0, 0), (0, 1), (1, 0), (1, 1)].flatMap { process, round in
      [("AIS", 1.0), ("other", 1.5)].map { engine, factor in
        PeerTime(
          cell, engine: engine, format: "bf16", layers: 28, process: process, round: round,
          milliseconds: milliseconds * factor)
      }
    }
  }

  private func figures(_ times: [PeerTime], readRates: [Int: Double] = [:]) -> [PeerFigures] {
    PeerFigures.all(times, own: "AIS", readRates: readRates) { cell, format in
      cell.phase == .decode && format == "bf16" ? 8e9 : nil
    }
  }

  private func isNear(_ estimate: Estimate?, _ value: Double) -> Bool {
    estimate.map { abs($0.value - value) < 1e-9 * value } ?? false
  }

  @Test func aDecodeHasTokensAndAShareOfReading() throws {
    // 32 steps in 64 ms; 8 GB at 8,000 GB/s take 1 ms of a step's 2.
    let all = figures(times(decode, 64), readRates: [0: 8_000, 1: 8_000])
    #expect(all.map(\.engine) == ["AIS", "other"] && all.allSatisfy { $0.cell == decode })
    let (own, other) = (try #require(all.first), try #require(all.last))
    #expect(own.milliseconds == 2 && other.milliseconds == 3)
    #expect(isNear(own.tokenRate, 2_000) && own.tokenRate?.count == 2)
    #expect(isNear(own.readingShare, 0.5) && other.readingShare == nil)
    #expect(own.lead == nil && isNear(other.lead, 1.5))
    #expect(own.requestRate == nil)
  }

  @Test func aPrefillHasTokensAndRequests() throws {
    let all = figures(times(prefill, 4), readRates: [0: 8_000])
    let own = try #require(all.first)
    #expect(isNear(own.tokenRate, 80_000) && isNear(own.requestRate, 2_000))
    #expect(own.readingShare == nil)
  }

  @Test func aRateOfReadingThatIsNotKnownGivesNoShare() {
    #expect(figures(times(decode, 64)).allSatisfy { $0.readingShare == nil })
    #expect(figures([]).isEmpty)
    // An engine that did not take part has no figures, and formats stay apart.
    var others = times(decode, 64).filter { $0.engine == "AIS" }
    #expect(figures(others).map(\.engine) == ["AIS"])
    for place in others.indices { others[place].format = "f32" }
    let both = figures(times(decode, 64) + others)
    #expect(both.map { "\($0.engine) \($0.format)" } == ["AIS bf16", "other bf16", "AIS f32"])
  }

  @Test func everyTargetIsAboutWorkThatIsTimed() {
    for target in DeviceTarget.table {
      #expect(
        CUDAPeers.cells.contains {
          $0.phase == target.phase && $0.sequences == target.sequences
            && $0.tokens == target.tokens
        }, "\(target.name)")
    }
    let names = DeviceTarget.table.map { "\($0.model) \($0.name)" }
    #expect(Set(names).count == names.count)
    #expect(DeviceTarget.all(of: "random:3b", on: "NVIDIA H200").count == 11)
    #expect(DeviceTarget.all(of: "random:3b", on: "NVIDIA A100").isEmpty)
    #expect(DeviceTarget.all(of: "another", on: DeviceTarget.gpu).isEmpty)
  }

  @Test func aTargetThatIsMissedIsACriterionWithItsFigure() throws {
    let target = try #require(
      DeviceTarget.all(of: "random:3b", on: DeviceTarget.gpu).first {
        $0.phase == .decode && $0.sequences == 4
      })
    #expect(target.name == "decode 4 × 84, tokens/s" && target.least == 2_340)
    /// 128 tokens in each of five processes' runs.
    func finding(_ milliseconds: Double) -> Finding {
      let times = (0..<5).flatMap { process in
        [1, 1.001, 0.999].enumerated().map { round, factor in
          PeerTime(
            decode, engine: "AIS", format: "bf16", layers: 28, process: process, round: round,
            milliseconds: milliseconds * factor)
        }
      }
      return target.finding(in: figures(times), of: "AIS")
    }
    let (met, missed) = (finding(40), finding(80))
    #expect(met.outcome == .holds && met.measured.hasPrefix("3,200 "))
    #expect(missed.outcome == .fails && missed.measured.hasPrefix("1,600 "))
    #expect(missed.asked == "≥ 2,340")
    #expect(target.finding(in: [], of: "AIS").outcome == .open)
  }
}
