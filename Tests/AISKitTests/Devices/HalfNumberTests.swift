import AISKit
import Testing

/// Half-precision numbers, against the compiler's own.
@Suite struct HalfNumberTests {
  @Test func everyHalfStaysItself() {
    for bits in UInt16.min...UInt16.max {
      let half = Float16(bitPattern: bits)
      guard half.isFinite else { continue }
      #expect(HalfNumber.bits(Float(half)) == bits)
    }
  }

  @Test func othersAreRoundedToNearestEven() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<100_000 {
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      guard value.isFinite, abs(value) <= 65_504 else { continue }
      #expect(HalfNumber.bits(value) == Float16(value).bitPattern)
    }
    // Halfway between two halves, and between two subnormal ones.
    for value in [1 + Float(0x1p-11), 1 + Float(0x3p-11), 0x1p-25, 0x3p-25] as [Float] {
      #expect(HalfNumber.bits(value) == Float16(value).bitPattern)
    }
  }

  @Test func whatIsTooLargeBecomesTheLargest() {
    #expect(HalfNumber.bits(65_520) == Float16(65_504).bitPattern)
    #expect(HalfNumber.bits(-.infinity) == Float16(-65_504).bitPattern)
    #expect(Float16(bitPattern: HalfNumber.bits(.nan)).isNaN)
  }
}
