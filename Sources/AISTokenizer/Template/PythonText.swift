/// Text as in Python's `str`: a sequence of Unicode scalars.
///
/// Swift's `String` compares by canonical equivalence and counts grapheme clusters, so `len`,
/// slices, `==` and `in` would differ from Python for combining marks, emoji and `\r\n`.
typealias Scalars = [Unicode.Scalar]

extension Array where Element == Unicode.Scalar {
  init(_ text: String) { self = Array(text.unicodeScalars) }

  /// The same text as a Swift string.
  var text: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: self)
    return String(view)
  }
}

extension Unicode.Scalar {
  /// True for the characters that `str.isspace` and `\s` in a regular expression accept.
  var isPythonSpace: Bool {
    switch value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F,
      0x205F, 0x3000:
      true
    default: false
    }
  }

  /// True for the characters at which `str.splitlines` splits.
  var isPythonLineBreak: Bool {
    switch value {
    case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }

  var isCased: Bool {
    if isASCII { return (0x61...0x7A).contains(value | 0x20) }
    return properties.isUppercase || properties.isLowercase || isTitlecase
  }

  private var isTitlecase: Bool { properties.generalCategory == .titlecaseLetter }

  /// True if `repr` writes the character itself.
  var isPythonPrintable: Bool {
    if isASCII { return (0x20...0x7E).contains(value) }
    return switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      false
    case .spaceSeparator: value == 0x20
    default: true
    }
  }
}

/// Python's `str` methods on scalar arrays.
enum PythonText {
  static func strip(
    _ text: Scalars, characters: Scalars? = nil, left: Bool = true, right: Bool = true
  ) -> Scalars {
    let unwanted = characters.map { Set($0) }
    func drops(_ scalar: Unicode.Scalar) -> Bool {
      unwanted?.contains(scalar) ?? scalar.isPythonSpace
    }
    var lower = 0
    var upper = text.count
    while left, lower < upper, drops(text[lower]) { lower += 1 }
    while right, upper > lower, drops(text[upper - 1]) { upper -= 1 }
    return Array(text[lower..<upper])
  }

  static func upper(_ text: Scalars) -> Scalars {
    var result: Scalars = []
    result.reserveCapacity(text.count)
    for scalar in text { appendUpper(scalar, to: &result) }
    return result
  }

  /// Most characters of templates are ASCII, whose cases need no table.
  private static func appendUpper(_ scalar: Unicode.Scalar, to result: inout Scalars) {
    if scalar.isASCII {
      let isLower = (0x61...0x7A).contains(scalar.value)
      result.append(isLower ? Unicode.Scalar(UInt8(scalar.value) - 32) : scalar)
    } else {
      result.append(contentsOf: scalar.properties.uppercaseMapping.unicodeScalars)
    }
  }

  private static func appendLower(_ scalar: Unicode.Scalar, to result: inout Scalars) {
    if scalar.isASCII {
      let isUpper = (0x41...0x5A).contains(scalar.value)
      result.append(isUpper ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar)
    } else {
      result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
    }
  }

  static func lower(_ text: Scalars) -> Scalars {
    var result: Scalars = []
    result.reserveCapacity(text.count)
    for (index, scalar) in text.enumerated() {
      if scalar.value == 0x3A3 {
        result.append(endsWord(text, at: index) ? "\u{3C2}" : "\u{3C3}")
      } else {
        appendLower(scalar, to: &result)
      }
    }
    return result
  }

  /// Unicode's condition for the final form of sigma: a cased letter before it and none after it.
  private static func endsWord(_ text: Scalars, at index: Int) -> Bool {
    let before = text[..<index].last { !$0.properties.isCaseIgnorable }
    let after = text[(index + 1)...].first { !$0.properties.isCaseIgnorable }
    return (before.map(\.isCased) ?? false) && !(after.map(\.isCased) ?? false)
  }

  static func capitalize(_ text: Scalars) -> Scalars {
    guard let first = text.first else { return [] }
    // The whole text is lowered, because the form of a sigma depends on its neighbours. Then the
    // first character is replaced.
    let head = lower([first]).count
    return Array(first.properties.titlecaseMapping.unicodeScalars) + lower(text).dropFirst(head)
  }

  /// `str.title`: a letter after an uncased character starts a word.
  static func title(_ text: Scalars) -> Scalars {
    let lowered = text.count < 2 ? [] : text
    var result: Scalars = []
    var insideWord = false
    for (index, scalar) in text.enumerated() {
      if insideWord, scalar.value == 0x3A3 {
        result.append(endsWord(lowered, at: index) ? "\u{3C2}" : "\u{3C3}")
      } else if insideWord {
        appendLower(scalar, to: &result)
      } else if scalar.isASCII {
        appendUpper(scalar, to: &result)
      } else {
        result.append(contentsOf: scalar.properties.titlecaseMapping.unicodeScalars)
      }
      insideWord = scalar.isCased
    }
    return result
  }

  /// Every place where `pattern` begins in `text`, without overlaps, in linear time.
  static func occurrences(of pattern: Scalars, in text: Scalars, limit: Int = .max) -> [Int] {
    guard !pattern.isEmpty, pattern.count <= text.count, limit > 0 else { return [] }
    var fallback = Array(repeating: 0, count: pattern.count)
    var matched = 0
    for index in 1..<max(1, pattern.count) {
      while matched > 0, pattern[index] != pattern[matched] { matched = fallback[matched - 1] }
      if pattern[index] == pattern[matched] { matched += 1 }
      fallback[index] = matched
    }
    var places: [Int] = []
    matched = 0
    for index in text.indices {
      while matched > 0, text[index] != pattern[matched] { matched = fallback[matched - 1] }
      if text[index] == pattern[matched] { matched += 1 }
      if matched == pattern.count {
        places.append(index + 1 - pattern.count)
        if places.count == limit { return places }
        matched = 0
      }
    }
    return places
  }

  static func contains(_ pattern: Scalars, in text: Scalars) -> Bool {
    pattern.isEmpty || !occurrences(of: pattern, in: text, limit: 1).isEmpty
  }

  /// `str.split(separator, limit)`; `fromRight` makes it `rsplit`.
  static func split(
    _ text: Scalars, separator: Scalars, limit: Int, fromRight: Bool = false
  ) -> [Scalars] {
    if fromRight {
      let mirrored = split(
        text.reversed(), separator: separator.reversed(), limit: limit)
      return mirrored.reversed().map { $0.reversed() }
    }
    var parts: [Scalars] = []
    var start = 0
    for place in occurrences(of: separator, in: text, limit: limit < 0 ? .max : limit) {
      parts.append(Array(text[start..<place]))
      start = place + separator.count
    }
    return parts + [Array(text[start...])]
  }

  /// `str.split(None, limit)`: splits at runs of white space and ignores them at the ends.
  static func splitOnSpace(_ text: Scalars, limit: Int, fromRight: Bool = false) -> [Scalars] {
    if fromRight {
      return splitOnSpace(text.reversed(), limit: limit).reversed().map { $0.reversed() }
    }
    var parts: [Scalars] = []
    var index = 0
    while true {
      while index < text.count, text[index].isPythonSpace { index += 1 }
      if index == text.count { return parts }
      if limit >= 0, parts.count == limit {
        return parts + [strip(Array(text[index...]), left: false)]
      }
      let start = index
      while index < text.count, !text[index].isPythonSpace { index += 1 }
      parts.append(Array(text[start..<index]))
    }
  }

  static func splitLines(_ text: Scalars, keepEnds: Bool) -> [Scalars] {
    var lines: [Scalars] = []
    var start = 0
    var index = 0
    while index < text.count {
      guard text[index].isPythonLineBreak else {
        index += 1
        continue
      }
      let end = index
      let isPair = text[index] == "\r" && index + 1 < text.count && text[index + 1] == "\n"
      index += isPair ? 2 : 1
      lines.append(Array(text[start..<(keepEnds ? index : end)]))
      start = index
    }
    if start < text.count { lines.append(Array(text[start...])) }
    return lines
  }

  /// `str.replace`; an empty pattern matches before every character and at the end.
  static func replace(_ text: Scalars, _ old: Scalars, with new: Scalars, limit: Int) -> Scalars {
    if limit == 0 { return text }
    var result: Scalars = []
    if old.isEmpty {
      var left = limit < 0 ? Int.max : limit
      for scalar in text {
        if left > 0 {
          result += new
          left -= 1
        }
        result.append(scalar)
      }
      return left > 0 ? result + new : result
    }
    var start = 0
    for place in occurrences(of: old, in: text, limit: limit < 0 ? .max : limit) {
      result += text[start..<place]
      result += new
      start = place + old.count
    }
    return result + text[start...]
  }
}

// MARK: Character classes

extension PythonText {
  /// `str.isupper` or `str.islower`: some cased character, and none of the other case.
  static func isCased(_ text: Scalars, upper: Bool) -> Bool {
    let holds = text.contains { upper ? $0.properties.isUppercase : $0.properties.isLowercase }
    return holds
      && text.allSatisfy {
        !$0.isCased || (upper ? $0.properties.isUppercase : $0.properties.isLowercase)
      }
  }
}

extension Unicode.Scalar {
  var isPythonDigit: Bool {
    properties.numericType == .decimal || properties.numericType == .digit
  }

  var isPythonLetter: Bool {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }
}
