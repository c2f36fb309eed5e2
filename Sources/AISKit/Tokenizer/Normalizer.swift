import Foundation

/// What is done to a text before it is split into words, step by step.
struct Normalizer: Sendable {
  enum Step: Sendable {
    case nfc
    case nfd
    case nfkc
    case nfkd
    /// Scalar by scalar, without regard to context.
    case lowercase
    case replace(SplitPattern, with: [UInt8])
    /// Put before any text that is not empty.
    case prepend([UInt8])
    case strip(left: Bool, right: Bool)
    /// Spells the bytes in the byte-level alphabet.
    case byteLevel
  }

  var steps: [Step]

  /// What SentencePiece vocabularies write for a space: U+2581.
  static let visibleSpace: [UInt8] = [0xE2, 0x96, 0x81]

  /// The normalised form of `text`.
  func normalize(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var bytes = Array(text)
    for step in steps { bytes = Self.apply(step, to: bytes) }
    return bytes
  }

  private static func apply(_ step: Step, to bytes: [UInt8]) -> [UInt8] {
    switch step {
    case .nfc: unicode(bytes) { $0.precomposedStringWithCanonicalMapping }
    case .nfd: unicode(bytes) { $0.decomposedStringWithCanonicalMapping }
    case .nfkc: unicode(bytes) { $0.precomposedStringWithCompatibilityMapping }
    case .nfkd: unicode(bytes) { $0.decomposedStringWithCompatibilityMapping }
    case .lowercase:
      Array(
        String(decoding: bytes, as: UTF8.self).unicodeScalars
          .map(\.properties.lowercaseMapping).joined().utf8)
    case .replace(let pattern, let replacement): replace(pattern, with: replacement, in: bytes)
    case .prepend(let prefix): bytes.isEmpty ? bytes : prefix + bytes
    case .strip(let left, let right): strip(bytes, left: left, right: right)
    case .byteLevel: ByteLevelAlphabet.encode(bytes)
    }
  }

  /// ASCII text is its own normal form in all four.
  private static func unicode(_ bytes: [UInt8], _ form: (String) -> String) -> [UInt8] {
    if bytes.allSatisfy({ $0 < 0x80 }) { return bytes }
    return Array(form(String(decoding: bytes, as: UTF8.self)).utf8)
  }

  private static func replace(
    _ pattern: SplitPattern, with replacement: [UInt8], in bytes: [UInt8]
  ) -> [UInt8] {
    bytes.withUnsafeBufferPointer { text in
      var output: [UInt8] = []
      output.reserveCapacity(text.count)
      var end = 0
      PreTokenizer.forEachMatch(of: pattern, in: text) { match in
        output.append(contentsOf: text[end..<match.lowerBound])
        output.append(contentsOf: replacement)
        end = match.upperBound
      }
      output.append(contentsOf: text[end...])
      return output
    }
  }

  private static func strip(_ bytes: [UInt8], left: Bool, right: Bool) -> [UInt8] {
    bytes.withUnsafeBufferPointer { text in
      var start = 0
      var end = text.count
      if left { start = AddedTokenMatcher.spaceEnd(in: text, from: 0) }
      if right { end = AddedTokenMatcher.spaceStart(in: text, before: end, notBefore: start) }
      return Array(text[start..<max(start, end)])
    }
  }
}
