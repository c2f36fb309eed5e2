import AISBase
import Foundation

/// The steps that change a text before it is split into words.
struct Normalizer: Sendable {
  enum Step: Sendable {
    case nfc
    case nfd
    case nfkc
    case nfkd
    /// Lowers each scalar by itself, whatever its context.
    case lowercase
    case replace(SplitPattern, with: [UInt8])
    /// Bytes that are put before any text that is not empty.
    case prepend([UInt8])
    case strip(left: Bool, right: Bool)
    /// Spells the bytes in the byte-level alphabet.
    case byteLevel
  }

  /// The steps, each with its place in the tokenizer's file, for errors.
  var steps: [(step: Step, place: String)]

  /// The character that replaces a space in SentencePiece vocabularies: U+2581.
  static let visibleSpace: [UInt8] = [0xE2, 0x96, 0x81]

  /// The normalised form of `text`.
  ///
  /// Throws: `TokenizerError` if this takes more steps or bytes than `budget` has.
  func normalize(
    _ text: UnsafeBufferPointer<UInt8>, _ budget: EncodingBudget
  ) throws(TokenizerError) -> [UInt8] {
    var bytes = Array(text)
    for (step, place) in steps {
      budget.place = place
      try budget.spend(1 + bytes.count)
      bytes = try Self.apply(step, to: bytes, budget)
      try budget.spend(bytes.count)
      try budget.allow(length: bytes.count)
    }
    return bytes
  }

  private static func apply(
    _ step: Step, to bytes: [UInt8], _ budget: EncodingBudget
  ) throws(TokenizerError) -> [UInt8] {
    switch step {
    case .nfc: return canonical(bytes) { $0.precomposedStringWithCanonicalMapping }
    case .nfd: return canonical(bytes) { $0.decomposedStringWithCanonicalMapping }
    case .nfkc: return compatible(bytes) { $0.precomposedStringWithCompatibilityMapping }
    case .nfkd: return compatible(bytes) { $0.decomposedStringWithCompatibilityMapping }
    case .lowercase: return lowercase(bytes)
    case .replace(let pattern, let replacement):
      return try replace(pattern, with: replacement, in: bytes, budget)
    case .prepend(let prefix):
      try budget.allow(length: prefix.count + bytes.count)
      return bytes.isEmpty ? bytes : prefix + bytes
    case .strip(let left, let right): return strip(bytes, left: left, right: right)
    case .byteLevel: return ByteLevelAlphabet.encode(bytes)
    }
  }

  /// The normal form `form`; ASCII text is its own normal form in all four.
  private static func unicode(
    _ bytes: [UInt8], compatibly: Bool, _ form: (String) -> String
  ) -> [UInt8] {
    if bytes.allSatisfy({ $0 < 0x80 }) { return bytes }
    let text = String(decoding: bytes, as: UTF8.self)
    // The standard library sorts a run of marks in time that grows with the square of its length.
    return Array(form(CombiningMarks.ordered(text, compatibly: compatibly)).utf8)
  }

  private static func canonical(_ bytes: [UInt8], _ form: (String) -> String) -> [UInt8] {
    unicode(bytes, compatibly: false, form)
  }

  private static func compatible(_ bytes: [UInt8], _ form: (String) -> String) -> [UInt8] {
    unicode(bytes, compatibly: true, form)
  }

  private static func lowercase(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      output.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
    }
    return output
  }

  private static func replace(
    _ pattern: SplitPattern, with replacement: [UInt8], in bytes: [UInt8],
    _ budget: EncodingBudget
  ) throws(TokenizerError) -> [UInt8] {
    try bytes.withUnsafeBufferPointer { text throws(TokenizerError) in
      var output: [UInt8] = []
      output.reserveCapacity(text.count)
      var end = 0
      try PreTokenizer.forEachMatch(of: pattern, in: text, budget) { match throws(TokenizerError) in
        let gap = match.lowerBound - end
        try budget.allow(length: output.count + gap + replacement.count)
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
