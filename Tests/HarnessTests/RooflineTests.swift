import AISHarness
import AISKit
import TestSupport
import Testing

@Suite struct RooflineTests {
  private let config: ModelConfig

  init() throws { config = try SyntheticModel().load().config }

  private func seconds(
    _ work: ModelWork, _ ceiling: MachineCeiling, _ type: ComputeType = .f32
  ) -> Double {
    SideWork.rows("any", baseline: [work], variant: []).seconds(at: ceiling, in: type)
  }

  @Test func everyPartTakesAsLongAsItsArithmeticOrItsReading() {
    let work = ModelWork(config: config, rows: 1, weights: .f32)
    let (operations, bytes) = (
      work.floatingPointOperations, work.parts.reduce(0) { $0 + $1.bytes }
    )
    // First reading takes no time, then arithmetic takes none.
    let slowProducts = MachineCeiling(
      readGigabytesPerSecond: 1e9, gemmGigaflops: [.f32: 1e-3])
    #expect(abs(seconds(work, slowProducts) - operations / 1e6) < 1e-9)
    let slowMemory = MachineCeiling(
      readGigabytesPerSecond: 1e-3, gemmGigaflops: [.f32: 1e9])
    #expect(abs(seconds(work, slowMemory) - bytes / 1e6) < 1e-9)
    // A float32 weight is four bytes and, for eight rows, sixteen operations. At four operations a
    // byte both take equally long; the head, which has one row, is limited by reading.
    let eight = ModelWork(config: config, rows: 8, weights: .f32)
    let even = MachineCeiling(readGigabytesPerSecond: 1, gemmGigaflops: [.f32: 4])
    let expected = eight.parts.reduce(0) { sum, part in
      sum + Swift.max(part.floatingPointOperations / 4e9, part.bytes / 1e9)
    }
    #expect(abs(seconds(eight, even) - expected) < 1e-15)
    #expect(expected > eight.floatingPointOperations / 4e9)
  }

  @Test func anUnknownCeilingGivesNoTime() {
    let work = ModelWork(config: config, rows: 1, weights: .f32)
    let known = MachineCeiling(readGigabytesPerSecond: 1, gemmGigaflops: [.f32: 4, .bf16: 0])
    #expect(seconds(work, known, .bf16).isNaN)
    let noMemory = MachineCeiling(readGigabytesPerSecond: 0, gemmGigaflops: [.f32: 4])
    #expect(seconds(work, noMemory).isNaN)
    let none = MachineCeiling(readGigabytesPerSecond: 1, gemmGigaflops: [:])
    #expect(seconds(work, none).isNaN)
  }

  @Test func leavingLayersOutTakesTheirTimeAway() throws {
    let ceiling = MachineCeiling(readGigabytesPerSecond: 1, gemmGigaflops: [.f32: 4])
    func seconds(_ plan: DepthPlan) -> Double {
      self.seconds(
        ModelWork(config: config, plan: plan, rows: 8, logitRows: 8, weights: .f32), ceiling)
    }
    let (full, one, all) = (
      seconds(.full), seconds(try .skipping([2])), seconds(try .skipping(0..<5))
    )
    #expect(abs((full - all) - 5 * (full - one)) < 1e-12)
  }
}
