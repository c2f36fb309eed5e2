/// Character classes and escapes.
extension PatternParser {
  mutating func characterClass() throws(Failure) -> ScalarSet {
    depth += 1
    defer { depth -= 1 }
    guard depth < 64, take("[") else { throw failure("at most 64 nested classes") }
    let isInverted = take("^")
    var parts: [ScalarSet.Part] = []
    var operands: [ScalarSet] = []
    var isFirst = true
    while isFirst || !looking(at: "]") {
      if looking(at: "[:") { throw failure("\\p{…} in place of a POSIX bracket") }
      if looking(at: "[") {
        parts.append(.nested(try characterClass()))
      } else if take("&&") {
        operands.append(ScalarSet(try cased(parts)))
        parts = []
      } else {
        parts += try classItem()
      }
      isFirst = false
    }
    position += 1
    return ScalarSet(try cased(parts), inverted: isInverted, intersecting: operands)
  }

  private mutating func classItem() throws(Failure) -> [ScalarSet.Part] {
    let low = try classAtom()
    guard looking(at: "-"), position + 1 < scalars.count, !looking(at: "-]") else {
      return low
    }
    guard case .range(let first) = low.first, low.count == 1, first.count == 1 else { return low }
    position += 1
    guard case .range(let last) = try classAtom().first, last.count == 1,
      first.lowerBound <= last.lowerBound
    else { throw failure("a range in rising order") }
    return [.range(first.lowerBound...last.lowerBound)]
  }

  private mutating func classAtom() throws(Failure) -> [ScalarSet.Part] {
    if looking(at: "\\") { return try escape() }
    let scalar = try next()
    return [.range(scalar...scalar)]
  }

  mutating func escape() throws(Failure) -> [ScalarSet.Part] {
    position += 1
    let start = position
    let scalar = try next()
    switch Unicode.Scalar(scalar).map(Character.init) {
    case "s": return [.whitespace(true)]
    case "S": return [.whitespace(false)]
    case "w": return [.word(true)]
    case "W": return [.word(false)]
    case "d": return [.categories(digits)]
    case "D": return [.categories(UnicodeCategory.all & ~digits)]
    case "h": return [.range(48...57), .range(65...70), .range(97...102)]
    case "n": return [.range(10...10)]
    case "r": return [.range(13...13)]
    case "t": return [.range(9...9)]
    case "f": return [.range(12...12)]
    case "v": return [.range(11...11)]
    case "a": return [.range(7...7)]
    case "e": return [.range(27...27)]
    case "0": return [.range(0...0)]
    case "p": return [try property(isInverted: false)]
    case "P": return [try property(isInverted: true)]
    case "x":
      if take("{") { return try code(digits: 1...8, closing: true) }
      return try code(digits: 2...2, closing: false)
    case "u": return try code(digits: 4...4, closing: false)
    default:
      guard let known = Unicode.Scalar(scalar), !known.properties.isAlphabetic,
        !(49...57).contains(scalar)
      else {
        position = start
        throw failure("a known escape")
      }
      return [.range(scalar...scalar)]
    }
  }

  private var digits: UInt32 { 1 << 8 }

  private mutating func property(isInverted: Bool) throws(Failure) -> ScalarSet.Part {
    var name = ""
    if take("{") {
      while let scalar = peek, !looking(at: "}"), name.utf8.count < 64 {
        position += 1
        if let scalar = Unicode.Scalar(scalar) { name.unicodeScalars.append(scalar) }
      }
      guard take("}") else { throw failure("'}'") }
    } else if let scalar = Unicode.Scalar(try next()) {
      name.unicodeScalars.append(scalar)
    }
    var inverted = isInverted
    if name.hasPrefix("^") {
      name.removeFirst()
      inverted.toggle()
    }
    let set: ScalarSet
    if let mask = UnicodeCategory.mask(named: name) {
      return .categories(inverted ? UnicodeCategory.all & ~mask : mask)
    } else if let script = UnicodeScript.ranges[name] {
      set = ScalarSet(script.map { .range($0) }, inverted: inverted)
    } else {
      throw failure("a general category or one of \(UnicodeScript.ranges.keys.sorted()) in \\p{…}")
    }
    return .nested(set)
  }

  private mutating func code(
    digits: ClosedRange<Int>, closing: Bool
  ) throws(Failure) -> [ScalarSet.Part] {
    var value: UInt32 = 0
    var count = 0
    while count < digits.upperBound, let scalar = peek.flatMap(Unicode.Scalar.init),
      let digit = Character(scalar).hexDigitValue
    {
      value = value << 4 | UInt32(digit)
      count += 1
      position += 1
    }
    guard digits.contains(count), !closing || take("}"), value <= 0x10_FFFF else {
      throw failure("hexadecimal digits of a code point")
    }
    return [.range(value...value)]
  }

  /// `parts`, with the other cases of their letters if case is ignored.
  mutating func cased(
    _ parts: [ScalarSet.Part]
  ) throws(Failure) -> [ScalarSet.Part] {
    var cased = parts
    if ignoresCase {
      for case .range(let range) in parts where range.count <= 4096 {
        // Looking for variants takes time even if there are none.
        try count(range.count / 8)
        for scalar in range { cased += CaseVariants.of(scalar).map { .range($0...$0) } }
      }
    }
    try count(cased.count)
    return cased
  }

  private mutating func count(_ parts: Int) throws(Failure) {
    partCount += parts
    guard partCount <= 1 << 16 else { throw failure("at most 65536 parts in all classes") }
  }
}
