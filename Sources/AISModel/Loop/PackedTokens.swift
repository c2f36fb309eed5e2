/// A ragged batch: the new tokens of several sequences, one after the other, without padding.
public struct PackedTokens: Sendable, Equatable {
  /// All tokens.
  ///
  /// Shape: [rows].
  public let tokens: [Int32]
  /// Where each sequence begins in `tokens`, and the end of the last.
  ///
  /// Shape: [sequences + 1].
  public let starts: [Int]

  /// A batch of one sequence, or of several; sequence i continues sequence i of the KV cache.
  public init(_ sequences: [[Int32]]) {
    tokens = sequences.flatMap { $0 }
    var starts = [0]
    for sequence in sequences { starts.append(starts[starts.count - 1] + sequence.count) }
    self.starts = starts
  }

  /// A batch of one sequence.
  public init(_ sequence: [Int32]) {
    tokens = sequence
    starts = [0, sequence.count]
  }

  /// One next token for each sequence of the KV cache.
  public init(decoding tokens: [Int32]) {
    self.tokens = tokens
    starts = Array(0...tokens.count)
  }

  /// The most rows of a pass over many texts, unless a single text has more.
  ///
  /// So many rows make matrix products bound by arithmetic instead of memory, and buffers stay
  /// small.
  package static let passRows = 512

  /// Divides texts, in order, into batches of at most `passRows` rows.
  ///
  /// A longer text is a batch by itself.
  package static func batches(of texts: [[Int32]]) -> [Range<Int>] {
    batches(ofLengths: texts.map(\.count))
  }

  /// Divides texts of these lengths, in order, into batches of at most `passRows` rows.
  package static func batches(ofLengths lengths: [Int]) -> [Range<Int>] {
    var batches: [Range<Int>] = []
    var rows = 0
    for (index, length) in lengths.enumerated() {
      if let last = batches.last, rows + length <= passRows {
        batches[batches.count - 1] = last.lowerBound..<index + 1
        rows += length
      } else {
        batches.append(index..<index + 1)
        rows = length
      }
    }
    return batches
  }

  /// Sequences in the batch.
  public var sequenceCount: Int { starts.count - 1 }

  /// New tokens in all.
  public var rows: Int { tokens.count }
}
