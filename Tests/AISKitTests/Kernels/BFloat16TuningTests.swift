import AISKit
import CAISKernels
import Testing

struct BFloat16TuningTests {
  private typealias Rate = BFloat16Tuning.Rate

  private func tuning(
    widened: [Double], dot: [Double] = [], tiles: [Double] = [], floats: [Double] = []
  ) -> BFloat16Tuning {
    func rates(_ way: BFloat16Tuning.Way, _ values: [Double]) -> [Rate] {
      zip([1, 8, 40, 512], values).map { Rate(way, rows: $0, gigaflops: $1) }
    }
    return BFloat16Tuning(
      rates(.f32, floats) + rates(.widened, widened) + rates(.dot, dot) + rates(.tiles, tiles))
  }

  @Test func pairsAreMultipliedWhereThatIsFasterOverAllRows() {
    // As on a Zen 5, and as on a Sapphire Rapids, where pairs are faster at one row only.
    #expect(tuning(widened: [35, 143, 214, 230], dot: [45, 222, 495, 508]).usesDot)
    #expect(!tuning(widened: [19, 130, 186, 253], dot: [21, 120, 106, 118]).usesDot)
    #expect(!tuning(widened: [26, 108, 123, 126]).usesDot)
  }

  @Test func tilesAreUsedWhereManyRowsAreFaster() {
    let widened = [19.0, 130, 186, 253]
    #expect(tuning(widened: widened, tiles: [5, 20, 300, 780]).usesTiles)
    // Faster at few rows alone is no reason: these never use tiles.
    #expect(!tuning(widened: widened, tiles: [90, 400, 100, 200]).usesTiles)
    #expect(!tuning(widened: widened).usesTiles)
  }

  @Test func rowsAtWhichFloatsAreFasterAreNamed() {
    let slow = tuning(widened: [35, 100, 180, 220], floats: [20, 100, 190, 219])
    #expect(slow.slowerThanFloats == [40])
  }

  @Test(.enabled(if: Threads.instructionSet != "reference")) func everyWayHereIsMeasured() throws {
    let rates = try BFloat16Tuning.measure().rates
    var ways: Set<BFloat16Tuning.Way> = [.f32, .widened]
    if ais_has_bf16_dot() { ways.insert(.dot) }
    if ais_has_matrix_tiles() { ways.insert(.tiles) }
    #expect(Set(rates.map(\.way)) == ways)
    #expect(rates.count == 4 * ways.count && rates.allSatisfy { $0.gigaflops > 0 })
  }
}
