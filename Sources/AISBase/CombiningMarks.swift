/// Long runs of combining marks, which make Swift's `String` slow.
///
/// To compare, hash or normalise a `String`, the standard library sorts every run of marks by
/// insertion. That takes time that grows with the square of the run's length.
package enum CombiningMarks {
  /// The most marks in a row that a name, or another text that is compared, may have.
  ///
  /// Real texts have a few on a letter; the stream-safe format of Unicode (UAX 15) allows 30.
  package static let longestRun = 64

  /// The limit in words, for errors.
  package static let limit = "at most \(longestRun) combining marks in a row"

  /// True if more than `longestRun` marks follow one another in `text`.
  package static func areTooMany(in text: String) -> Bool {
    var text = text
    // A mark has at least two bytes.
    guard text.utf8.count > 2 * longestRun, text.withUTF8({ !isASCII($0) }) else { return false }
    var run = 0
    for scalar in text.unicodeScalars {
      run = isMark(scalar) ? run + 1 : 0
      if run > longestRun { return true }
    }
    return false
  }

  /// `text` with the marks of each long run in canonical order, in time linear in its length.
  ///
  /// The result is canonically equivalent to `text`, and the standard library has nothing more to
  /// sort in it. With `compatibly`, it is compatibly equivalent, for the forms KC and KD.
  package static func ordered(_ text: String, compatibly: Bool) -> String {
    var output = String.UnicodeScalarView()
    var run: [Unicode.Scalar] = []
    func flush() {
      output.append(contentsOf: run.count > longestRun ? ordered(run) : run)
      run.removeAll(keepingCapacity: true)
    }
    for scalar in text.unicodeScalars {
      if let marks = decomposed[scalar] ?? (compatibly ? compatiblyDecomposed[scalar] : nil) {
        run += marks
      } else if combiningClass(scalar) > 0 {
        run.append(scalar)
      } else {
        if !run.isEmpty { flush() }
        output.append(scalar)
      }
    }
    flush()
    return String(output)
  }

  /// Sorts by combining class, by counting; marks of one class keep their order.
  private static func ordered(_ run: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var places = [Int](repeating: 0, count: 257)
    for mark in run { places[combiningClass(mark) + 1] += 1 }
    for index in 1..<places.count { places[index] += places[index - 1] }
    var output = run
    for mark in run {
      let index = combiningClass(mark)
      output[places[index]] = mark
      places[index] += 1
    }
    return output
  }

  /// The scalars that every normal form of Unicode replaces with marks only.
  ///
  /// The marks given here need no further decomposition.
  private static let decomposed: [Unicode.Scalar: [Unicode.Scalar]] = [
    "\u{344}": ["\u{308}", "\u{301}"], "\u{F73}": ["\u{F71}", "\u{F72}"],
    "\u{F75}": ["\u{F71}", "\u{F74}"], "\u{F81}": ["\u{F71}", "\u{F80}"],
  ]

  /// The scalars that only the forms KC and KD replace with marks: the half-width sound marks.
  private static let compatiblyDecomposed: [Unicode.Scalar: [Unicode.Scalar]] = [
    "\u{FF9E}": ["\u{3099}"], "\u{FF9F}": ["\u{309A}"],
  ]

  /// True for marks that can be reordered, and for scalars that decompose to such marks.
  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    combiningClass(scalar) > 0 || decomposed[scalar] != nil
  }

  private static func combiningClass(_ scalar: Unicode.Scalar) -> Int {
    scalar.value < 0x300 ? 0 : Int(scalar.properties.canonicalCombiningClass.rawValue)
  }

  private static func isASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    bytes.allSatisfy { $0 < 0x80 }
  }
}
