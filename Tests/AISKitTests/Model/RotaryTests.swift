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

  @Test func yarnKeepsShortWavesDividesLongOnesAndRampsBetween() {
    var yarn = RotaryEmbedding.YaRN(factor: 4, originalContext: 64)
    yarn.fast = 4
    let plain = RotaryEmbedding(base: 100, dimension: 16).inverseFrequencies()
    let scaled = RotaryEmbedding(base: 100, dimension: 16, scaling: .yarn(yarn))
      .inverseFrequencies()
    // A wave turns 64 · 100^(−2i/16) / 2π times: 4 times at pair 1.62, once at pair 4.03, which
    // become the whole pairs 1 and 5.
    let divided: [Float] = [0, 0, 0.25, 0.5, 0.75, 1, 1, 1]
    for pair in 0..<8 {
      let expected = plain[pair] * (1 - divided[pair]) + plain[pair] / 4 * divided[pair]
      #expect(abs(scaled[pair] - expected) < 1e-7)
    }
  }

  @Test func longRopeDependsOnTheContextAlone() {
    let rotary = RotaryEmbedding(
      base: 10_000, dimension: 4,
      scaling: .longRope(short: [1, 2], long: [4, 5], originalContext: 100))
    expectClose(rotary.inverseFrequencies(positions: 100), [1, 0.005], tolerance: 1e-9)
    expectClose(rotary.inverseFrequencies(positions: 101), [0.25, 0.002], tolerance: 1e-9)
  }

  @Test func slopesOfALiBiAreThePapers() {
    // Press et al., 2022: 1/2, 1/4, …, 1/256 for 8 heads; for 6, the four of 4 heads, then the first
    // and third of 8.
    #expect(ModelConfig.alibiSlopes(heads: 8) == (1...8).map { Float(1) / Float(1 << $0) })
    #expect(
      ModelConfig.alibiSlopes(heads: 6) == [0.25, 0.0625, 0.015_625, 0.003_906_25, 0.5, 0.125])
  }

  @Test func divisorsDivide() {
    let rotary = RotaryEmbedding(base: 10_000, dimension: 4, scaling: .divisors([2, 5]))
    expectClose(rotary.inverseFrequencies(), [0.5, 0.002], tolerance: 1e-9)
  }
}
