import CAISKernels
import Foundation

/// How fast this processor multiplies bfloat16 numbers by each way that it has, and the way to use.
///
/// There are up to three. Numbers are widened and multiplied as floats (`widened`), which every
/// processor can. Pairs are multiplied by `vdpbf16ps` (`dot`, AVX-512 BF16). Many rows are multiplied
/// by matrix tiles (`tiles`, AMX, through oneDNN). Each way sums in another order, so results of two
/// ways differ by roundings.
public struct BFloat16Tuning: Codable, Equatable, Sendable {
  /// A way to multiply.
  ///
  /// `f32` is none; it is measured too, since a shorter format must not be slower.
  public enum Way: String, Codable, CaseIterable, Sendable {
    case f32, widened, dot, tiles
  }

  /// The rate of one way at one number of rows.
  public struct Rate: Codable, Equatable, Sendable {
    /// The way.
    public let way: Way
    /// Rows of activations in a product.
    public let rows: Int
    /// 10⁹ additions and multiplications a second, all threads.
    public let gigaflops: Double

    /// A rate as measured.
    public init(_ way: Way, rows: Int, gigaflops: Double) {
      (self.way, self.rows, self.gigaflops) = (way, rows, gigaflops)
    }
  }

  /// The numbers of rows that are measured: decode of one and of eight, a short prompt, a long one.
  static let rows = [1, 8, 40, 512]

  /// Every rate, by way, then by rows.
  public let rates: [Rate]

  /// A tuning from rates as measured.
  public init(_ rates: [Rate]) { self.rates = rates }

  /// Whether pairs are multiplied: if that is faster than widening, as a mean over numbers of rows.
  public var usesDot: Bool { speed(of: .dot, over: .widened) > 1 }

  /// Whether many rows go to matrix tiles: if these are faster than what few rows use.
  public var usesTiles: Bool {
    speed(of: .tiles, over: usesDot ? .dot : .widened, from: PanelEngine.wideRows) > 1
  }

  /// The kernels that multiply bfloat16 numbers in this process, as results name them.
  public static var kernelsInUse: String {
    String(cString: ais_product_kernels(AIS_BF16))
      + (ais_has_matrix_tiles() && PanelEngine.allowsTiles ? "+amx" : "")
  }

  /// What is used, in words.
  public var summary: String {
    (usesDot ? "AVX-512 BF16" : "numbers widened to floats")
      + (usesTiles ? ", and AMX tiles from \(PanelEngine.wideRows) rows on" : "")
  }

  /// The numbers of rows at which what is used is slower than float32.
  public var slowerThanFloats: [Int] {
    Self.rows.filter { rows in
      func rate(_ way: Way) -> Double {
        rates.first { $0.way == way && $0.rows == rows }?.gigaflops ?? 0
      }
      let few: Way = usesDot ? .dot : .widened
      return rate(usesTiles && rows >= PanelEngine.wideRows ? .tiles : few) < rate(.f32)
    }
  }

  /// Makes this process multiply so; to be called before a model is loaded.
  public func use() {
    ais_choose_bf16_dot(usesDot)
    PanelEngine.allowsTiles = usesTiles
  }

  /// The geometric mean of a way's speed over another's, where both were measured; 0 if nowhere.
  private func speed(of way: Way, over other: Way, from least: Int = 0) -> Double {
    let ratios = rates.filter { $0.way == way && $0.rows >= least }.compactMap { rate in
      rates.first { $0.way == other && $0.rows == rate.rows }.map {
        rate.gigaflops / $0.gigaflops
      }
    }
    guard !ratios.isEmpty else { return 0 }
    return exp(ratios.reduce(0) { $0 + log($1) } / Double(ratios.count))
  }
}
