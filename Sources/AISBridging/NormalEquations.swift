/// A linear least-squares problem, y ≈ W·x + c, given by sums over its rows.
package struct NormalEquations {
  package let inputs: Int
  package let outputs: Int
  package let count: Double
  /// Σ x·xᵀ, Σ x, Σ y·xᵀ, Σ y, Σ ‖y‖².
  package let gram: [Double]
  package let inputSums: [Double]
  package let products: [Double]
  package let targetSums: [Double]
  package let targetSquares: Double

  /// The problem with only some of the inputs.
  package init(_ input: InputMoments, _ target: TargetMoments, columns: Range<Int>) {
    precondition(input.width == target.inputs, "targets of these inputs")
    inputs = columns.count
    outputs = target.width
    count = Double(input.count)
    gram = input.gram(columns)
    inputSums = Array(input.sums[columns])
    products = target.products(columns)
    targetSums = target.sums
    targetSquares = target.squares
  }

  private init(
    inputs: Int, outputs: Int, count: Double, gram: [Double], inputSums: [Double],
    products: [Double], targetSums: [Double], targetSquares: Double
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.count = count
    self.gram = gram
    self.inputSums = inputSums
    self.products = products
    self.targetSums = targetSums
    self.targetSquares = targetSquares
  }

  /// The problem with inputs m = D·x and targets y + m: y + m ≈ T·m + c.
  ///
  /// Shape: D [outputs, inputs].
  package func through(_ matrix: [Double]) -> NormalEquations {
    let gramColumns = Matrices.productTransposed(
      gram, matrix, rows: inputs, inner: inputs, columns: outputs)
    let newGram = Matrices.product(
      matrix, gramColumns, rows: outputs, inner: inputs, columns: outputs)
    let crossed = Matrices.productTransposed(
      products, matrix, rows: outputs, inner: inputs, columns: outputs)
    let sums = Matrices.product(matrix, inputSums, rows: outputs, inner: inputs, columns: 1)
    var squares = targetSquares
    for output in 0..<outputs {
      squares += 2 * crossed[output * outputs + output] + newGram[output * outputs + output]
    }
    return NormalEquations(
      inputs: outputs, outputs: outputs, count: count, gram: newGram, inputSums: sums,
      products: zip(crossed, newGram).map { $0 + $1 },
      targetSums: zip(targetSums, sums).map { $0 + $1 },
      targetSquares: squares)
  }

  /// A map and a constant: y ≈ weights·x + bias.
  package struct Solution {
    /// Shape: [outputs, inputs].
    package let weights: [Double]
    /// Shape: [outputs].
    package let bias: [Double]

    package init(weights: [Double], bias: [Double]) {
      self.weights = weights
      self.bias = bias
    }
  }

  /// Minimizes Σ ‖y − W·x − c‖² + λ Σ sᵢ²·wᵢ².
  ///
  /// λ is `ridge` and sᵢ² is the sum of squares of input i around its mean. c has no penalty.
  ///
  /// - Throws: `RequestError` if the equations have no solution in float64.
  package func solve(ridge: Double) throws -> Solution {
    var (matrix, right) = penalized(ridge: ridge)
    guard Matrices.solvePositive(&matrix, &right, size: inputs, columns: outputs),
      right.allSatisfy(\.isFinite)
    else { throw unsolved }
    return solution(right)
  }

  var unsolved: RequestError {
    RequestError(
      "normal equations of \(inputs) inputs", expected: "a positive definite matrix",
      found: "another matrix, from \(Int(count)) rows; more rows or a larger ridge may help")
  }

  /// A given map, with the constants that minimize its error.
  package func solution(_ weights: [Double]) -> Solution {
    let mapped = Matrices.product(weights, inputSums, rows: outputs, inner: inputs, columns: 1)
    return Solution(
      weights: weights, bias: zip(targetSums, mapped).map { ($0 - $1) / count })
  }

  /// Both sides of the penalized equations, with means subtracted.
  ///
  /// Shape: matrix [inputs, inputs], right [outputs, inputs].
  func penalized(ridge: Double) -> (matrix: [Double], right: [Double]) {
    precondition(count > 0 && ridge >= 0, "rows, and a penalty")
    var matrix = gram
    var right = products
    for row in 0..<inputs {
      for column in 0..<inputs {
        matrix[row * inputs + column] -= inputSums[row] * inputSums[column] / count
      }
    }
    for row in 0..<outputs {
      for column in 0..<inputs {
        right[row * inputs + column] -= targetSums[row] * inputSums[column] / count
      }
    }
    let scale = (0..<inputs).reduce(0) { max($0, matrix[$1 * inputs + $1]) }
    for place in 0..<inputs {
      // An input that never changes would make the equations singular.
      matrix[place * inputs + place] += ridge * matrix[place * inputs + place] + 1e-12 * scale
    }
    return (matrix, right)
  }

  /// Σ ‖y − W·x − c‖² for a solution of this problem or of another one.
  package func squaredError(_ solution: Solution) -> Double {
    let (weights, bias) = (solution.weights, solution.bias)
    let image = Matrices.product(
      weights, gram, rows: outputs, inner: inputs, columns: inputs)
    var error = targetSquares
    for place in weights.indices { error += weights[place] * (image[place] - 2 * products[place]) }
    let mapped = Matrices.product(weights, inputSums, rows: outputs, inner: inputs, columns: 1)
    for output in 0..<outputs {
      error += bias[output] * (count * bias[output] + 2 * (mapped[output] - targetSums[output]))
    }
    return error
  }
}
