/// Reads the regular expressions in which tokenizers describe how text falls into words.
///
/// The subset: alternation, groups, `(?i:…)`, lookahead, one-character lookbehind, character
/// classes with ranges, nesting and `&&`, `\p{…}`, `\s \d \w \h`, anchors, and greedy, lazy and
/// possessive quantifiers. Anything else is an error that names it.
struct PatternParser {
  struct Failure: Error {
    let expected: String
    let found: String
  }

  private let scalars: [UInt32]
  private var position = 0
  private var depth = 0
  private var ignoresCase = false
  /// Parts of all classes so far; case variants can make many of a short range.
  private var partCount = 0

  /// The pattern's tree.
  ///
  /// Throws: `Failure`.
  static func parse(_ pattern: some Collection<UInt8>) throws(Failure) -> PatternNode {
    let text = String(decoding: pattern, as: UTF8.self)
    guard text.utf8.count <= 1 << 16 else {
      throw Failure(expected: "a pattern of at most 65536 bytes", found: "\(text.utf8.count)")
    }
    var parser = PatternParser(scalars: text.unicodeScalars.map(\.value))
    let node = try parser.alternation()
    guard parser.peek == nil else { throw parser.failure("the pattern's end") }
    return node
  }

  private init(scalars: [UInt32]) { self.scalars = scalars }

  private var peek: UInt32? { position < scalars.count ? scalars[position] : nil }

  private func looking(at text: String) -> Bool {
    scalars[position...].starts(with: text.unicodeScalars.lazy.map(\.value))
  }

  private mutating func take(_ text: String) -> Bool {
    guard looking(at: text) else { return false }
    position += text.unicodeScalars.count
    return true
  }

  private mutating func next() throws(Failure) -> UInt32 {
    guard let scalar = peek else { throw failure("more") }
    position += 1
    return scalar
  }

  private func failure(_ expected: String) -> Failure {
    let rest = scalars[position...].prefix(24).compactMap(Unicode.Scalar.init)
    var text = ""
    text.unicodeScalars.append(contentsOf: rest)
    return Failure(
      expected: "a split pattern in the supported subset: \(expected) at character \(position)",
      found: text.isEmpty ? "its end" : "'\(text)'")
  }

  private mutating func alternation() throws(Failure) -> PatternNode {
    depth += 1
    defer { depth -= 1 }
    guard depth < 64 else { throw failure("at most 64 nested groups") }
    let outerCase = ignoresCase
    defer { ignoresCase = outerCase }
    var branches = [try sequence()]
    while take("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .alternation(branches)
  }

  private mutating func sequence() throws(Failure) -> PatternNode {
    var nodes: [PatternNode] = []
    while let scalar = peek, scalar != "|", scalar != ")" {
      if take("(?i)") {
        ignoresCase = true
        continue
      }
      nodes.append(try quantified(try atom()))
    }
    return nodes.count == 1 ? nodes[0] : .sequence(nodes)
  }

  private mutating func quantified(_ atom: PatternNode) throws(Failure) -> PatternNode {
    var node = atom
    var quantifiers = 0
    while let (atLeast, atMost, isInterval) = try quantifier() {
      var greed = PatternGreed.greedy
      if take("?") {
        greed = .lazy
      } else if !isInterval, take("+") {
        greed = .possessive
      }
      quantifiers += 1
      guard quantifiers <= 8 else { throw failure("at most 8 quantifiers after one another") }
      if node.matchesEmpty { throw failure("a repeated group that cannot match nothing") }
      if case .set = node {
      } else if max(atLeast, atMost ?? 0) > 64 {
        throw failure("at most 64 repeats of a group")
      }
      node = .repetition(node, atLeast: atLeast, atMost: atMost, greed)
    }
    return node
  }

  private mutating func quantifier() throws(Failure) -> (Int, Int?, Bool)? {
    if take("*") { return (0, nil, false) }
    if take("+") { return (1, nil, false) }
    if take("?") { return (0, 1, false) }
    guard looking(at: "{") else { return nil }
    let start = position
    position += 1
    let low = number()
    var high = low
    let hasComma = take(",")
    if hasComma { high = number() }
    guard take("}"), low != nil || high != nil else {
      // A brace that opens no interval stands for itself.
      position = start
      return nil
    }
    let atLeast = low ?? 0
    if let high, high < atLeast { throw failure("an interval in rising order") }
    return (atLeast, high, true)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let scalar = peek, (48...57).contains(scalar), (value ?? 0) < 100_000 {
      value = (value ?? 0) * 10 + Int(scalar - 48)
      position += 1
    }
    return value
  }

  private mutating func atom() throws(Failure) -> PatternNode {
    if take("(") { return try group() }
    if looking(at: "[") { return .set(try characterClass()) }
    if take(".") { return .set(ScalarSet([.range(10...10)], inverted: true)) }
    if take("^") { return .anchor(.lineStart) }
    if take("$") { return .anchor(.lineEnd) }
    if looking(at: "\\") {
      let anchors: [(String, PatternAnchor)] = [
        ("\\A", .textStart), ("\\z", .textEnd), ("\\Z", .textEndOrLastNewline),
        ("\\b", .wordBoundary), ("\\B", .noWordBoundary),
      ]
      for (text, anchor) in anchors where take(text) { return .anchor(anchor) }
      return .set(ScalarSet(try cased(try escape())))
    }
    if looking(at: "*") || looking(at: "+") || looking(at: "?") { throw failure("an expression") }
    let scalar = try next()
    return .set(ScalarSet(try cased([.range(scalar...scalar)])))
  }

  private mutating func group() throws(Failure) -> PatternNode {
    let outerCase = ignoresCase
    defer { ignoresCase = outerCase }
    enum Kind {
      case plain
      case ahead(isNegative: Bool)
      case behind(isNegative: Bool)
      case atomic
    }
    var kind = Kind.plain
    if take("?:") {
    } else if take("?i:") {
      ignoresCase = true
    } else if take("?-i:") {
      ignoresCase = false
    } else if take("?=") {
      kind = .ahead(isNegative: false)
    } else if take("?!") {
      kind = .ahead(isNegative: true)
    } else if take("?<=") {
      kind = .behind(isNegative: false)
    } else if take("?<!") {
      kind = .behind(isNegative: true)
    } else if take("?>") {
      kind = .atomic
    } else if looking(at: "?") {
      throw failure("one of (?: (?i: (?= (?! (?<= (?<! (?>")
    }
    let node = try alternation()
    guard take(")") else { throw failure("')'") }
    switch kind {
    case .plain: return node
    case .ahead(let isNegative): return .lookahead(node, isNegative: isNegative)
    case .atomic: return .atomic(node)
    case .behind(let isNegative):
      guard case .set(let set) = node else { throw failure("a lookbehind of one character") }
      return .lookbehind(set, isNegative: isNegative)
    }
  }

  private mutating func characterClass() throws(Failure) -> ScalarSet {
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
    guard looking(at: "-"), position + 1 < scalars.count, scalars[position + 1] != "]" else {
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

  private mutating func escape() throws(Failure) -> [ScalarSet.Part] {
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
    case "p", "P": return [try property(isInverted: scalar == "P")]
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
      while let scalar = peek, scalar != "}", name.utf8.count < 64 {
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

  /// `parts` with the other cases of their letters where case is ignored.
  private mutating func cased(
    _ parts: [ScalarSet.Part]
  ) throws(Failure) -> [ScalarSet.Part] {
    var cased = parts
    if ignoresCase {
      for case .range(let range) in parts where range.count <= 4096 {
        // Looking for variants takes time whether there are any or not.
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

extension UInt32 {
  /// Compares a scalar's value with a literal.
  fileprivate static func == (value: UInt32, scalar: Unicode.Scalar) -> Bool {
    value == scalar.value
  }

  fileprivate static func != (value: UInt32, scalar: Unicode.Scalar) -> Bool {
    value != scalar.value
  }
}
