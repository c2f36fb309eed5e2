import AISKit
import Testing

/// Least squares by moments, compared with direct computation from the rows.
struct NormalEquationsTests {
  private let inputs = 5
  private let outputs = 3

  private func rows(_ count: Int, seed: UInt64) -> [[Double]] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in (0..<inputs).map { 3 + Double($0 + 1) * (random.unit() - 0.5) } }
  }

  private func image(_ row: [Double], _ weights: [Double], _ bias: [Double]) -> [Double] {
    (0..<outputs).map { output in
      bias[output] + row.indices.reduce(0) { $0 + weights[output * row.count + $1] * row[$1] }
    }
  }

  /// Moments of the rows, added in two parts.
  private func equations(
    _ rows: [[Double]], _ targets: [[Double]], columns: Range<Int>? = nil
  ) -> NormalEquations {
    let input = InputMoments(width: inputs)
    let target = TargetMoments(width: outputs, inputs: inputs)
    for part in [0..<rows.count / 3, rows.count / 3..<rows.count] {
      input.add(Array(rows[part].joined()))
      target.add(Array(targets[part].joined()), inputs: Array(rows[part].joined()))
    }
    return NormalEquations(input, target, columns: columns ?? 0..<inputs)
  }

  private static func near(_ first: [Double], _ second: [Double], _ bound: Double) -> Bool {
    zip(first, second).allSatisfy { abs($0 - $1) < bound }
  }

  private let weights = (0..<15).map { Double($0 % 7) - 3 }
  private let bias = [0.5, -4, 100]

  @Test func aLinearTruthIsFound() throws {
    let rows = rows(60, seed: 1)
    let targets = rows.map { image($0, weights, bias) }
    let solution = try equations(rows, targets).solve(ridge: 0)
    #expect(Self.near(solution.weights, weights, 1e-6))
    #expect(Self.near(solution.bias, bias, 1e-5))
  }

  @Test func theErrorIsThatOfTheRows() throws {
    let rows = rows(40, seed: 2)
    var random = SplitMix64(seed: 3)
    let targets = rows.map { image($0, weights, bias).map { $0 + random.unit() } }
    let problem = equations(rows, targets)
    let solution = try problem.solve(ridge: 0.01)
    let direct = zip(rows, targets).reduce(0) { sum, pair in
      let image = image(pair.0, solution.weights, solution.bias)
      return sum + zip(pair.1, image).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    #expect(abs(problem.squaredError(solution) - direct) < 1e-6 * direct)
    // Changing the map never reduces error plus penalty, or the error without a penalty.
    let best = try problem.solve(ridge: 0)
    #expect(problem.squaredError(best) < direct)
    var other = best.weights
    other[4] += 1e-3
    let moved = NormalEquations.Solution(weights: other, bias: best.bias)
    #expect(problem.squaredError(moved) > problem.squaredError(best))
  }

  @Test func aPenaltyShrinksTowardTheMean() throws {
    let rows = rows(40, seed: 4)
    let targets = rows.map { image($0, weights, bias) }
    let solution = try equations(rows, targets).solve(ridge: 1e9)
    #expect(solution.weights.allSatisfy { abs($0) < 1e-6 })
    let mean = (0..<outputs).map { output in targets.reduce(0) { $0 + $1[output] } / 40 }
    #expect(Self.near(solution.bias, mean, 1e-4))
  }

  /// The map of a rank has the least error plus penalty among maps of that rank: no small step of
  /// its factors reduces it.
  @Test(arguments: [1, 2], [3, 5])
  func aLowRankIsTheBestOfThatRank(rank: Int, bounded: Int) throws {
    let rows = rows(60, seed: 12)
    var random = SplitMix64(seed: 13)
    let targets = rows.map { image($0, weights, bias).map { $0 + 3 * random.unit() } }
    let problem = equations(rows, targets)
    let (solution, factors) = try problem.solve(ridge: 0, rank: rank, bounded: bounded)
    let error = problem.squaredError(solution)
    // The bounded part is the product of its factors.
    for output in 0..<outputs {
      for input in 0..<bounded {
        let product = (0..<rank).reduce(0.0) {
          $0 + factors.up[output * rank + $1] * factors.down[$1 * bounded + input]
        }
        #expect(abs(product - solution.weights[output * inputs + input]) < 1e-9)
      }
    }
    #expect(error >= problem.squaredError(try problem.solve(ridge: 0)))
    // No step from there, within the rank, reduces the error.
    for step in 0..<200 {
      var (up, down) = (factors.up, factors.down)
      var moved = solution.weights
      for place in up.indices { up[place] += 0.02 * (random.unit() - 0.5) }
      for place in down.indices { down[place] += 0.02 * (random.unit() - 0.5) }
      for output in 0..<outputs {
        for input in 0..<inputs {
          let place = output * inputs + input
          moved[place] =
            input < bounded
            ? (0..<rank).reduce(0.0) { $0 + up[output * rank + $1] * down[$1 * bounded + input] }
            : moved[place] + 0.02 * (random.unit() - 0.5)
        }
      }
      #expect(problem.squaredError(problem.solution(moved)) >= error - 1e-6 * error, "step \(step)")
    }
  }

  @Test func aFullRankIsNoBound() throws {
    let rows = rows(60, seed: 14)
    let targets = rows.map { image($0, weights, bias) }
    let problem = equations(rows, targets)
    for bounded in [3, 5] {
      let bound = try problem.solve(ridge: 0.1, rank: 3, bounded: bounded).solution
      let free = try problem.solve(ridge: 0.1)
      #expect(Self.near(bound.weights, free.weights, 1e-8))
      #expect(Self.near(bound.bias, free.bias, 1e-8))
    }
  }

  @Test func someInputsAloneAreTheProblemOfTheseInputs() throws {
    let rows = rows(50, seed: 5)
    let targets = rows.map { image($0, weights, bias) }
    let part = try equations(rows, targets, columns: 1..<4).solve(ridge: 1e-3)
    let input = InputMoments(width: 3)
    let target = TargetMoments(width: outputs, inputs: 3)
    let cut = rows.map { Array($0[1..<4]) }
    input.add(Array(cut.joined()))
    target.add(Array(targets.joined()), inputs: Array(cut.joined()))
    let alone = try NormalEquations(input, target, columns: 0..<3).solve(ridge: 1e-3)
    #expect(Self.near(part.weights, alone.weights, 1e-8))
  }

  @Test func throughAMatrixIsTheProblemInItsOutputs() throws {
    let rows = rows(60, seed: 6)
    let matrix = (0..<outputs * inputs).map { Double(($0 * 5) % 11) / 7 - 0.6 }
    let targets = rows.map { image($0, weights, bias) }
    let moved = equations(rows, targets).through(matrix)
    let outer = rows.map { image($0, matrix, [0, 0, 0]) }
    let input = InputMoments(width: outputs)
    let target = TargetMoments(width: outputs, inputs: outputs)
    input.add(Array(outer.joined()))
    target.add(
      zip(targets, outer).flatMap { zip($0, $1).map { $0 + $1 } }, inputs: Array(outer.joined()))
    let direct = NormalEquations(input, target, columns: 0..<outputs)
    let (first, second) = (try moved.solve(ridge: 1e-4), try direct.solve(ridge: 1e-4))
    #expect(Self.near(first.weights, second.weights, 1e-6))
    #expect(Self.near(first.bias, second.bias, 1e-5))
    #expect(abs(moved.squaredError(first) - direct.squaredError(second)) < 1e-4)
  }

  @Test func anInputThatNeverChangesDoesNoHarm() throws {
    let rows = rows(40, seed: 7).map { row in row.indices.map { $0 == 2 ? 1.5 : row[$0] } }
    let targets = rows.map { image($0, weights, bias) }
    let solution = try equations(rows, targets).solve(ridge: 1e-6)
    for (row, target) in zip(rows, targets) {
      #expect(Self.near(image(row, solution.weights, solution.bias), target, 1e-2))
    }
  }
}
