import AISKit

/// An error in vectors for a picture or a graph.
public enum VectorError: InputError, Equatable {
  /// An infinity or a NaN.
  case notFinite(row: Int, column: Int)
  /// Fewer rows or columns than the result needs.
  case tooFew(what: String, expected: Int, found: Int)
  /// LAPACK's solver failed.
  case unsolved

  /// One line: what, where, expected, found.
  public var description: String {
    switch self {
    case .notFinite(let row, let column):
      "vectors, row \(row), column \(column): expected a finite number"
    case .tooFew(let what, let expected, let found):
      "vectors: expected at least \(expected) \(what), found \(found)"
    case .unsolved:
      "vectors: expected principal components, found none (LAPACK's solver gave up)"
    }
  }
}
