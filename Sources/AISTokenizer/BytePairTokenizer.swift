/// Byte-pair encoding of one word at a time: pairs of symbols merge in the order of their ranks.
///
/// Source: Sennrich et al. 2016, and the behaviour of the `BPE` model of Hugging Face tokenizers.
struct BytePairTokenizer: Sendable {
  /// The symbols into which a word is split before merging.
  enum Alphabet: Sendable {
    /// Bytes, with the ids of the 256 byte tokens; −1 for a byte without a token.
    case bytes([Int32])
    /// Unicode scalars. A scalar without a token becomes byte tokens if all of its bytes have one.
    /// The ids are those of the 256 byte tokens; −1 for a byte without a token.
    case characters(byteFallback: [Int32]?)
  }

  let pieces: PieceTable
  let merges: MergeTable
  let alphabet: Alphabet
  /// A word that is a token as a whole becomes that token, whatever the merges are.
  let ignoresMerges: Bool
  /// The token that replaces text without tokens; if `nil`, such text is omitted.
  let unknownID: Int32?
  /// A run of unknown symbols becomes one token.
  let fusesUnknown: Bool

  /// Appends the tokens of `word` to `output`.
  func encode(
    _ word: UnsafeBufferPointer<UInt8>, into output: inout [Int32], _ chain: inout MergeChain
  ) {
    if ignoresMerges, let id = pieces.find(word) { return output.append(id) }
    chain.reset(capacity: word.count)
    switch alphabet {
    case .bytes(let ids): appendBytes(word, ids, to: &chain)
    case .characters(let byteFallback): appendCharacters(word, byteFallback, to: &chain)
    }
    chain.mergeAll(RankedPairs(merges: merges), in: word)
    for symbol in chain.symbols where symbol.isAlive { output.append(symbol.id) }
  }

  private func appendBytes(
    _ word: UnsafeBufferPointer<UInt8>, _ ids: [Int32], to chain: inout MergeChain
  ) {
    var unknown: Range<Int>?
    for index in 0..<word.count {
      let id = ids[Int(word[index])]
      if id >= 0 {
        flush(&unknown, to: &chain)
        chain.append(id: id, start: index, end: index + 1)
      } else {
        extend(&unknown, with: index..<index + 1, in: &chain)
      }
    }
    flush(&unknown, to: &chain)
  }

  private func appendCharacters(
    _ word: UnsafeBufferPointer<UInt8>, _ byteFallback: [Int32]?, to chain: inout MergeChain
  ) {
    var unknown: Range<Int>?
    var index = 0
    while index < word.count {
      let range = index..<index + UTF8Scan.scalar(word, at: index).length
      index = range.upperBound
      if let id = pieces.find(UnsafeBufferPointer(rebasing: word[range])) {
        flush(&unknown, to: &chain)
        chain.append(id: id, start: range.lowerBound, end: range.upperBound)
      } else if let byteFallback, range.allSatisfy({ byteFallback[Int(word[$0])] >= 0 }) {
        // A pending unknown token stays pending and comes after these bytes, as in Hugging Face
        // tokenizers.
        for byte in range {
          chain.append(id: byteFallback[Int(word[byte])], start: byte, end: byte + 1)
        }
      } else {
        extend(&unknown, with: range, in: &chain)
      }
    }
    flush(&unknown, to: &chain)
  }

  private func extend(
    _ unknown: inout Range<Int>?, with range: Range<Int>, in chain: inout MergeChain
  ) {
    if let before = unknown, fusesUnknown {
      unknown = before.lowerBound..<range.upperBound
    } else {
      flush(&unknown, to: &chain)
      unknown = range
    }
  }

  private func flush(_ unknown: inout Range<Int>?, to chain: inout MergeChain) {
    guard let range = unknown else { return }
    unknown = nil
    guard let unknownID else { return }
    chain.append(id: unknownID, start: range.lowerBound, end: range.upperBound)
  }
}

private struct RankedPairs: MergeRule {
  let merges: MergeTable

  func merge(_ left: Symbol, _ right: Symbol, in text: UnsafeBufferPointer<UInt8>) -> Merge? {
    merges.find(left.id, right.id)
  }
}
