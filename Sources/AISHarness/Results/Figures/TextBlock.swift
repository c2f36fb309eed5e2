/// Text as a picture shows it: how wide it is, and where its lines break.
///
/// Widths are those of DejaVu Sans; the fonts that replace it are narrower.
package enum TextBlock {
  /// The smallest size of letters, in pixels of a picture that is shown at its own width.
  package static let small = 12.0

  /// The width of a line in pixels, for letters of `size` pixels.
  package static func width(_ text: String, size: Double = small) -> Double {
    text.reduce(0) { $0 + advance($1) } * size
  }

  /// The lines of a text that is at most `width` pixels wide; it breaks between words.
  ///
  /// A word that is wider than a line is broken too, so nothing runs out of the picture.
  package static func lines(_ text: String, width: Double, size: Double = small) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ").flatMap({ pieces(String($0), width, size) }) {
      let longer = line.isEmpty ? word : "\(line) \(word)"
      if line.isEmpty || self.width(longer, size: size) <= width {
        line = longer
      } else {
        lines.append(line)
        line = word
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }

  /// The parts of a word that each fit a line; it breaks after `-`, `/`, `_` if it can.
  private static func pieces(_ word: String, _ width: Double, _ size: Double) -> [String] {
    var rest = word[...]
    var pieces: [String] = []
    while !rest.isEmpty, self.width(String(rest), size: size) > width {
      var end = rest.index(after: rest.startIndex)
      var used = advance(rest[rest.startIndex]) * size
      var seam: String.Index?
      while end < rest.endIndex, used + advance(rest[end]) * size <= width {
        used += advance(rest[end]) * size
        end = rest.index(after: end)
        if "-/_".contains(rest[rest.index(before: end)]) { seam = end }
      }
      pieces.append(String(rest[..<(seam ?? end)]))
      rest = rest[(seam ?? end)...]
    }
    return rest.isEmpty ? pieces : pieces + [String(rest)]
  }

  /// A letter's width as a share of the size.
  private static func advance(_ letter: Character) -> Double {
    switch letter {
    case "i", "j", "l", "'", "I", "|": 0.3
    case " ", ".", ",", ":", ";", "/", "!": 0.34
    case "f", "t", "r", "(", ")", "-", "[", "]": 0.41
    case "m", "w", "M", "W", "@", "%", "—", "→": 0.96
    case "A"..."Z", "+", "=", "<", ">", "−": 0.76
    default: letter.isASCII ? 0.635 : 0.8
    }
  }
}
