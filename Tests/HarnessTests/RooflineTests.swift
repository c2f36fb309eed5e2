import AISHarness
import AISKit
import TestSupport
import Testing

@Suite struct RooflineTests {
  private let config: ModelConfig

  init() throws { config = try SyntheticModel().load().config }

  @Test func everyPartTakesAsLongAsItsArithmeticOrItsReading() {
    let work = ModelWork(config: config, rows: 1, weights: .f32)
    let (operations, bytes) = (
      work.floatingPointOperations, work.parts.reduce(0) { $0 + $1.bytes }
    )
    // First reading takes no time, then arithmetic takes none.
    let slowProducts = MachineCeiling(
      readGigabytesPerSecond: 1e9, gemmGigaflops: [.f32: 1e-3])
    #expect(abs(work.seconds(at: slowProducts, in: .f32) - operations / 1e6) < 1e-9)
    let slowMemory = MachineCeiling(
      readGigabytesPerSecond: 1e-3, gemmGigaflops: [.f32: 1e9])
    #expect(abs(work.seconds(at: slowMemory, in: .f32) - bytes / 1e6) < 1e-9)
    // A float32 weight is four bytes and, for eight rows, sixteen operations. At four operations a
    // byte both take equally long; the head, which has one row, is limited by reading.
    let eight = ModelWork(config: config, rows: 8, weights: .f32)
    let even = MachineCeiling(readGigabytesPerSecond: 1, gemmGigaflops: [.f32: 4])
    let expected = eight.parts.reduce(0) { sum, part in
      sum + Swift.max(part.floatingPointOperations / 4e9, part.bytes / 1e9)
    }
    #expect(abs(eight.seconds(at: even, in: .f32) - expected) < 1e-15)
    #expect(expected > eight.floatingPointOperations / 4e9)
  }

  @Test func anUnknownCeilingGivesNoTime() {
    let work = ModelWork(config: config, rows: 1, weights: .f32)
    let known = MachineCeiling(readGigabytesPerSecond: 1, gemmGigaflops: [.f32: 4, .bf16: 0])
    #expect(work.seconds(at: known, in: .bf16).isNaN)
    let noMemory = MachineCeiling(readGigabytesPerSecond: 0, gemmGigaflops: [.f32: 4])
    #expect(work.seconds(at: noMemory, in: .f32).isNaN)
    let none = MachineCeiling(readGigabytesPerSecond: 1, gemmGigaflops: [:])
    #expect(work.seconds(at: none, in: .f32).isNaN)
  }

  @Test func leavingLayersOutTakesTheirTimeAway() throws {
    let ceiling = MachineCeiling(readGigabytesPerSecond: 1, gemmGigaflops: [.f32: 4])
    func seconds(_ plan: DepthPlan) -> Double {
      ModelWork(config: config, plan: plan, rows: 8, logitRows: 8, weights: .f32)
        .seconds(at: ceiling, in: .f32)
    }
    let (full, one, all) = (
      seconds(.full), seconds(try .skipping([2])), seconds(try .skipping(0..<5))
    )
    #expect(abs((full - all) - 5 * (full - one)) < 1e-12)
  }

  @Test func efficiencyIsTheSpeedupOverTheIdealOneWithItsInterval() {
    let comparison = TimingComparison(
      baseline: SideTimes(name: "a", work: nil, milliseconds: [12, 12, 12, 15]),
      variant: SideTimes(name: "b", work: nil, milliseconds: [10, 10, 10, 10]))
    let efficiency = comparison.efficiency(ofIdeal: 1.5)
    #expect(abs(efficiency.value - 1.2 / 1.5) < 1e-12)
    #expect(efficiency.interval.lower == comparison.speedup.interval.lower / 1.5)
    #expect(efficiency.interval.upper == comparison.speedup.interval.upper / 1.5)
    #expect(efficiency.count == 4)
  }
}
