/// Finds long runs of combining marks, which make a `String` slow to compare and to hash.
///
/// The time grows with the square of the run's length, as the marks are put in order by insertion.
enum HDF5CombiningMarks {
  /// The most marks that may follow one another in a name or a text.
  static let longestRun = 64

  /// Tibetan vowel signs that are not marks themselves but decompose to two.
  private static let pairs: Set<UInt32> = [0xF73, 0xF75, 0xF81]

  /// True if more than `longestRun` marks follow one another in `text`.
  static func areTooMany(in text: String) -> Bool {
    // A mark has at least two bytes.
    guard text.utf8.count > 2 * longestRun else { return false }
    var run = 0
    for scalar in text.unicodeScalars {
      let isMark =
        scalar.value >= 0x300
        && (scalar.properties.canonicalCombiningClass != .notReordered
          || pairs.contains(scalar.value))
      run = isMark ? run + 1 : 0
      if run > longestRun { return true }
    }
    return false
  }
}
