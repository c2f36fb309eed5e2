/// Sums of input rows x and of their outer products, in float64, for the normal equations.
///
/// The memory does not depend on the number of rows.
package final class InputMoments {
  package let width: Int
  package private(set) var count = 0
  /// Σ x.
  ///
  /// Shape: [width].
  package private(set) var sums: [Double]
  /// The upper triangle of Σ x·xᵀ.
  ///
  /// Shape: [width, width].
  package private(set) var gram: [Double]

  package init(width: Int) {
    precondition(width > 0, "numbers")
    self.width = width
    sums = [Double](repeating: 0, count: width)
    gram = [Double](repeating: 0, count: width * width)
  }

  /// Adds rows.
  ///
  /// Shape: [rows, width].
  package func add(_ rows: [Double]) {
    let count = rows.count / width
    precondition(count * width == rows.count, "whole rows")
    guard count > 0 else { return }
    Matrices.addGram(of: rows, width: width, to: &gram)
    for row in 0..<count {
      for column in 0..<width { sums[column] += rows[row * width + column] }
    }
    self.count += count
  }

  /// Σ x·xᵀ for some columns, with both triangles.
  ///
  /// Shape: [columns, columns].
  package func gram(_ columns: Range<Int>) -> [Double] {
    var part = [Double](repeating: 0, count: columns.count * columns.count)
    for (row, first) in columns.enumerated() {
      for (column, second) in columns.enumerated() where column >= row {
        let value = gram[first * width + second]
        part[row * columns.count + column] = value
        part[column * columns.count + row] = value
      }
    }
    return part
  }
}

/// Sums of targets y and of their products with inputs x, in float64, for the normal equations.
package final class TargetMoments {
  package let width: Int
  package let inputs: Int
  /// Σ y.
  ///
  /// Shape: [width].
  package private(set) var sums: [Double]
  /// Σ y·xᵀ.
  ///
  /// Shape: [width, inputs].
  package private(set) var products: [Double]
  /// Σ ‖y‖².
  package private(set) var squares = 0.0

  package init(width: Int, inputs: Int) {
    self.width = width
    self.inputs = inputs
    sums = [Double](repeating: 0, count: width)
    products = [Double](repeating: 0, count: width * inputs)
  }

  /// Adds targets with their inputs.
  ///
  /// Shape: targets [rows, width], rows [rows, inputs].
  package func add(_ targets: [Double], inputs rows: [Double]) {
    let count = targets.count / width
    precondition(count * width == targets.count && count * inputs == rows.count, "rows in pairs")
    guard count > 0 else { return }
    Matrices.addTransposedProduct(
      targets, rows, rows: width, inner: count, columns: inputs, to: &products)
    for row in 0..<count {
      for column in 0..<width {
        let value = targets[row * width + column]
        sums[column] += value
        squares += value * value
      }
    }
  }

  /// Σ y·xᵀ for some of the inputs.
  ///
  /// Shape: [width, columns].
  package func products(_ columns: Range<Int>) -> [Double] {
    var part: [Double] = []
    part.reserveCapacity(width * columns.count)
    for row in 0..<width {
      part += products[row * inputs + columns.lowerBound..<row * inputs + columns.upperBound]
    }
    return part
  }
}
