import AISKit
import TestSupport
import Testing

struct RotaryTests {
  @Test func frequenciesFormAGeometricSeries() {
    let rotary = RotaryEmbedding(base: 10_000, dimension: 8)
    // Su et al., 2021: θ_i = 10000^(−2i/d).
    expectClose(rotary.inverseFrequencies(), [1, 0.1, 0.01, 0.001], tolerance: 1e-8)
  }

  @Test func linearScalingStretchesEveryPosition() {
    let rotary = RotaryEmbedding(base: 10_000, dimension: 4, scaling: .linear(factor: 4))
    expectClose(rotary.inverseFrequencies(), [0.25, 0.0025], tolerance: 1e-9)
  }

  @Test func llama3ScalingKeepsShortWavesAndStretchesLongOnes() {
    let scaling = RotaryEmbedding.Scaling.llama3(
      factor: 8, lowFrequency: 1, highFrequency: 4, originalContext: 8192)
    let plain = RotaryEmbedding(base: 500_000, dimension: 128).inverseFrequencies()
    let scaled = RotaryEmbedding(base: 500_000, dimension: 128, scaling: scaling)
      .inverseFrequencies()
    #expect(scaled[0] == plain[0])
    #expect(abs(scaled[63] - plain[63] / 8) <= 1e-12)
    #expect(zip(scaled, plain).allSatisfy { $0 <= $1 && $0 >= $1 / 8 * 0.999_99 })
    #expect(scaled == scaled.sorted(by: >))
  }

  @Test func divisorsDivide() {
    let rotary = RotaryEmbedding(base: 10_000, dimension: 4, scaling: .divisors([2, 5]))
    expectClose(rotary.inverseFrequencies(), [0.5, 0.002], tolerance: 1e-9)
  }
}
