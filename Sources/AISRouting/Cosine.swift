/// The cosine of the angle between vectors.
enum Cosine {
  /// Of each row of one matrix and the same row of another; 0 where one has no length.
  ///
  /// Shape: [rows, width] each; sums in float64.
  static func rows(
    _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, rows: Int, width: Int
  ) -> [Float] {
    (0..<rows).map { row in
      let (a, b) = (first + row * width, second + row * width)
      var (dot, inner, outer) = (0.0, 0.0, 0.0)
      for index in 0..<width {
        let (x, y) = (Double(a[index]), Double(b[index]))
        dot += x * y
        inner += x * x
        outer += y * y
      }
      let length = (inner * outer).squareRoot()
      return length > 0 ? Float(dot / length) : 0
    }
  }
}
