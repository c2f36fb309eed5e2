/// A set of Unicode scalars, as a character class of a split pattern describes it.
///
/// Classes have the meaning of Oniguruma, the engine for which the published patterns were written:
/// `\s` is White_Space, `\d` is Nd, `\w` is a word character (see `isPatternWord`).
struct ScalarSet: Sendable, Hashable {
  /// One part of a set; a set is the union of its parts.
  indirect enum Part: Sendable, Hashable {
    case range(ClosedRange<UInt32>)
    /// General categories, a bit each (see `UnicodeCategory`).
    case categories(UInt32)
    case whitespace(Bool)
    case word(Bool)
    case nested(ScalarSet)
  }

  private(set) var parts: [Part]
  private(set) var isInverted: Bool
  /// Sets that a member must also be in, for `[a&&b]`.
  private(set) var intersected: [ScalarSet]
  /// Number of parts, including those of nested and intersected sets.
  private(set) var partCount: Int
  /// The cost of a look-up that finds no matching part; unit: comparisons with a range.
  private var lookupWeight: Int
  /// Membership of U+0000–U+007F, a bit for each, computed once.
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  /// The union of `parts`, then intersected with the other sets, then inverted.
  init(_ parts: [Part], inverted: Bool = false, intersecting: [ScalarSet] = []) {
    var categories: UInt32 = 0
    var others: [Part] = []
    var classes: Set<Part> = []
    for part in parts {
      switch part {
      case .categories(let mask): categories |= mask
      case .word, .whitespace: if classes.insert(part).inserted { others.append(part) }
      case .range, .nested: others.append(part)
      }
    }
    if categories != 0 { others.append(.categories(categories)) }
    self.parts = others
    isInverted = inverted
    intersected = intersecting
    partCount = others.count + intersecting.reduce(0) { $0 + $1.partCount }
    lookupWeight = intersecting.reduce(0) { $0 + $1.lookupWeight }
    for part in others {
      switch part {
      case .range: lookupWeight += 1
      case .categories, .whitespace, .word: lookupWeight += Self.classWeight
      case .nested(let set):
        partCount += set.partCount
        lookupWeight += 1 + set.lookupWeight
      }
    }
    for scalar in 0..<UInt32(128) where containsSlowly(scalar) {
      if scalar < 64 { low |= 1 << UInt64(scalar) } else { high |= 1 << UInt64(scalar - 64) }
    }
  }

  /// The additional cost of looking up a scalar outside ASCII, in quarters of a step.
  var lookupCost: Int { max(0, lookupWeight - 2 * Self.classWeight) / 8 }

  /// Looking up a character's category takes as long as comparing with so many ranges.
  private static let classWeight = 8

  /// True if `byte`, below 0x80, is a member.
  @inline(__always)
  func containsASCII(_ byte: UInt8) -> Bool {
    (byte < 64 ? low >> UInt64(byte) : high >> UInt64(byte & 63)) & 1 != 0
  }

  /// True if `scalar` is a member.
  @inline(__always)
  func contains(_ scalar: UInt32) -> Bool {
    scalar < 0x80 ? containsASCII(UInt8(scalar)) : containsSlowly(scalar)
  }

  /// False only if no scalar from U+0080 on can be a member.
  var mayContainNonASCII: Bool {
    if isInverted || !intersected.isEmpty { return true }
    return parts.contains {
      if case .range(let range) = $0 { range.upperBound >= 0x80 } else { true }
    }
  }

  private func containsSlowly(_ scalar: UInt32) -> Bool {
    var isMember = false
    for part in parts {
      switch part {
      case .range(let range): isMember = range.contains(scalar)
      case .categories(let mask): isMember = mask >> UnicodeCategory.index(of: scalar) & 1 != 0
      case .whitespace(let wanted): isMember = UnicodeCategory.isWhitespace(scalar) == wanted
      case .word(let wanted): isMember = UnicodeCategory.isPatternWord(scalar) == wanted
      case .nested(let set): isMember = set.contains(scalar)
      }
      if isMember { break }
    }
    if isMember { isMember = intersected.allSatisfy { $0.contains(scalar) } }
    return isMember != isInverted
  }
}

/// General categories as bits.
enum UnicodeCategory {
  /// Two-letter names in the order of the bits.
  private static let names = [
    "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi",
    "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
  ]

  /// Every category.
  static let all: UInt32 = (1 << 30) - 1
  /// Letters, marks, decimal and letter numbers, connector punctuation.
  private static let word: UInt32 = 0b1011_1111_1111

  /// The bits of a category such as `L`, `Lu` or `Letter`.
  static func mask(named name: String) -> UInt32? {
    let long = [
      "Letter": "L", "Mark": "M", "Number": "N", "Punctuation": "P", "Punct": "P", "Symbol": "S",
      "Separator": "Z", "Other": "C", "Alpha": "L", "Upper": "Lu", "Lower": "Ll", "Digit": "Nd",
      "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Decimal_Number": "Nd",
    ]
    if name == "Any" { return all }
    let short = long[name] ?? name
    var mask: UInt32 = 0
    for (bit, candidate) in names.enumerated()
    where candidate == short || (short.count == 1 && candidate.hasPrefix(short)) {
      mask |= 1 << UInt32(bit)
    }
    return mask == 0 ? nil : mask
  }

  /// The bit of `scalar`'s category.
  static func index(of scalar: UInt32) -> UInt32 {
    guard let scalar = Unicode.Scalar(scalar) else { return 27 }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter: return 0
    case .lowercaseLetter: return 1
    case .titlecaseLetter: return 2
    case .modifierLetter: return 3
    case .otherLetter: return 4
    case .nonspacingMark: return 5
    case .spacingMark: return 6
    case .enclosingMark: return 7
    case .decimalNumber: return 8
    case .letterNumber: return 9
    case .otherNumber: return 10
    case .connectorPunctuation: return 11
    case .dashPunctuation: return 12
    case .openPunctuation: return 13
    case .closePunctuation: return 14
    case .initialPunctuation: return 15
    case .finalPunctuation: return 16
    case .otherPunctuation: return 17
    case .mathSymbol: return 18
    case .currencySymbol: return 19
    case .modifierSymbol: return 20
    case .otherSymbol: return 21
    case .spaceSeparator: return 22
    case .lineSeparator: return 23
    case .paragraphSeparator: return 24
    case .control: return 25
    case .format: return 26
    case .surrogate: return 27
    case .privateUse: return 28
    case .unassigned: return 29
    @unknown default: return 29
    }
  }

  /// Unicode's White_Space.
  static func isWhitespace(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 9...13, 32, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
      true
    default: false
    }
  }

  /// A word character as Unicode (UTS 18) defines it: Alphabetic, marks, Nd, Pc, joiners.
  static func isWord(_ scalar: UInt32) -> Bool {
    if word >> index(of: scalar) & 1 != 0 || (0x200C...0x200D).contains(scalar) { return true }
    return scalar > 0x80 && Unicode.Scalar(scalar)?.properties.isAlphabetic == true
  }

  /// What `\w` means in patterns: no joiners, but the superscripts and fractions of Latin-1.
  static func isPatternWord(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x200C, 0x200D: false
    case 0xB2, 0xB3, 0xB9, 0xBC...0xBE: true
    default: isWord(scalar)
    }
  }
}
