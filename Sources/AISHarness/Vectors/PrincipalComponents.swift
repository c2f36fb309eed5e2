import AISKit

/// The directions in which vectors differ most, and the vectors' coordinates along them.
///
/// The number of a direction with the largest absolute value (the first of equal ones) is positive, and
/// everything is computed on one thread, so the same vectors give the same bits.
///
/// Source: Pearson 1901; eigenvectors of the covariance matrix by LAPACK's dsyevr.
public struct PrincipalComponents: Sendable, Equatable {
  /// Numbers in a vector.
  public let width: Int
  /// The mean vector, which is subtracted first.
  public let mean: [Double]
  /// Unit vectors, the one with the largest variance first.
  ///
  /// Shape: [count, width], row-major.
  public let components: [Double]
  /// The sample variance (over count − 1) along each component.
  public let variances: [Double]

  /// The first components of vectors.
  ///
  /// Shape: rows [any, width].
  /// - Throws: `VectorError` for a NaN or an infinity, for fewer than two rows or `count` columns.
  public init(rows: [Float], width: Int, count: Int = 2) throws(VectorError) {
    precondition(width > 0 && rows.count.isMultiple(of: width) && count > 0, "whole rows")
    let n = rows.count / width
    guard n >= 2 else { throw .tooFew(what: "rows", expected: 2, found: n) }
    guard width >= count else { throw .tooFew(what: "columns", expected: count, found: width) }
    if let place = rows.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(row: place / width, column: place % width)
    }
    var mean = [Double](repeating: 0, count: width)
    for row in 0..<n {
      for i in 0..<width { mean[i] += Double(rows[row * width + i]) }
    }
    for i in 0..<width { mean[i] /= Double(n) }
    let covariance = Self.covariance(rows, width: width, mean: mean)
    guard
      let (values, vectors) = Matrices.largestEigenvectors(
        of: covariance, size: width, count: count, threads: 1)
    else { throw .unsolved }
    self.width = width
    self.mean = mean
    components = (0..<count).flatMap {
      Self.oriented(Array(vectors[$0 * width..<($0 + 1) * width]))
    }
    // A variance of zero may be rounded to just below zero.
    variances = values.map { max(0, $0) }
  }

  /// The coordinates of vectors along the components.
  ///
  /// Shape: rows [any, width]; the result is [any, count].
  public func project(_ rows: [Float]) -> [Float] {
    precondition(rows.count.isMultiple(of: width), "whole rows")
    var result: [Float] = []
    for row in 0..<rows.count / width {
      for component in variances.indices {
        var place = 0.0
        for i in 0..<width {
          place += (Double(rows[row * width + i]) - mean[i]) * components[component * width + i]
        }
        result.append(Float(place))
      }
    }
    return result
  }

  /// The upper triangle of the covariance matrix.
  ///
  /// Shape: [width, width].
  private static func covariance(_ rows: [Float], width: Int, mean: [Double]) -> [Double] {
    let n = rows.count / width
    let centred = rows.indices.map { Double(rows[$0]) - mean[$0 % width] }
    var product = [Double](repeating: 0, count: width * width)
    Matrices.addGram(of: centred, width: width, times: 1 / Double(n - 1), to: &product, threads: 1)
    return product
  }

  private static func oriented(_ vector: [Double]) -> [Double] {
    var largest = 0
    for i in vector.indices where abs(vector[i]) > abs(vector[largest]) { largest = i }
    return vector[largest] < 0 ? vector.map { -$0 } : vector
  }
}
