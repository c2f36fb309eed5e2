/// Reads the `normalizer`, `pre_tokenizer` and `decoder` of a `tokenizer.json`.
///
/// Each is one object with a `type`, or a `Sequence` of them. An unsupported type is an error that
/// names it, because a text must not silently become other tokens than the model's.
struct TokenizerStageReader {
  let source: VocabularySource

  /// The parts of a possibly nested `Sequence`, each with its path.
  private func flatten(
    _ value: TokenizerJSONValue?, _ place: String, _ key: String
  ) throws -> [(type: String, TokenizerJSONValue, place: String)] {
    var parts: [(type: String, TokenizerJSONValue, place: String)] = []
    try collect(value, place, key, into: &parts)
    return parts
  }

  private func collect(
    _ value: TokenizerJSONValue?, _ place: String, _ key: String,
    into parts: inout [(type: String, TokenizerJSONValue, place: String)]
  ) throws {
    guard let value else { return }
    guard let type = try value["type"]?.string else {
      throw source.error(place, expected: "an object with a type", found: "none")
    }
    guard type == "Sequence" else {
      guard parts.count < Self.partLimit else {
        throw source.error(place, expected: "at most \(Self.partLimit) \(key)", found: "more")
      }
      return parts.append((type, value, place))
    }
    for (index, part) in (value[key]?.elements ?? []).enumerated() {
      try collect(part, "\(place).\(key)[\(index)]", key, into: &parts)
    }
  }

  /// The most parts that a normalizer, pre-tokenizer or decoder may have; published ones have a few.
  private static let partLimit = 32

  private func unsupported(_ type: String, _ place: String, _ known: String) -> TokenizerError {
    source.error("\(place).type", expected: "one of \(known)", found: "'\(type)'")
  }

  /// A compiled pattern, given as `{"Regex": …}` or, for a literal text, as `{"String": …}`.
  private func pattern(_ value: TokenizerJSONValue?, _ place: String) throws -> SplitPattern {
    do {
      if let regex = value?["Regex"]?.bytes { return try SplitPattern(regex) }
      if let text = value?["String"]?.bytes ?? value?.bytes, !text.isEmpty {
        return try Self.literal(text)
      }
    } catch {
      throw source.error("\(place).pattern", expected: error.expected, found: error.found)
    }
    throw source.error("\(place).pattern", expected: "a Regex or a String", found: "neither")
  }

  private static func literal(_ text: [UInt8]) throws(PatternParser.Failure) -> SplitPattern {
    let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
    return try SplitPattern(
      .sequence(scalars.map { .set(ScalarSet([.range($0.value...$0.value)])) }))
  }

  // MARK: Normalizer

  /// The normaliser that `value` describes.
  func normalizer(_ value: TokenizerJSONValue?) throws -> Normalizer {
    var steps: [(step: Normalizer.Step, place: String)] = []
    for (type, value, place) in try flatten(value, "normalizer", "normalizers") {
      func add(_ step: Normalizer.Step) { steps.append((step, "\(place) (\(type))")) }
      switch type {
      case "NFC": add(.nfc)
      case "NFD": add(.nfd)
      case "NFKC": add(.nfkc)
      case "NFKD": add(.nfkd)
      case "Lowercase": add(.lowercase)
      case "ByteLevel": add(.byteLevel)
      case "Prepend": add(.prepend(value["prepend"]?.bytes ?? []))
      case "Strip":
        add(
          .strip(
            left: value["strip_left"]?.bool ?? true, right: value["strip_right"]?.bool ?? true))
      case "Replace":
        add(
          .replace(try pattern(value["pattern"], place), with: value["content"]?.bytes ?? []))
      default:
        throw unsupported(
          type, place,
          "NFC, NFD, NFKC, NFKD, Lowercase, Replace, Prepend, Strip, ByteLevel, Sequence")
      }
    }
    return Normalizer(steps: steps)
  }

  // MARK: Pre-tokenizer

  /// The pre-tokenizer that `value` describes, and whether words end up in the byte-level alphabet.
  func preTokenizer(
    _ value: TokenizerJSONValue?
  ) throws -> (pipeline: PreTokenizer, usesByteLevel: Bool) {
    var stages: [(stage: PreTokenizer.Stage, place: String)] = []
    var usesByteLevel = false
    let parts = try flatten(value, "pre_tokenizer", "pretokenizers")
    for (index, (type, value, place)) in parts.enumerated() {
      func add(_ stage: PreTokenizer.Stage) { stages.append((stage, "\(place) (\(type))")) }
      guard type == "ByteLevel" else {
        add(try stage(type, value, place))
        continue
      }
      if value["add_prefix_space"]?.bool ?? true { add(.leadingSpace) }
      if value["use_regex"]?.bool ?? true {
        add(try split(PreTokenizerFamily.gpt2, .isolated, place))
      }
      usesByteLevel = true
      // Only later stages see the spelling; the model itself works on bytes.
      if index + 1 < parts.count { add(.byteLevel) }
    }
    return (PreTokenizer(stages), usesByteLevel)
  }

  private func split(
    _ regex: String, _ behavior: PreTokenizer.Behavior, _ place: String, inverted: Bool = false
  ) throws -> PreTokenizer.Stage {
    do {
      return .split(try SplitPattern(regex.utf8), behavior, inverted: inverted)
    } catch {
      throw source.error(place, expected: error.expected, found: error.found)
    }
  }

  private func behavior(
    _ value: TokenizerJSONValue, _ place: String
  ) throws -> PreTokenizer.Behavior {
    guard let name = try value["behavior"]?.string else { return .isolated }
    guard let behavior = PreTokenizer.Behavior(rawValue: name) else {
      throw source.error("\(place).behavior", expected: "a known one", found: "'\(name)'")
    }
    return behavior
  }

  private func stage(
    _ type: String, _ value: TokenizerJSONValue, _ place: String
  ) throws -> PreTokenizer.Stage {
    switch type {
    case "Split":
      return .split(
        try pattern(value["pattern"], place), try behavior(value, place),
        inverted: value["invert"]?.bool ?? false)
    case "Digits":
      let isIndividual = value["individual_digits"]?.bool ?? false
      return try split(#"\p{N}"#, isIndividual ? .isolated : .contiguous, place)
    case "Punctuation":
      return try split(#"[\p{P}!-/:-@\[-`{-~]"#, try behavior(value, place), place)
    case "Whitespace":
      // Words as Unicode defines them, which differs from `\w` in other patterns.
      let word = #"[\w\x{200C}\x{200D}&&[^²³¹¼½¾]]+"#
      let signs = #"[²³¹¼½¾[^\w\s\x{200C}\x{200D}]]+"#
      return try split("\(word)|\(signs)", .removed, place, inverted: true)
    case "WhitespaceSplit":
      return try split(#"\s"#, .removed, place)
    case "CharDelimiterSplit":
      return .split(try pattern(value["delimiter"], place), .removed, inverted: false)
    case "Metaspace":
      return try metaspace(value, place)
    default:
      throw unsupported(
        type, place,
        "Split, ByteLevel, Digits, Punctuation, Whitespace, WhitespaceSplit, CharDelimiterSplit, "
          + "Metaspace, Sequence")
    }
  }

  /// Files from before 2023 have `add_prefix_space`; newer ones have a `prepend_scheme`.
  private func prepending(
    _ value: TokenizerJSONValue, _ place: String
  ) throws -> PreTokenizer.Prepending {
    if let name = try value["prepend_scheme"]?.string {
      guard let scheme = PreTokenizer.Prepending(rawValue: name) else {
        throw source.error(
          "\(place).prepend_scheme", expected: "always, first or never", found: "'\(name)'")
      }
      return scheme
    }
    return value["add_prefix_space"]?.bool ?? true ? .always : .never
  }

  private func metaspace(
    _ value: TokenizerJSONValue, _ place: String
  ) throws -> PreTokenizer.Stage {
    .metaspace(
      replacement: try visibleSpace(value, place), try prepending(value, place),
      splits: value["split"]?.bool ?? true)
  }

  /// The one character that replaces a space.
  private func visibleSpace(_ value: TokenizerJSONValue, _ place: String) throws -> [UInt8] {
    guard let bytes = value["replacement"]?.bytes else { return Normalizer.visibleSpace }
    guard String(decoding: bytes, as: UTF8.self).unicodeScalars.count == 1 else {
      throw source.error("\(place).replacement", expected: "one character", found: "another text")
    }
    return bytes
  }

  // MARK: Decoder

  /// The rules that turn pieces into text, as `value` describes them.
  func decoding(_ value: TokenizerJSONValue?) throws -> PieceDecoding {
    var decoding = PieceDecoding()
    var isFused = false
    var growth = 1
    for (type, value, place) in try flatten(value, "decoder", "decoders") {
      switch type {
      case "ByteLevel": decoding.steps.append(.byteLevel)
      case "ByteFallback": decoding.steps.append(.byteFallback)
      case "Fuse": isFused = true
      case "Replace":
        guard let old = value["pattern"]?["String"]?.bytes, let new = value["content"]?.bytes else {
          throw source.error(
            "\(place).pattern", expected: "a String and a content", found: "something else")
        }
        try limit(&growth, by: old, with: new, place)
        decoding.steps.append(.replace(old, with: new))
      case "Metaspace":
        let mark = try visibleSpace(value, place)
        decoding.steps.append(.replace(mark, with: [0x20]))
        if try prepending(value, place) != .never { decoding.lead = .spacesOfFirstToken }
      case "Strip":
        try addStrip(value, place, isFused, to: &decoding)
      default:
        throw unsupported(
          type, place, "ByteLevel, ByteFallback, Fuse, Replace, Metaspace, Strip, Sequence")
      }
    }
    return decoding
  }

  /// Refuses replacements that make a token's text much longer than its spelling or take long to find.
  ///
  /// `growth` is the factor by which the replacements so far can make a token longer.
  private func limit(
    _ growth: inout Int, by old: [UInt8], with new: [UInt8], _ place: String
  ) throws {
    guard old.count <= 1024, new.count <= 1 << 16 else {
      throw source.error(
        place, expected: "at most 1024 bytes replaced with at most 65536", found: "more")
    }
    growth *= max(1, (new.count + max(old.count, 1) - 1) / max(old.count, 1))
    guard growth <= EncodingBudget.growth else {
      throw source.error(
        place,
        expected: "replacements that make a token at most \(EncodingBudget.growth) times as long",
        found: "up to \(growth) times")
    }
  }

  private func addStrip(
    _ value: TokenizerJSONValue, _ place: String, _ isFused: Bool,
    to decoding: inout PieceDecoding
  ) throws {
    let content = value["content"]?.bytes ?? [0x20]
    let start = value["start"]?.integer ?? 0
    let end = value["stop"]?.integer ?? 0
    guard (0...1024).contains(start), (0...1024).contains(end), !content.isEmpty else {
      throw source.error(place, expected: "a content and counts up to 1024", found: "others")
    }
    if !isFused {
      decoding.steps.append(.strip(content, start: start, end: end))
    } else if content == [0x20], end == 0 {
      decoding.lead = .spaces(start)
    } else if start > 0 || end > 0 {
      throw source.error(
        place, expected: "spaces stripped from the start of the text", found: "another strip")
    }
  }
}
