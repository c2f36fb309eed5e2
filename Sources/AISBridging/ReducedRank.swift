/// Least squares with a map of low rank.
///
/// Source: reduced-rank regression, Izenman 1975; Davies and Tso 1982. The bound may hold for only
/// some inputs (Velu 1991). Then the other inputs are eliminated first, which leaves a problem with
/// only the bounded inputs.
extension NormalEquations {
  /// The factors of a map: W = up·down.
  package struct Factors {
    /// Orthonormal columns.
    ///
    /// Shape: [outputs, rank].
    package let up: [Double]
    /// Shape: [rank, inputs with bounded rank].
    package let down: [Double]
  }

  /// Minimizes the same error as `solve`, among maps whose part for the first `bounded` inputs has rank
  /// at most `rank`.
  ///
  /// V̂ is the bounded inputs' part of the solution without a bound. S is their penalized moments
  /// after regression on the other inputs. Then V = U·Uᵀ·V̂; the columns of U are the eigenvectors
  /// of V̂·S·V̂ᵀ with the `rank` largest eigenvalues.
  ///
  /// - Parameters:
  ///   - ridge: the penalty, as for `solve`.
  ///   - rank: from 1 to `outputs`.
  ///   - bounded: the number of inputs, from the first, whose part is bounded.
  /// - Returns: the map, and the factors of its bounded part.
  /// - Throws: `RequestError` if the equations have no solution in float64.
  package func solve(
    ridge: Double, rank: Int, bounded: Int
  ) throws -> (solution: Solution, factors: Factors) {
    precondition((1...outputs).contains(rank) && (1...inputs).contains(bounded), "a rank, a part")
    let full = try solve(ridge: ridge)
    let (moments, right) = penalized(ridge: ridge)
    let free = inputs - bounded
    /// Columns of a matrix with `inputs` columns.
    func part(_ matrix: [Double], rows: Range<Int>, _ columns: Range<Int>) -> [Double] {
      rows.flatMap { row in
        matrix[row * inputs + columns.lowerBound..<row * inputs + columns.upperBound]
      }
    }
    let estimate = part(full.weights, rows: 0..<outputs, 0..<bounded)
    // V̂·S, and the regressions of the bounded inputs and of the outputs on the free inputs.
    var image = part(right, rows: 0..<outputs, 0..<bounded)
    var explained: [Double] = []
    var alone: [Double] = []
    if free > 0 {
      let crossed = part(moments, rows: 0..<bounded, bounded..<inputs)
      var own = part(moments, rows: bounded..<inputs, bounded..<inputs)
      var sides = crossed + part(right, rows: 0..<outputs, bounded..<inputs)
      guard Matrices.solvePositive(&own, &sides, size: free, columns: bounded + outputs) else {
        throw unsolved
      }
      explained = Array(sides[..<(bounded * free)])
      alone = Array(sides[(bounded * free)...])
      let shared = Matrices.productTransposed(
        alone, crossed, rows: outputs, inner: free, columns: bounded)
      for place in image.indices { image[place] -= shared[place] }
    }
    let strength = Matrices.productTransposed(
      estimate, image, rows: outputs, inner: bounded, columns: outputs)
    guard let (_, vectors) = Matrices.largestEigenvectors(of: strength, size: outputs, count: rank)
    else { throw unsolved }
    let up = Matrices.transposed(vectors, rows: rank, columns: outputs)
    let down = Matrices.product(vectors, estimate, rows: rank, inner: outputs, columns: bounded)
    let low = Matrices.product(up, down, rows: outputs, inner: rank, columns: bounded)
    if free > 0 {
      let shared = Matrices.product(low, explained, rows: outputs, inner: bounded, columns: free)
      for place in alone.indices { alone[place] -= shared[place] }
    }
    var weights: [Double] = []
    for row in 0..<outputs {
      weights += low[row * bounded..<(row + 1) * bounded]
      weights += alone[row * free..<(row + 1) * free]
    }
    return (solution(weights), Factors(up: up, down: down))
  }
}
