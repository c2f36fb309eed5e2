import AISCheckpoint
import Foundation

extension Tokenizer {
  /// The tokenizer of a Hugging Face folder, from its `tokenizer.json`.
  ///
  /// `tokenizer_config.json` and `generation_config.json`, if present, name the tokens that begin and
  /// end a text.
  ///
  /// Throws: `TokenizerError` if a file is missing, contradicts itself or needs an unsupported
  /// feature; the error names the feature.
  public convenience init(huggingFace folder: HuggingFaceFolder) throws {
    guard let url = folder.tokenizerURL else {
      let others = ["tokenizer.model", "vocab.json", "vocab.txt", "spiece.model"]
      let found = others.filter { folder.url(of: $0) != nil }
      throw TokenizerError(
        file: folder.path, place: "tokenizer.json",
        expected: "the file (AutoTokenizer's save_pretrained writes it)",
        found: found.isEmpty ? "no tokenizer" : "only \(found.joined(separator: ", "))")
    }
    try self.init(
      tokenizerJSON: try Self.read(url), file: url.path,
      config: try folder.tokenizerConfigURL.map { (try Self.read($0), $0.path) },
      generationConfig: try folder.generationConfigURL.map { (try Self.read($0), $0.path) })
  }

  /// The tokenizer that the contents of these files describe.
  ///
  /// Each file has its name, for errors; `config` is `tokenizer_config.json`.
  ///
  /// Throws: `TokenizerError`.
  package convenience init(
    tokenizerJSON: [UInt8], file: String = "tokenizer.json",
    config: ([UInt8], String)? = nil, generationConfig: ([UInt8], String)? = nil
  ) throws {
    func parse(_ bytes: [UInt8], _ file: String) throws -> TokenizerJSONValue {
      try TokenizerJSON(bytes, source: VocabularySource(file: file)).root
    }
    let reader = HuggingFaceTokenizerReader(
      json: try parse(tokenizerJSON, file), source: VocabularySource(file: file),
      config: try config.map(parse), generationConfig: try generationConfig.map(parse))
    self.init(try reader.read())
  }

  private static func read(_ url: URL) throws -> [UInt8] {
    do { return [UInt8](try Data(contentsOf: url)) } catch {
      throw TokenizerError(
        file: url.path, place: "", expected: "a readable file",
        found: error.localizedDescription)
    }
  }
}

/// Builds a tokenizer from the files of a Hugging Face folder.
private struct HuggingFaceTokenizerReader {
  let json: TokenizerJSONValue
  let source: VocabularySource
  let config: TokenizerJSONValue?
  let generationConfig: TokenizerJSONValue?

  func read() throws -> Tokenizer.Parts {
    let stages = TokenizerStageReader(source: source)
    var preTokenizer = try stages.preTokenizer(json["pre_tokenizer"])
    let normalizer = try stages.normalizer(json["normalizer"])
    var decoding = try stages.decoding(json["decoder"])
    decoding.appliesToAdded = true
    let isByteLevel = preTokenizer.usesByteLevel
    if isByteLevel { decoding.steps.removeAll { if case .byteLevel = $0 { true } else { false } } }
    let vocabulary = try BytePairModelReader(json: json, source: source, isByteLevel: isByteLevel)
      .read(added: try readAddedTokens())
    if !isByteLevel {
      do {
        preTokenizer.pipeline = try preTokenizer.pipeline
          .cuttingAtVisibleSpaces(vocabulary.model.pieces)
      } catch {
        throw source.error("pre_tokenizer", expected: error.expected, found: error.found)
      }
    }
    var parts = Tokenizer.Parts(
      vocabulary: Vocabulary(
        pieces: vocabulary.model.pieces, kinds: vocabulary.kinds, decoding: decoding),
      model: .bytePair(vocabulary.model), preTokenizer: preTokenizer.pipeline,
      normalizer: normalizer, isByteLevel: isByteLevel, source: source)
    let budget = EncodingBudget(
      byteCount: vocabulary.added.reduce(0) { $0 + $1.0.content.count }, source: source)
    var normalizedLength = 0
    for (token, isNormalized) in vocabulary.added {
      guard isNormalized, !normalizer.steps.isEmpty else {
        parts.addedTokens.append(token)
        continue
      }
      var token = token
      token.content = try token.content.withUnsafeBufferPointer {
        try normalizer.normalize($0, budget)
      }
      normalizedLength += token.content.count
      try budget.allow(length: normalizedLength)
      parts.normalizedTokens.append(token)
    }
    try readSpecialTokens(into: &parts, vocabulary)
    return parts
  }

  private func readAddedTokens() throws -> [(AddedToken, Bool)] {
    try (json["added_tokens"]?.elements ?? []).enumerated().map { index, entry in
      guard let content = entry["content"]?.bytes, let id = entry["id"]?.integer,
        (0..<1 << 24).contains(id)
      else {
        throw source.error(
          "added_tokens[\(index)]", expected: "an id below 2^24 and a content",
          found: "something else")
      }
      try source.allowToken(content.count, "added_tokens[\(index)]")
      let isSpecial = entry["special"]?.bool ?? false
      let token = AddedToken(
        id: Int32(id), content: content, isSpecial: isSpecial,
        stripsLeft: entry["lstrip"]?.bool ?? false, stripsRight: entry["rstrip"]?.bool ?? false,
        isSingleWord: entry["single_word"]?.bool ?? false)
      return (token, entry["normalized"]?.bool ?? !isSpecial)
    }
  }

  private func readSpecialTokens(
    into parts: inout Tokenizer.Parts, _ vocabulary: BytePairModelReader.Vocabulary
  ) throws {
    func id(_ key: String) -> Int32? {
      let entry = config?[key]
      return (entry?.bytes ?? entry?["content"]?.bytes).flatMap { vocabulary.id(of: $0) }
    }
    let prefix = try templatePrefix(
      json["post_processor"], "post_processor", vocabularyCount: vocabulary.kinds.count)
    parts.bosID = id("bos_token") ?? prefix.first
    parts.addsBOS = config?["add_bos_token"]?.bool ?? !prefix.isEmpty
    if parts.addsBOS, let first = prefix.first {
      parts.bosID = first
      parts.afterBOS = Array(prefix.dropFirst())
    }

    var ends = try generationEnds(vocabularyCount: vocabulary.kinds.count)
    parts.eosID = id("eos_token") ?? ends.first
    if ends.isEmpty {
      // No file names the end tokens: special tokens with known names are used.
      let named = vocabulary.added.filter {
        $0.0.isSpecial && $0.0.content.count <= EndTokens.longestName
      }.map {
        (String(decoding: $0.0.content, as: UTF8.self), $0.0.id)
      }
      let known = named.filter { EndTokens.names.contains($0.0) }
      ends = EndTokens.select(Dictionary(known, uniquingKeysWith: { first, _ in first }))
    }
    parts.endIDs = Set(ends)
    if let eosID = parts.eosID { parts.endIDs.insert(eosID) }
    if parts.bosID == nil, let id = generationConfig?["bos_token_id"]?.integer,
      (0..<vocabulary.kinds.count).contains(id)
    {
      parts.bosID = Int32(id)
    }
  }

  /// `eos_token_id` of the generation settings: one id or several.
  private func generationEnds(vocabularyCount: Int) throws -> [Int32] {
    guard let generationConfig, let entry = generationConfig["eos_token_id"] else { return [] }
    let values = entry.kind == .array ? entry.elements : [entry]
    return try values.map { value in
      // A model may have more embedding rows than tokens, and may name one of those rows.
      guard let id = value.integer, (0..<max(vocabularyCount, 1 << 24)).contains(id) else {
        throw generationConfig.document.source.error(
          "eos_token_id", expected: "ids below 2^24", found: "something else")
      }
      return Int32(id)
    }
  }

  /// The tokens that the post-processor puts before a single text.
  private func templatePrefix(
    _ processor: TokenizerJSONValue?, _ place: String, vocabularyCount: Int
  ) throws -> [Int32] {
    guard let processor else { return [] }
    switch try processor["type"]?.string {
    case "ByteLevel": return []
    case "Sequence":
      for (index, part) in (processor["processors"]?.elements ?? []).enumerated() {
        let ids = try templatePrefix(
          part, "\(place).processors[\(index)]", vocabularyCount: vocabularyCount)
        if !ids.isEmpty { return ids }
      }
      return []
    case "TemplateProcessing":
      return try templatePrefix(ofSingle: processor, place, vocabularyCount: vocabularyCount)
    case "BertProcessing", "RobertaProcessing":
      guard let id = processor["cls"]?.elements.last?.integer,
        (0..<vocabularyCount).contains(id)
      else {
        throw source.error(
          "\(place).cls", expected: "a token and its id, below \(vocabularyCount)",
          found: "something else")
      }
      return [Int32(id)]
    case let other:
      throw source.error(
        "\(place).type", expected: "TemplateProcessing, ByteLevel or Sequence",
        found: other ?? "none")
    }
  }

  /// The most tokens that a post-processor may put before a text; published ones put one or two.
  private static let prefixLimit = 16

  private func templatePrefix(
    ofSingle processor: TokenizerJSONValue, _ place: String, vocabularyCount: Int
  ) throws -> [Int32] {
    var tokens: [[UInt8]: TokenizerJSONValue] = [:]
    processor["special_tokens"]?.forEachMember { name, value in tokens[name] = value }
    var prefix: [Int32] = []
    for element in processor["single"]?.elements ?? [] {
      guard let name = element["SpecialToken"]?["id"]?.bytes else { break }
      let ids = tokens[name]?["ids"]
      guard prefix.count + (ids?.count ?? 0) <= Self.prefixLimit else {
        throw source.error(
          "\(place).single", expected: "at most \(Self.prefixLimit) tokens before the text",
          found: "more")
      }
      let known = (ids?.elements ?? []).compactMap(\.integer).filter {
        (0..<vocabularyCount).contains($0)
      }
      guard !known.isEmpty, known.count == ids?.count else {
        throw source.error(
          "\(place).special_tokens",
          expected: "the ids of '\(String(decoding: name, as: UTF8.self))', "
            + "below \(vocabularyCount)",
          found: "something else")
      }
      prefix += known.map(Int32.init)
    }
    return prefix
  }
}
