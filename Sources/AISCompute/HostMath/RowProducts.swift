import COpenBLAS

/// Products of dense float32 matrices in host memory, row-major.
package enum RowProducts {
  /// out = left·rightᵀ.
  ///
  /// Shape: left [rows, inner], right [columns, inner]; out begins with [rows, columns].
  package static func timesTransposed(
    _ left: Span<Float>, _ right: Span<Float>, rows: Int, columns: Int, inner: Int,
    into out: inout [Float]
  ) {
    precondition(
      left.count >= rows * inner && right.count >= columns * inner && out.count >= rows * columns,
      "shapes that fit")
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        OpenBLASCall.run {
          cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(columns), Int32(inner), 1,
            left.baseAddress, Int32(inner), right.baseAddress, Int32(inner), 0, &out,
            Int32(columns))
        }
      }
    }
  }

  /// out = leftᵀ·right.
  ///
  /// Shape: left [inner, rows], right [inner, columns]; out has [rows, columns] from `start` on.
  package static func transposedTimes(
    _ left: Span<Float>, _ right: Span<Float>, rows: Int, columns: Int, inner: Int,
    into out: inout [Float], at start: Int = 0
  ) {
    precondition(
      left.count >= inner * rows && right.count >= inner * columns
        && out.count >= start + rows * columns, "shapes that fit")
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        out.withUnsafeMutableBufferPointer { out in
          let target = UnsafeMutableBufferPointer(rebasing: out[start...])
          OpenBLASCall.run {
            cblas_sgemm(
              CblasRowMajor, CblasTrans, CblasNoTrans, Int32(rows), Int32(columns), Int32(inner),
              1, left.baseAddress, Int32(rows), right.baseAddress, Int32(columns), 0,
              target.baseAddress, Int32(columns))
          }
        }
      }
    }
  }
}
