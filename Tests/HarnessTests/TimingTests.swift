import AISHarness
import AISKit
import Foundation
import Testing

@Suite struct TimingTests {
  @Test func sidesTakeTurnsGoingFirst() throws {
    var order = ""
    _ = try InterleavedTiming(pairs: 4, warmUps: 1).measure(
      baseline: .init("a") { order += "A" }, variant: .init("b") { order += "B" })
    #expect(order == "AB" + "AB" + "BA" + "AB" + "BA")
  }

  /// The sides sleep instead of computing, since other tests share the cores.
  @Test func aSideThatTakesLongerIsTheSlowerOne() throws {
    let comparison = try InterleavedTiming(pairs: 7, warmUps: 0).measure(
      baseline: .init("long") { usleep(40_000) }, variant: .init("short") { usleep(4_000) })
    #expect(comparison.baseline.milliseconds.count == 7)
    #expect(comparison.variant.milliseconds.count == 7)
    #expect(comparison.baseline.medianMilliseconds >= 40)
    #expect(comparison.speedup.value > 1.2, "got \(comparison.speedup)")
    #expect(comparison.speedup.interval.contains(comparison.speedup.value))
  }

  @Test func savingAndEfficiencyFollowFromTheMedians() {
    let comparison = TimingComparison(
      baseline: SideTimes(name: "a", work: nil, milliseconds: [10, 10, 10]),
      variant: SideTimes(name: "b", work: nil, milliseconds: [8, 8, 8]))
    #expect(abs(comparison.saving - 0.2) < 1e-12)
    // A quarter of the work is left out; four fifths of the possible saving is measured.
    #expect(abs(comparison.efficiency(idealSpeedup: 4.0 / 3).value - 0.8) < 1e-12)
  }

  @Test func anErrorInOneSideEndsTheTiming() {
    struct Broken: Error {}
    #expect(throws: Broken.self) {
      try InterleavedTiming(pairs: 3).measure(
        baseline: .init("a") {}, variant: .init("b") { throw Broken() })
    }
  }

  @Test func ratesAboveTheMachinesCeilingAreImpossible() {
    let ceiling = MachineCeiling(readGigabytesPerSecond: 10, gemmGigaflops: [.f32: 100])
    func side(_ milliseconds: Double) -> SideTimes {
      let work = Work(floatingPointOperations: 1e9, bytesRead: 1e8, computeType: .f32)
      return SideTimes(name: "prefill", work: work, milliseconds: [milliseconds])
    }
    // 10 ms is exactly at both ceilings.
    #expect(ceiling.violations(by: side(10)).isEmpty)
    #expect(ceiling.violations(by: side(9.5)).isEmpty, "within the tolerance")
    let found = ceiling.violations(by: side(5))
    #expect(found.map(\.unit) == ["GB/s", "GFLOP/s"])
    #expect(found.first?.description.contains("prefill would mean 20 GB/s, 2.0 times") == true)
    let unknown = SideTimes(name: "x", work: nil, milliseconds: [0.001])
    #expect(ceiling.violations(by: unknown).isEmpty)
  }

  /// The range from a slow laptop to a large server; outside it the kernel read nothing, or the
  /// compiler removed the loop.
  @Test func readBandwidthIsPlausibleAndGEMMRatesComeFromTheCaller() throws {
    let ceiling = try MachineCeiling.measure(
      threads: 2, computeTypes: [.bf16], bufferBytes: 64 << 20,
      gigaflops: { $0 == .bf16 ? 77 : 0 })
    #expect((1...1_000).contains(ceiling.readGigabytesPerSecond))
    #expect(ceiling.gemmGigaflops == [.bf16: 77])
  }

  /// Other tests take and free memory meanwhile, so the bound is wide.
  @Test func memoryThatIsTakenIsSeen() throws {
    let bytes = 512 << 20
    let growth = try ProcessMemory.growth {
      let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      block.initializeMemory(as: UInt8.self, repeating: 1, count: bytes)
      #expect(block.load(fromByteOffset: bytes / 2, as: UInt8.self) == 1)
      block.deallocate()
    }
    let seen = try #require(growth, "this system does not tell")
    #expect(seen > bytes / 2 && seen < 4 * bytes, "got \(seen)")
  }
}
