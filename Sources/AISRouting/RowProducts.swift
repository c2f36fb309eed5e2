import COpenBLAS

/// Products of dense float32 matrices, row-major, for what is not a model's weights.
enum RowProducts {
  /// out = left·rightᵀ.
  ///
  /// Shape: left [rows, inner], right [columns, inner], out [rows, columns].
  static func timesTransposed(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, rows: Int, columns: Int,
    inner: Int, into out: UnsafeMutablePointer<Float>
  ) {
    OpenBLASCall.run {
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(columns), Int32(inner), 1, left,
        Int32(inner), right, Int32(inner), 0, out, Int32(columns))
    }
  }

  /// out = leftᵀ·right.
  ///
  /// Shape: left [inner, rows], right [inner, columns], out [rows, columns].
  static func transposedTimes(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, rows: Int, columns: Int,
    inner: Int, into out: UnsafeMutablePointer<Float>
  ) {
    OpenBLASCall.run {
      cblas_sgemm(
        CblasRowMajor, CblasTrans, CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), 1, left,
        Int32(rows), right, Int32(columns), 0, out, Int32(columns))
    }
  }
}
