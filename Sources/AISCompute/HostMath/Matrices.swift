import COpenBLAS

/// Products, linear equations and eigenvectors of small dense float64 matrices, row-major.
package enum Matrices {
  /// left·right.
  ///
  /// Shape: left [rows, inner], right [inner, columns].
  package static func product(
    _ left: [Double], _ right: [Double], rows: Int, inner: Int, columns: Int
  ) -> [Double] {
    product(left, right, CblasNoTrans, rows, inner, columns, leading: columns)
  }

  /// left·rightᵀ.
  ///
  /// Shape: left [rows, inner], right [columns, inner].
  package static func productTransposed(
    _ left: [Double], _ right: [Double], rows: Int, inner: Int, columns: Int
  ) -> [Double] {
    product(left, right, CblasTrans, rows, inner, columns, leading: inner)
  }

  private static func product(
    _ left: [Double], _ right: [Double], _ transposition: CBLAS_TRANSPOSE, _ rows: Int,
    _ inner: Int, _ columns: Int, leading: Int
  ) -> [Double] {
    precondition(left.count == rows * inner && right.count == inner * columns, "shapes that fit")
    var out = [Double](repeating: 0, count: rows * columns)
    OpenBLASCall.run {
      cblas_dgemm(
        CblasRowMajor, CblasNoTrans, transposition, Int32(rows), Int32(columns), Int32(inner), 1,
        left, Int32(inner), right, Int32(leading), 0, &out, Int32(columns))
    }
    return out
  }

  /// Adds leftᵀ·right to `sums`.
  ///
  /// Shape: left [inner, rows], right [inner, columns], sums [rows, columns].
  package static func addTransposedProduct(
    _ left: [Double], _ right: [Double], rows: Int, inner: Int, columns: Int,
    to sums: inout [Double]
  ) {
    precondition(
      left.count == inner * rows && right.count == inner * columns && sums.count == rows * columns,
      "shapes that fit")
    OpenBLASCall.run {
      cblas_dgemm(
        CblasRowMajor, CblasTrans, CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), 1,
        left, Int32(rows), right, Int32(columns), 1, &sums, Int32(columns))
    }
  }

  /// Adds factor · Σ x·xᵀ over the rows x of a matrix to the upper triangle of `sums`.
  ///
  /// Shape: rows [any, width], sums [width, width].
  package static func addGram(
    of rows: [Double], width: Int, times factor: Double = 1, to sums: inout [Double],
    threads: Int = Threads.count
  ) {
    precondition(
      rows.count.isMultiple(of: width) && sums.count == width * width, "shapes that fit")
    OpenBLASCall.run(threads: threads) {
      cblas_dsyrk(
        CblasRowMajor, CblasUpper, CblasTrans, Int32(width), Int32(rows.count / width), factor,
        rows, Int32(width), 1, &sums, Int32(width))
    }
  }

  /// Solves matrix·x = b for each row b of `right` by Cholesky factorization, and replaces b by x.
  ///
  /// Returns false if the matrix is not positive definite.
  ///
  /// Shape: matrix [size, size], symmetric, overwritten; right [columns, size].
  package static func solvePositive(
    _ matrix: inout [Double], _ right: inout [Double], size: Int, columns: Int
  ) -> Bool {
    precondition(matrix.count == size * size && right.count == columns * size, "shapes that fit")
    return OpenBLASCall.run {
      ais_solve_positive(Int32(size), Int32(columns), &matrix, &right) == 0
    }
  }

  /// Solves matrix·x = right; `nil` if the matrix is singular.
  ///
  /// Shape: matrix [size, size], right and result [size, columns].
  package static func solve(
    _ matrix: [Double], _ right: [Double], size: Int, columns: Int
  ) -> [Double]? {
    precondition(matrix.count == size * size && right.count == size * columns, "shapes that fit")
    // LAPACK's matrices are column-major.
    var factors = transposed(matrix, rows: size, columns: size)
    var solution = transposed(right, rows: size, columns: columns)
    var pivots = [Int32](repeating: 0, count: size)
    let status = OpenBLASCall.run {
      ais_solve_general(Int32(size), Int32(columns), &factors, &pivots, &solution)
    }
    guard status == 0, solution.allSatisfy(\.isFinite) else { return nil }
    return transposed(solution, rows: columns, columns: size)
  }

  /// The largest eigenvalues of a symmetric matrix, descending, and their unit eigenvectors.
  ///
  /// `nil` if LAPACK finds fewer.
  ///
  /// Shape: matrix [size, size], of which the upper triangle is read; vectors [count, size].
  package static func largestEigenvectors(
    of matrix: [Double], size: Int, count: Int, threads: Int = Threads.count
  ) -> (values: [Double], vectors: [Double])? {
    var matrix = matrix
    var values = [Double](repeating: 0, count: size)
    var vectors = [Double](repeating: 0, count: size * count)
    var support = [Int32](repeating: 0, count: 2 * size)
    // LAPACK needs at least 26 floats and 10 integers for each column. With more floats it works in
    // blocks.
    var work = [Double](repeating: 0, count: 64 * size)
    var integerWork = [Int32](repeating: 0, count: 10 * size)
    var found: Int32 = 0
    let (room, integerRoom) = (Int32(work.count), Int32(integerWork.count))
    let status = OpenBLASCall.run(threads: threads) {
      ais_largest_eigenvectors(
        Int32(size), Int32(count), &matrix, &found, &values, &vectors, &support, &work, room,
        &integerWork, integerRoom)
    }
    guard status == 0, Int(found) == count else { return nil }
    // LAPACK's eigenvalues are ascending.
    let falling = (0..<count).reversed()
    return (falling.map { values[$0] }, falling.flatMap { vectors[$0 * size..<($0 + 1) * size] })
  }

  /// Shape: [rows, columns]; result [columns, rows].
  package static func transposed(_ matrix: [Double], rows: Int, columns: Int) -> [Double] {
    var result = [Double](repeating: 0, count: matrix.count)
    for row in 0..<rows {
      for column in 0..<columns { result[column * rows + row] = matrix[row * columns + column] }
    }
    return result
  }
}
