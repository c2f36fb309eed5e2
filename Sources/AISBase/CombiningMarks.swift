/// Long runs of combining marks, which make Swift's `String` slow.
///
/// To compare or hash a `String`, or to bring it into a normal form, the library puts every run of
/// marks in order by insertion. That takes time that grows with the square of the run's length.
package enum CombiningMarks {
  /// The marks that may follow one another in a name or another text that is compared.
  ///
  /// Writing systems put a few on a letter; the stream-safe format of Unicode (UAX 15) allows 30.
  package static let longestRun = 64

  /// What errors say is expected of such a text.
  package static let limit = "at most \(longestRun) combining marks in a row"

  /// True if more than `longestRun` marks follow one another in `text`.
  package static func areTooMany(in text: String) -> Bool {
    var text = text
    // A mark has two bytes at least.
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
  /// The result is canonically equivalent to `text`; the library finds nothing left to move. With
  /// `compatibly`, it is compatibly equivalent, for the forms KC and KD.
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

  /// Sorts by combining class, in one pass; marks of one class stay as they are.
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

  /// The scalars that all of Unicode's normal forms replace with marks alone, all of which are in
  /// a form that is decomposed.
  private static let decomposed: [Unicode.Scalar: [Unicode.Scalar]] = [
    "\u{344}": ["\u{308}", "\u{301}"], "\u{F73}": ["\u{F71}", "\u{F72}"],
    "\u{F75}": ["\u{F71}", "\u{F74}"], "\u{F81}": ["\u{F71}", "\u{F80}"],
  ]

  /// Those that only the forms KC and KD replace with marks: the sound marks of half width.
  private static let compatiblyDecomposed: [Unicode.Scalar: [Unicode.Scalar]] = [
    "\u{FF9E}": ["\u{3099}"], "\u{FF9F}": ["\u{309A}"],
  ]

  /// True for marks that reorder, and for what decomposes to such marks.
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
