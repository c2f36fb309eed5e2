/// Least squares with a map of low rank.
///
/// Source: reduced-rank regression, Izenman 1975; Davies and Tso 1982. Some inputs may be free of the
/// bound (Velu 1991): these are solved for, and what is left is a problem in the others alone.
extension NormalEquations {
  /// Two maps, one behind the other: W = up·down.
  package struct Factors {
    /// Orthonormal columns.
    ///
    /// Shape: [outputs, rank].
    package let up: [Double]
    /// Shape: [rank, inputs with bounded rank].
    package let down: [Double]
  }

  /// Minimizes what `solve` does, among maps whose part in the first `bounded` inputs has at most a rank.
  ///
  /// With V̂ that part of the unbounded solution and S its penalised moments, less what the other inputs
  /// explain, V = U·Uᵀ·V̂, where U has the largest eigenvectors of V̂·S·V̂ᵀ.
  ///
  /// - Parameters:
  ///   - ridge: the penalty, as for `solve`.
  ///   - rank: from 1 to `outputs`.
  ///   - bounded: so many inputs, the first, share the bound.
  /// - Returns: the map, and the factors of its bounded part.
  /// - Throws: `BridgeError` where the equations have no solution in float64.
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
    // V̂·S, and what the free inputs say of the bounded ones and of the outputs.
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
