/// Reads the `model` of a `tokenizer.json`: vocabulary, merges and the rules for unknown text.
struct BytePairModelReader {
  let json: TokenizerJSONValue
  let source: VocabularySource
  let isByteLevel: Bool

  struct Vocabulary {
    let model: BytePairTokenizer
    let kinds: [TokenKind]
    /// The added tokens, each with whether it is matched in the normalised text.
    let added: [(AddedToken, Bool)]

    /// The id of the token with this spelling; added tokens take precedence.
    func id(of spelling: [UInt8]) -> Int32? {
      added.first { $0.0.content == spelling }?.0.id
        ?? spelling.withUnsafeBufferPointer { model.pieces.find($0) }
    }
  }

  /// The model with these added tokens.
  func read(added: [(AddedToken, Bool)]) throws -> Vocabulary {
    guard let model = json["model"], model.kind == .object else {
      throw source.error("model", expected: "a model", found: "none")
    }
    // Files from before 2020 have no type.
    let type = try model["type"]?.string ?? (model["merges"] == nil ? "none" : "BPE")
    guard type == "BPE" else {
      throw source.error("model.type", expected: "BPE, the one supported", found: type)
    }
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let value = try model[key]?.string, !value.isEmpty {
        throw source.error("model.\(key)", expected: "none", found: "'\(value)'")
      }
    }
    let entries = try readEntries(model)
    let highest = (entries.map(\.id) + added.map { Int($0.0.id) }).max() ?? -1
    // Files may have gaps. An id far above the number of tokens is a mistake and would cost memory.
    let limit = (entries.count + added.count) * 4 + 1 << 16
    guard highest < limit else {
      throw source.error("model.vocab", expected: "ids below \(limit)", found: "\(highest)")
    }
    var table = try Table(count: highest + 1, added: added, source: source)
    try table.fill(entries, isByteLevel: isByteLevel, source: source)

    let unknown = model["unk_token"]?.bytes
    let unknownID = unknown.flatMap { unknown in
      entries.first { $0.spelling == unknown }.map { Int32($0.id) }
        ?? added.first { $0.0.content == unknown }?.0.id
    }
    if let unknown, unknownID == nil {
      throw source.error(
        "model.unk_token", expected: "a token of the vocabulary",
        found: "'\(String(decoding: unknown, as: UTF8.self))'")
    }
    let pieces = table.pieces
    let fallback = (model["byte_fallback"]?.bool ?? false) ? ByteToken.ids(in: pieces) : nil
    let bytePair = BytePairTokenizer(
      pieces: pieces, merges: try readMerges(model, pieces),
      alphabet: isByteLevel ? .bytes(byteIDs(pieces)) : .characters(byteFallback: fallback),
      ignoresMerges: model["ignore_merges"]?.bool ?? false, unknownID: unknownID,
      fusesUnknown: model["fuse_unk"]?.bool ?? false)
    return Vocabulary(model: bytePair, kinds: table.kinds, added: added)
  }

  struct Entry {
    let id: Int
    let spelling: [UInt8]
  }

  private func readEntries(_ model: TokenizerJSONValue) throws -> [Entry] {
    guard let vocabulary = model["vocab"], vocabulary.kind == .object else {
      throw source.error("model.vocab", expected: "an object of tokens and ids", found: "none")
    }
    var entries: [Entry] = []
    entries.reserveCapacity(vocabulary.count)
    try vocabulary.forEachMember { spelling, value in
      guard let id = value.integer, (0..<1 << 24).contains(id) else {
        throw source.error(
          "model.vocab['\(String(decoding: spelling, as: UTF8.self))']",
          expected: "an id below 2^24", found: value.number.map { "\($0)" } ?? "no number")
      }
      try source.allowToken(spelling.count, "model.vocab[id \(id)]")
      entries.append(Entry(id: id, spelling: spelling))
    }
    return entries
  }

  /// Tokens by id, while they are collected.
  private struct Table {
    var pieces: PieceTable
    var kinds: [TokenKind]
    private var spellings: [[UInt8]?]
    private var isAdded: [Bool]

    init(count: Int, added: [(AddedToken, Bool)], source: VocabularySource) throws {
      pieces = PieceTable(capacity: count)
      kinds = Array(repeating: .unused, count: count)
      spellings = Array(repeating: nil, count: count)
      isAdded = Array(repeating: false, count: count)
      for (token, _) in added {
        let id = Int(token.id)
        if let other = spellings[id], other != token.content {
          throw source.error(
            "added_tokens", expected: "one token with id \(id)",
            found: "'\(String(decoding: token.content, as: UTF8.self))' and "
              + "'\(String(decoding: other, as: UTF8.self))'")
        }
        spellings[id] = token.content
        kinds[id] = token.isSpecial ? .control : .userDefined
        isAdded[id] = true
      }
    }

    mutating func fill(
      _ entries: [Entry], isByteLevel: Bool, source: VocabularySource
    ) throws {
      var isModel = Array(repeating: false, count: kinds.count)
      for entry in entries {
        if isModel[entry.id] || (isAdded[entry.id] && spellings[entry.id] != entry.spelling) {
          throw source.error(
            "model.vocab", expected: "one token with id \(entry.id)",
            found: "'\(String(decoding: entry.spelling, as: UTF8.self))' and "
              + "'\(String(decoding: spellings[entry.id] ?? [], as: UTF8.self))'")
        }
        isModel[entry.id] = true
        spellings[entry.id] = entry.spelling
        if !isAdded[entry.id] { kinds[entry.id] = .normal }
      }
      var plain: [UInt8] = []
      for id in kinds.indices {
        let spelling = spellings[id] ?? []
        var bytes = spelling
        var isFindable = isModel[id]
        if isByteLevel, isFindable {
          isFindable = spelling.withUnsafeBufferPointer {
            ByteLevelAlphabet.decode($0, into: &plain)
          }
          // Added tokens are spelled literally. Merges may lead to one only if its spelling in the
          // byte-level alphabet is the same.
          if isAdded[id] { isFindable = isFindable && plain == spelling }
          if isFindable { bytes = plain }
        }
        bytes.withUnsafeBufferPointer { pieces.append($0) }
        if isFindable, let other = pieces.index(id) {
          throw source.error(
            "model.vocab", expected: "no token twice",
            found: "'\(String(decoding: spelling, as: UTF8.self))' with ids \(other) and \(id)")
        }
      }
    }
  }

  private func byteIDs(_ pieces: PieceTable) -> [Int32] {
    (0..<256).map { byte in
      [UInt8(byte)].withUnsafeBufferPointer { pieces.find($0) } ?? -1
    }
  }

  /// Merges are written as `"a b"` or, in newer files, as `["a", "b"]`.
  private func readMerges(_ model: TokenizerJSONValue, _ pieces: PieceTable) throws -> MergeTable {
    guard let merges = model["merges"], merges.kind == .array else {
      throw source.error("model.merges", expected: "an array of merges", found: "none")
    }
    var builder = MergeTableBuilder(pieces, count: merges.count)
    for (rank, merge) in merges.elements.enumerated() {
      guard let (joined, middle) = halves(of: merge), builder.add(joined, splitAt: middle) else {
        let parts = merge.bytes.map { [$0] } ?? merge.elements.map { $0.bytes ?? [0x3F] }
        let text = String(decoding: Array(parts.joined(separator: [0x20])), as: UTF8.self)
        throw source.error(
          "model.merges[\(rank)]", expected: "two tokens that join to a third",
          found: "'\(text)'")
      }
    }
    return builder.table
  }

  /// The joined bytes of both halves, and the offset of the second.
  private func halves(of merge: TokenizerJSONValue) -> (joined: [UInt8], middle: Int)? {
    let parts: [[UInt8]]
    if let text = merge.bytes {
      parts = text.split(separator: 0x20, omittingEmptySubsequences: false).map(Array.init)
    } else {
      parts = merge.elements.compactMap(\.bytes)
    }
    guard parts.count == 2 else { return nil }
    guard isByteLevel else { return (parts[0] + parts[1], parts[0].count) }
    var joined: [UInt8] = []
    var middle = 0
    for part in parts {
      middle = joined.count
      let isSpelled = part.withUnsafeBufferPointer { ByteLevelAlphabet.append($0, to: &joined) }
      guard isSpelled else { return nil }
    }
    return (joined, middle)
  }
}
