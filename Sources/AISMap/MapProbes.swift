/// Checks and normalizes the probes that a map gets.
///
/// The inner product of probes of unit length is their cosine.
enum MapProbes {
  /// The rows scaled to unit length.
  ///
  /// Throws `RequestError` for numbers that are not whole rows, and for the first row that is zero or not
  /// finite.
  static func normalized(_ probes: [Float], width: Int) throws(RequestError) -> [Float] {
    guard probes.count % width == 0 else {
      throw RequestError(
        "map probes", expected: "rows of \(width) floats", found: "\(probes.count) floats")
    }
    var result = probes
    for row in 0..<probes.count / width {
      let range = row * width..<(row + 1) * width
      let length = probes[range].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      // A single infinity or NaN makes the length one; finite floats never overflow it.
      guard length.isFinite else {
        throw RequestError(
          "map probe \(row)", expected: "finite numbers", found: "a length of \(length)")
      }
      guard length > 0 else {
        throw RequestError("map probe \(row)", expected: "a vector other than zero", found: "zeros")
      }
      for place in range { result[place] = Float(Double(probes[place]) / length) }
    }
    return result
  }
}
