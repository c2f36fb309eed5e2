import AISCheckpoint

extension Tokenizer {
  /// The tokenizer of a GGUF file, from its `tokenizer.ggml.*` metadata.
  ///
  /// Byte-level BPE (`gpt2`), BPE of characters (`gemma4`) and SentencePiece BPE (`llama`)
  /// vocabularies are supported.
  ///
  /// Throws: `TokenizerError` if the vocabulary contradicts itself or is of another kind,
  /// `CheckpointError` if a key has a value of another type.
  public convenience init(gguf file: GGUFFile) throws {
    self.init(try GGUFTokenizerReader(file).read())
  }
}

/// Reads a tokenizer out of GGUF metadata.
///
/// Source of defaults: `llama_vocab` of llama.cpp.
private struct GGUFTokenizerReader {
  let file: GGUFFile
  let source: VocabularySource
  let tokens: GGUFStrings

  init(_ file: GGUFFile) throws {
    self.file = file
    source = VocabularySource(file: file.path)
    guard let tokens = try file.strings("tokenizer.ggml.tokens"), !tokens.isEmpty else {
      throw source.error("tokenizer.ggml.tokens", expected: "a vocabulary", found: "none")
    }
    guard tokens.count < 1 << 24 else {
      throw source.error(
        "tokenizer.ggml.tokens", expected: "fewer than 2^24 tokens", found: "\(tokens.count)")
    }
    self.tokens = tokens
  }

  func read() throws -> Tokenizer.Parts {
    switch try file.string("tokenizer.ggml.model") {
    case "gpt2": return try readBytePair(try readFamily())
    case "gemma4": return try readBytePair(.gemma4)
    case "llama": return try readSentencePiece()
    case let other:
      throw source.error(
        "tokenizer.ggml.model",
        expected: "gpt2 (byte-level BPE), gemma4 (BPE of characters) or llama (SentencePiece BPE)",
        found: other ?? "no such key")
    }
  }

  private func readBytePair(_ family: PreTokenizerFamily) throws -> Tokenizer.Parts {
    let isByteLevel = family.isByteLevel
    let kinds = try readKinds()
    let pieces = try readPieces(kinds, areByteLevel: isByteLevel)
    let model = BytePairTokenizer(
      pieces: pieces, merges: try readMerges(pieces, areByteLevel: isByteLevel),
      alphabet: isByteLevel
        ? .bytes(Self.byteIDs(pieces)) : .characters(byteFallback: ByteToken.ids(in: pieces)),
      ignoresMerges: family.ignoresMerges,
      unknownID: isByteLevel ? nil : try readID("unknown_token_id"), fusesUnknown: true)
    let preTokenizer: PreTokenizer
    do { preTokenizer = try family.preTokenizer() } catch {
      throw source.error("tokenizer.ggml.pre", expected: error.expected, found: error.found)
    }
    let hasPrefix = try file.bool("tokenizer.ggml.add_space_prefix") ?? false
    var parts: Tokenizer.Parts
    if isByteLevel {
      let decoding = PieceDecoding(lead: hasPrefix ? .spaces(1) : .nothing)
      parts = Tokenizer.Parts(
        vocabulary: Vocabulary(pieces: pieces, kinds: kinds, decoding: decoding),
        model: .bytePair(model), preTokenizer: preTokenizer, isByteLevel: true,
        source: source)
      if hasPrefix { parts.normalizer = Normalizer(steps: [(.prepend([0x20]), Self.prefix)]) }
    } else {
      parts = try spellingSpaces(
        pieces, kinds, .bytePair(model), preTokenizer, hasPrefix: hasPrefix)
    }
    try readSpecialTokens(into: &parts, addsBOS: family.addsBOS)
    if family.alwaysAddsBOS { parts.addsBOS = true }
    return parts
  }

  private static let prefix = "tokenizer.ggml.add_space_prefix"

  private func readSentencePiece() throws -> Tokenizer.Parts {
    let kinds = try readKinds()
    let pieces = try readPieces(kinds, areByteLevel: false)
    let unknownID = try readID("unknown_token_id") ?? fallback(0)
    let model = SentencePieceTokenizer(
      pieces: pieces, ranks: try readRanks(), byteIDs: ByteToken.ids(in: pieces),
      unknownID: unknownID)
    var parts = try spellingSpaces(
      pieces, kinds, .sentencePiece(model), PreTokenizer([]),
      hasPrefix: try file.bool("tokenizer.ggml.add_space_prefix") ?? true)
    try readSpecialTokens(into: &parts, addsBOS: true)
    return parts
  }

  /// The parts of a vocabulary that writes U+2581 for a space.
  private func spellingSpaces(
    _ pieces: PieceTable, _ kinds: [TokenKind], _ model: Tokenizer.Model,
    _ preTokenizer: PreTokenizer, hasPrefix: Bool
  ) throws -> Tokenizer.Parts {
    let space: SplitPattern
    let cutting: PreTokenizer
    do {
      space = try SplitPattern(" ".utf8)
      cutting = try preTokenizer.cuttingAtVisibleSpaces(pieces)
    } catch {
      throw source.error("tokenizer.ggml.model", expected: error.expected, found: error.found)
    }
    let decoding = PieceDecoding(
      steps: [.replace(Normalizer.visibleSpace, with: [0x20]), .byteFallback],
      lead: hasPrefix ? .spaces(1) : .nothing)
    var parts = Tokenizer.Parts(
      vocabulary: Vocabulary(pieces: pieces, kinds: kinds, decoding: decoding), model: model,
      preTokenizer: cutting, isByteLevel: false, source: source)
    parts.normalizer = Normalizer(
      steps: (hasPrefix ? [(.prepend([0x20]), Self.prefix)] : [])
        + [(.replace(space, with: Normalizer.visibleSpace), "tokenizer.ggml.model")])
    return parts
  }

  private func readFamily() throws -> PreTokenizerFamily {
    let name = try file.string("tokenizer.ggml.pre") ?? "default"
    guard let family = PreTokenizerFamily.named(name) else {
      let known = PreTokenizerFamily.all.flatMap(\.names).sorted().joined(separator: ", ")
      throw source.error("tokenizer.ggml.pre", expected: "one of \(known)", found: "'\(name)'")
    }
    return family
  }

  private func readKinds() throws -> [TokenKind] {
    let key = "tokenizer.ggml.token_type"
    guard let types = try file.integers(key) else {
      return Array(repeating: .normal, count: tokens.count)
    }
    guard types.count == tokens.count else {
      throw source.error(key, expected: "\(tokens.count) types", found: "\(types.count)")
    }
    return types.map { UInt8(exactly: $0).flatMap(TokenKind.init) ?? .undefined }
  }

  /// The vocabulary's bytes; tokens that text can become are findable, control tokens are not.
  private func readPieces(_ kinds: [TokenKind], areByteLevel: Bool) throws -> PieceTable {
    var pieces = PieceTable(capacity: tokens.count)
    var plain: [UInt8] = []
    var byteCount = 0
    for id in 0..<tokens.count {
      let length = tokens.withUnsafeBytes(at: id) { $0.count }
      try source.allowToken(length, "tokenizer.ggml.tokens[\(id)]")
      byteCount += length
      guard byteCount < 1 << 31 else {
        throw source.error(
          "tokenizer.ggml.tokens", expected: "less than 2 GiB of text", found: "more")
      }
      let isControl = kinds[id] == .control || kinds[id] == .unknown
      let isAdded = isControl || kinds[id] == .userDefined
      var isFindable = !isControl
      tokens.withUnsafeBytes(at: id) { raw in
        let spelling = raw.bindMemory(to: UInt8.self)
        if areByteLevel, !isControl {
          isFindable = ByteLevelAlphabet.decode(spelling, into: &plain)
          // Added tokens are spelled as they are; merges may lead to those that look the same.
          if isAdded { isFindable = isFindable && plain.elementsEqual(spelling) }
        }
        if areByteLevel, isFindable {
          plain.withUnsafeBufferPointer { pieces.append($0) }
        } else {
          pieces.append(spelling)
        }
      }
      if isFindable, let other = pieces.index(id) {
        throw source.error(
          "tokenizer.ggml.tokens[\(id)]", expected: "no token twice",
          found: "the same text as token \(other), '\(tokens[id])'")
      }
    }
    return pieces
  }

  private static func byteIDs(_ pieces: PieceTable) -> [Int32] {
    (0..<256).map { byte in
      [UInt8(byte)].withUnsafeBufferPointer { pieces.find($0) } ?? -1
    }
  }

  private func readMerges(_ pieces: PieceTable, areByteLevel: Bool) throws -> MergeTable {
    let key = "tokenizer.ggml.merges"
    guard let merges = try file.strings(key) else {
      throw source.error(key, expected: "the merges of a BPE vocabulary", found: "no such key")
    }
    guard merges.count < 1 << 26 else {
      throw source.error(key, expected: "fewer than 2^26 merges", found: "\(merges.count)")
    }
    var builder = MergeTableBuilder(pieces, count: merges.count)
    var joined: [UInt8] = []
    func append(_ half: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
      if areByteLevel {
        return ByteLevelAlphabet.append(UnsafeBufferPointer(rebasing: half), to: &joined)
      }
      joined.append(contentsOf: half)
      return true
    }
    for rank in 0..<merges.count {
      joined.removeAll(keepingCapacity: true)
      let isKnown = merges.withUnsafeBytes(at: rank) { raw -> Bool in
        let spelling = raw.bindMemory(to: UInt8.self)
        // The first byte is never the separator; tokens themselves have no space.
        guard let space = spelling.dropFirst().firstIndex(of: 0x20), append(spelling[..<space]),
          case let middle = joined.count, append(spelling[(space + 1)...])
        else { return false }
        return builder.add(joined, splitAt: middle)
      }
      guard isKnown else {
        throw source.error(
          "\(key)[\(rank)]", expected: "two tokens that join to a third, with a space between",
          found: "'\(merges[rank])'")
      }
    }
    return builder.table
  }

  /// Tokens in the order of falling scores.
  private func readRanks() throws -> [UInt32] {
    let key = "tokenizer.ggml.scores"
    guard let scores = try file.numbers(key) else {
      throw source.error(key, expected: "a score for each token", found: "no such key")
    }
    guard scores.count == tokens.count else {
      throw source.error(key, expected: "\(tokens.count) scores", found: "\(scores.count)")
    }
    if let index = scores.firstIndex(where: \.isNaN) {
      throw source.error("\(key)[\(index)]", expected: "a number", found: "NaN")
    }
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    var ranks = [UInt32](repeating: 0, count: scores.count)
    var rank: UInt32 = 0
    for (place, id) in order.enumerated() {
      if place > 0, scores[id] != scores[order[place - 1]] { rank += 1 }
      ranks[id] = rank
    }
    return ranks
  }

  private func readID(_ key: String) throws -> Int32? {
    let key = "tokenizer.ggml.\(key)"
    // Writers store −1, as 2³²−1, if there is no such token.
    guard let id = try file.integer(key), id != 0xFFFF_FFFF, id != -1 else { return nil }
    guard id >= 0, id < tokens.count else {
      throw source.error(key, expected: "an id below \(tokens.count)", found: "\(id)")
    }
    return Int32(id)
  }

  private func readSpecialTokens(into parts: inout Tokenizer.Parts, addsBOS: Bool) throws {
    let kinds = parts.vocabulary.kinds
    let isPhi3 = try file.string("general.name").map { name in
      ["phi-3", "phi3"].contains { name.lowercased().contains($0) }
    }
    for id in 0..<tokens.count {
      let kind = kinds[id]
      guard kind == .control || kind == .unknown || kind == .userDefined else { continue }
      let content = tokens.withUnsafeBytes(at: id) { Array($0) }
      var token = AddedToken(id: Int32(id), content: content, isSpecial: kind != .userDefined)
      // GGUF cannot store this flag of Phi-3's vocabulary.
      let keepsSpace = ["<unk>", "<s>", "<|endoftext|>"].contains { content.elementsEqual($0.utf8) }
      token.stripsRight = isPhi3 == true && !keepsSpace
      parts.addedTokens.append(token)
    }
    let isSentencePiece = if case .sentencePiece = parts.model { true } else { false }
    parts.bosID = try readID("bos_token_id") ?? (isSentencePiece ? fallback(1) : nil)
    parts.eosID = try readID("eos_token_id") ?? (isSentencePiece ? fallback(2) : nil)
    parts.addsBOS = try file.bool("tokenizer.ggml.add_bos_token") ?? addsBOS
    parts.endIDs = Set([parts.eosID].compactMap { $0 })
    for key in ["eot_token_id", "eom_token_id"] {
      if let id = try readID(key) { parts.endIDs.insert(id) }
    }
    parts.endIDs.formUnion(endTokens(kinds))
  }

  private func fallback(_ id: Int) -> Int32? { id < tokens.count ? Int32(id) : nil }

  /// Tokens known by name to end a turn, a message or a text.
  private func endTokens(_ kinds: [TokenKind]) -> [Int32] {
    var ids: [String: Int32] = [:]
    let isTyped = kinds.contains { $0 != .normal }
    for id in 0..<tokens.count where !isTyped || kinds[id] != .normal {
      let isCandidate = tokens.withUnsafeBytes(at: id) {
        $0.count <= EndTokens.longestName && $0.first.map { "<[_".utf8.contains($0) } == true
      }
      guard isCandidate else { continue }
      let text = tokens[id].description
      if EndTokens.names.contains(text) { ids[text] = Int32(id) }
    }
    return EndTokens.select(ids)
  }
}
