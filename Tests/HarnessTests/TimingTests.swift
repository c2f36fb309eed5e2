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
    let times = try InterleavedTiming(pairs: 7, warmUps: 0).measure(
      baseline: .init("long") { usleep(40_000) }, variant: .init("short") { usleep(4_000) })
    #expect(times.count == 7)
    let comparison = try #require(
      TimingComparison(
        times.map {
          TimedPair("sleep", process: 0, pair: 0, baseline: $0.baseline, variant: $0.variant)
        }))
    #expect(comparison.baselineMilliseconds >= 40)
    #expect(comparison.speedup.value > 1.2, "got \(comparison.speedup)")
    #expect(comparison.speedup.interval.contains(comparison.speedup.value))
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
    let work = Work(floatingPointOperations: 1e9, bytesRead: 1e8, computeType: .f32)
    func violation(_ milliseconds: Double, _ work: Work?) -> ImpossibleTiming? {
      ceiling.violation(name: "prefill", work: work, milliseconds: milliseconds)
    }
    // 10 ms is exactly at both ceilings.
    #expect(violation(10, work) == nil)
    #expect(violation(9.5, work) == nil, "within the tolerance")
    #expect(
      violation(5, work)?.description.contains("prefill would mean 20 GB/s, 2.0 times") == true)
    #expect(violation(0.001, nil) == nil)
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
