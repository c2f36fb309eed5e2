import Synchronization

/// Turns text into a model's tokens and back.
///
/// Made from a GGUF file's vocabulary or a Hugging Face folder's `tokenizer.json`. Encoding first
/// finds added tokens, then normalises the text between them, splits it into words and encodes each
/// word. The model's files define the rules of these steps.
///
/// Texts are bytes. If a byte-level vocabulary has all 256 bytes and no normaliser, decoding the ids
/// of any bytes, valid UTF-8 or not, returns the same bytes. Bytes without a token are omitted if the
/// vocabulary has no unknown token, as in the models' own libraries.
public final class Tokenizer: Sendable {
  enum Model: Sendable {
    case bytePair(BytePairTokenizer)
    case sentencePiece(SentencePieceTokenizer)

    /// Appends the tokens of `word` to `output`.
    func encode(
      _ word: UnsafeBufferPointer<UInt8>, into output: inout [Int32], _ chain: inout MergeChain
    ) {
      switch self {
      case .bytePair(let model): model.encode(word, into: &output, &chain)
      case .sentencePiece(let model): model.encode(word, into: &output, &chain)
      }
    }
  }

  /// Everything that a reader of a tokenizer's files provides.
  struct Parts {
    var vocabulary: Vocabulary
    var model: Model
    var preTokenizer: PreTokenizer
    var normalizer = Normalizer(steps: [])
    /// Added tokens that are matched in the original text.
    var addedTokens: [AddedToken] = []
    /// Added tokens that are matched in the normalised text.
    var normalizedTokens: [AddedToken] = []
    var isByteLevel: Bool
    /// The file, for errors about texts that exceed a limit.
    let source: VocabularySource
    var bosID: Int32?
    /// The tokens that follow `bosID` if a text begins with it.
    var afterBOS: [Int32] = []
    var eosID: Int32?
    var addsBOS = false
    var endIDs: Set<Int32> = []
  }

  let vocabulary: Vocabulary
  private let model: Model
  private let preTokenizer: PreTokenizer
  private let normalizer: Normalizer
  private let addedTokens: AddedTokenMatcher
  private let normalizedTokens: AddedTokenMatcher
  private let addedIDs: [[UInt8]: Int32]
  private let isByteLevel: Bool
  private let source: VocabularySource
  private let afterBOS: [Int32]
  private let scratches = Mutex<[EncodingScratch]>([])

  /// The token that begins every text, if the model has one.
  public let bosID: Int32?
  /// The token that ends a text or a turn, if the model has one.
  public let eosID: Int32?
  /// Every token that ends generation: the end of a text, a turn or a message.
  public let endIDs: Set<Int32>
  /// The model's own rule: whether a text begins with `bosID`.
  public let addsBOS: Bool

  init(_ parts: Parts) {
    vocabulary = parts.vocabulary
    model = parts.model
    preTokenizer = parts.preTokenizer
    normalizer = parts.normalizer
    addedTokens = AddedTokenMatcher(parts.addedTokens)
    normalizedTokens = AddedTokenMatcher(parts.normalizedTokens)
    addedIDs = Dictionary(
      (parts.addedTokens + parts.normalizedTokens).map { ($0.content, $0.id) },
      uniquingKeysWith: { first, _ in first })
    isByteLevel = parts.isByteLevel
    source = parts.source
    bosID = parts.bosID
    afterBOS = parts.afterBOS
    eosID = parts.eosID
    endIDs = parts.endIDs
    addsBOS = parts.addsBOS && parts.bosID != nil
  }

  /// Number of ids; each is in `0..<vocabularyCount`.
  public var vocabularyCount: Int { vocabulary.pieces.count }

  /// Encodes `text`.
  ///
  /// - Parameters:
  ///   - text: The text to encode.
  ///   - addBOS: Whether the ids begin with `bosID` and the tokens that the model puts after it; if
  ///     `nil`, the model's own rule `addsBOS`. If the text itself begins with that token, as the
  ///     output of a chat template may, no second one is added.
  ///   - parseSpecial: Whether the text of control tokens, such as `<|im_end|>`, means those tokens.
  ///     If not, it is text like any other.
  /// - Returns: The ids of its tokens.
  /// - Throws: `TokenizerError` if the patterns and replacements of the tokenizer's file exceed the
  ///   limits of `EncodingBudget` for this text; it names the step.
  public func encode(
    _ text: String, addBOS: Bool? = nil, parseSpecial: Bool = true
  ) throws -> [Int32] {
    var text = text
    return try text.withUTF8 { try encode(utf8: $0, addBOS: addBOS, parseSpecial: parseSpecial) }
  }

  /// The ids of a text given as bytes, which need not be valid UTF-8.
  ///
  /// See `encode(_:addBOS:parseSpecial:)`.
  public func encode(
    bytes: some Sequence<UInt8>, addBOS: Bool? = nil, parseSpecial: Bool = true
  ) throws -> [Int32] {
    try Array(bytes).withUnsafeBufferPointer {
      try encode(utf8: $0, addBOS: addBOS, parseSpecial: parseSpecial)
    }
  }

  private func encode(
    utf8 text: UnsafeBufferPointer<UInt8>, addBOS: Bool?, parseSpecial: Bool
  ) throws(TokenizerError) -> [Int32] {
    let budget = EncodingBudget(byteCount: text.count, source: source)
    try budget.allowInput()
    let scratch = scratches.withLock { $0.popLast() } ?? EncodingScratch()
    defer { scratches.withLock { $0.append(scratch) } }
    var ids: [Int32] = []
    ids.reserveCapacity(text.count / 4 + 1)
    try addedTokens.forEachFragment(
      of: text, parseSpecial: parseSpecial, budget
    ) { fragment throws(TokenizerError) in
      switch fragment {
      case .token(let id): ids.append(id)
      case .text(let range):
        try encodeText(
          UnsafeBufferPointer(rebasing: text[range]), isStart: range.lowerBound == 0,
          parseSpecial, budget, into: &ids, scratch)
      }
    }
    if addBOS ?? addsBOS, let bosID, ids.first != bosID {
      ids.insert(contentsOf: [bosID] + afterBOS, at: 0)
    }
    return ids
  }

  private func encodeText(
    _ text: UnsafeBufferPointer<UInt8>, isStart: Bool, _ parseSpecial: Bool,
    _ budget: EncodingBudget, into ids: inout [Int32], _ scratch: EncodingScratch
  ) throws(TokenizerError) {
    if normalizer.steps.isEmpty, normalizedTokens.isEmpty {
      return try encodeWords(text, isStart: isStart, budget, into: &ids, scratch)
    }
    try normalizer.normalize(text, budget).withUnsafeBufferPointer { text throws(TokenizerError) in
      try normalizedTokens.forEachFragment(
        of: text, parseSpecial: parseSpecial, budget
      ) { fragment throws(TokenizerError) in
        switch fragment {
        case .token(let id): ids.append(id)
        case .text(let range):
          try encodeWords(
            UnsafeBufferPointer(rebasing: text[range]),
            isStart: isStart && range.lowerBound == 0, budget, into: &ids, scratch)
        }
      }
    }
  }

  private func encodeWords(
    _ text: UnsafeBufferPointer<UInt8>, isStart: Bool, _ budget: EncodingBudget,
    into ids: inout [Int32], _ scratch: EncodingScratch
  ) throws(TokenizerError) {
    try preTokenizer.forEachWord(in: text, isStart: isStart, budget) { word in
      guard word.count <= WordCache.longestWord else {
        return model.encode(word, into: &ids, &scratch.chain)
      }
      let hash = ByteHash.hash(word)
      if scratch.cache.append(word, hash: hash, to: &ids) { return }
      let start = ids.count
      model.encode(word, into: &ids, &scratch.chain)
      scratch.cache.insert(word, hash: hash, ids: ids[start...])
    }
  }

  /// Decodes `ids`.
  ///
  /// Invalid UTF-8 becomes U+FFFD as in `String(decoding:as:)`; ids outside the vocabulary add
  /// nothing.
  ///
  /// - Parameters:
  ///   - ids: Tokens of a whole text. If encoding adds a space at the start, it is removed.
  ///   - skipSpecial: Whether control tokens and the unknown token are omitted.
  /// - Returns: The text.
  public func decode(_ ids: some Sequence<Int32>, skipSpecial: Bool = true) -> String {
    var decoder = TokenStreamDecoder(self, skipSpecial: skipSpecial, continuesText: false)
    return decoder.append(contentsOf: ids) + decoder.finish()
  }

  /// The bytes that token `id` contributes to a text; none for an id outside the vocabulary.
  public func bytes(of id: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    if isValid(id) { vocabulary.appendText(of: Int(id), to: &bytes) }
    return bytes
  }

  /// The id of the token with this spelling in the vocabulary, such as `"Ġthe"` or `"<|im_end|>"`.
  public func id(of spelling: String) -> Int32? {
    let bytes = Array(spelling.utf8)
    if let id = addedIDs[bytes] { return id }
    var key = bytes
    if isByteLevel, !bytes.withUnsafeBufferPointer({ ByteLevelAlphabet.decode($0, into: &key) }) {
      return nil
    }
    return key.withUnsafeBufferPointer { vocabulary.pieces.find($0) }
  }

  /// True for control tokens and the unknown token, which are not part of a text.
  public func isSpecial(_ id: Int32) -> Bool { isValid(id) && vocabulary.isSpecial(Int(id)) }

  /// The ids of all tokens that are matched before a text is split: control tokens and other tokens
  /// that were added to the vocabulary.
  public var addedTokenIDs: [Int32] { addedIDs.values.sorted() }

  func isValid(_ id: Int32) -> Bool { id >= 0 && Int(id) < vocabularyCount }
}
