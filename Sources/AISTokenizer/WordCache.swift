/// A cache of the token ids of recent words.
///
/// The number of entries is fixed: a word replaces the word in the entry that its hash selects. When
/// the shared storage is full, all entries are cleared, so that memory stays bounded.
struct WordCache {
  /// The longest word that is cached; longer ones are rare.
  ///
  /// Unit: bytes.
  static let longestWord = 48
  private static let storageLimit = 1 << 20

  private struct Entry {
    var hash: UInt64 = 0
    var word: UInt32 = 0
    var ids: UInt32 = 0
    var wordCount: UInt16 = 0
    var idCount: UInt16 = 0
  }
  private var entries = [Entry](repeating: Entry(), count: 1 << 15)
  private var words: [UInt8] = []
  private var ids: [Int32] = []

  /// Appends the ids of the word with this hash to `output`; returns false if it is not cached.
  @inline(__always)
  func append(
    _ word: UnsafeBufferPointer<UInt8>, hash: UInt64, to output: inout [Int32]
  ) -> Bool {
    let entry = entries[Int(hash & UInt64(entries.count - 1))]
    guard entry.hash == hash, Int(entry.wordCount) == word.count else { return false }
    let start = Int(entry.word)
    let isSame = words.withUnsafeBufferPointer {
      ByteHash.equal(UnsafeBufferPointer(rebasing: $0[start..<start + word.count]), word)
    }
    guard isSame else { return false }
    let first = Int(entry.ids)
    for index in first..<first + Int(entry.idCount) { output.append(ids[index]) }
    return true
  }

  /// Stores the ids of a word.
  mutating func insert(
    _ word: UnsafeBufferPointer<UInt8>, hash: UInt64, ids newIDs: ArraySlice<Int32>
  ) {
    if words.count + word.count > Self.storageLimit || ids.count + newIDs.count > Self.storageLimit
    {
      words.removeAll(keepingCapacity: true)
      ids.removeAll(keepingCapacity: true)
      for index in entries.indices { entries[index].wordCount = 0 }
    }
    entries[Int(hash & UInt64(entries.count - 1))] = Entry(
      hash: hash, word: UInt32(words.count), ids: UInt32(ids.count),
      wordCount: UInt16(word.count), idCount: UInt16(newIDs.count))
    words.append(contentsOf: word)
    ids.append(contentsOf: newIDs)
  }
}

/// The buffers that encoding needs, which later calls reuse.
///
/// Unchecked: a call that takes one out of its tokenizer's pool is its only user.
final class EncodingScratch: @unchecked Sendable {
  var chain = MergeChain()
  var cache = WordCache()
}
