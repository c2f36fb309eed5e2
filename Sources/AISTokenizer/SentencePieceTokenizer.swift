/// SentencePiece's byte-pair model as GGUF stores it.
///
/// Neighbours merge if their joined text is a piece; the highest score merges first.
///
/// Source: SentencePiece `bpe_model.cc`, and the behaviour of llama.cpp's `llama` vocabularies.
struct SentencePieceTokenizer: Sendable {
  let pieces: PieceTable
  /// Each token's rank in the order of falling scores; equal scores have equal ranks.
  let ranks: [UInt32]
  /// The ids of the 256 tokens `<0x00>` to `<0xFF>`; −1 for an absent one.
  let byteIDs: [Int32]
  /// The token that replaces text without tokens; if `nil`, such text is omitted.
  let unknownID: Int32?

  /// Appends the tokens of `text` to `output`.
  func encode(
    _ text: UnsafeBufferPointer<UInt8>, into output: inout [Int32], _ chain: inout MergeChain
  ) {
    chain.reset(capacity: text.count)
    var index = 0
    while index < text.count {
      let length = UTF8Scan.scalar(text, at: index).length
      chain.append(id: -1, start: index, end: index + length)
      index += length
    }
    chain.mergeAll(ScoredPieces(pieces: pieces, ranks: ranks), in: text)
    for symbol in chain.symbols where symbol.isAlive {
      let range = Int(symbol.start)..<Int(symbol.end)
      if let id = pieces.find(UnsafeBufferPointer(rebasing: text[range])) {
        output.append(id)
        continue
      }
      for byte in range {
        let id = byteIDs[Int(text[byte])]
        if id >= 0 {
          output.append(id)
        } else if let unknownID {
          output.append(unknownID)
        }
      }
    }
  }
}

private struct ScoredPieces: MergeRule {
  let pieces: PieceTable
  let ranks: [UInt32]

  func merge(_ left: Symbol, _ right: Symbol, in text: UnsafeBufferPointer<UInt8>) -> Merge? {
    let joined = UnsafeBufferPointer(rebasing: text[Int(left.start)..<Int(right.end)])
    guard let id = pieces.find(joined) else { return nil }
    return Merge(rank: ranks[Int(id)], id: id)
  }
}
