/// Parses the regular expressions with which tokenizers split text into words.
///
/// The supported subset: alternation, groups, `(?i:…)`, lookahead, one-character lookbehind,
/// character classes with ranges, nesting and `&&`, `\p{…}`, `\s \d \w \h`, anchors, and greedy,
/// lazy and possessive quantifiers. Anything else is an error that names it.
struct PatternParser {
  struct Failure: Error {
    let expected: String
    let found: String
  }

  let scalars: [UInt32]
  var position = 0
  var depth = 0
  var ignoresCase = false
  /// Number of parts of all classes so far; case variants can turn a short range into many.
  var partCount = 0

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

  var peek: UInt32? { position < scalars.count ? scalars[position] : nil }

  func looking(at text: String) -> Bool {
    scalars[position...].starts(with: text.unicodeScalars.lazy.map(\.value))
  }

  mutating func take(_ text: String) -> Bool {
    guard looking(at: text) else { return false }
    position += text.unicodeScalars.count
    return true
  }

  mutating func next() throws(Failure) -> UInt32 {
    guard let scalar = peek else { throw failure("more") }
    position += 1
    return scalar
  }

  func failure(_ expected: String) -> Failure {
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
    while peek != nil, !looking(at: "|"), !looking(at: ")") {
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
      // A brace that opens no interval is a literal brace.
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
}
