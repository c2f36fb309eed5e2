/// The cosine of the angle between vectors, with sums in float64.
package enum Cosine {
  /// The cosine of two vectors; 0 if one has length 0, NaN if one's length is not finite.
  ///
  /// Shape: [width] each.
  package static func of(_ first: Span<Float>, _ second: Span<Float>) -> Double {
    precondition(first.count == second.count, "vectors of one width")
    var (dot, inner, outer) = (0.0, 0.0, 0.0)
    for index in first.indices {
      let (x, y) = (Double(first[index]), Double(second[index]))
      dot += x * y
      inner += x * x
      outer += y * y
    }
    let length = (inner * outer).squareRoot()
    return length == 0 ? 0 : dot / length
  }

  /// The cosine of each row of one matrix and the same row of another.
  ///
  /// Shape: [rows, width] each; the result has an element for each row.
  package static func rows(_ first: Span<Float>, _ second: Span<Float>, width: Int) -> [Float] {
    precondition(first.count == second.count && first.count.isMultiple(of: width), "whole rows")
    return stride(from: 0, to: first.count, by: width).map { start in
      Float(of(first.extracting(start..<start + width), second.extracting(start..<start + width)))
    }
  }
}
