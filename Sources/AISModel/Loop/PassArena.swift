/// The scratch memory of a context's passes, allocated for a number of rows.
///
/// Every buffer keeps its address until a pass has more rows than before. A buffer is allocated at
/// its first use.
package final class PassArena {
  /// What a buffer holds.
  package enum Use: Int, CaseIterable {
    /// The residual stream, float32 [rows, hiddenSize]. It is swapped with `spare` when rows move.
    case hidden, spare
    /// A step's input, for exit rules that compare it with the output.
    case stepInput
    /// A block's normalized input, compute type [rows, hiddenSize].
    case normed
    /// Fused queries, keys, values, or fused gate and up: the widest float32 rows of a block.
    case wide
    /// Queries of the rows that attend, if not all rows do.
    case queries
    /// The attention's output or the gated activations, which the second product of each half reads.
    case inner
    /// The input of a block that is blended.
    case before
    /// The feed-forward half's input, while `normed` holds the attention's.
    case aside
    /// The output of a half before it is added to the residual stream; also states during a
    /// readout.
    case branch
    /// A mixture's router logits, and the rows of one expert.
    case expertLogits, expertInput, expertOutput, expertScales
    /// Rows that an action computes separately, and the queries of all such rows.
    case group, groupQueries
    /// Rows of which only keys and values are computed: their states, the normalized states, the
    /// product's output.
    case fill, fillNormed, fillWide
    /// Scratch memory of residual maps and exit rules.
    case mapWide, mapInner, mapOutput
    /// The states of rows at position 0 before a map.
    case firstRows
    /// Rows to read out, gathered.
    case gathered
    /// Logits, and the largest logit of each row.
    case logits, topTokens
    /// Pairs of row maps. Those of exited rows are kept for several steps.
    case pairs, exitedPairs
  }

  private let stream: any ComputeStream
  private var buffers: [(any DeviceBuffer)?]
  package private(set) var rows: Int
  private var pairs: [Int32] = []

  init(_ stream: any ComputeStream, rows: Int) {
    self.stream = stream
    self.rows = rows
    buffers = Array(repeating: nil, count: Use.allCases.count)
  }

  /// Makes room for passes of more rows.
  ///
  /// Contents are lost.
  func reserve(rows wanted: Int) {
    guard wanted > rows else { return }
    rows = Self.withSlack(wanted)
    for place in buffers.indices { buffers[place] = nil }
  }

  /// The buffer of a use, with room for `count` rows of `rowBytes` bytes; by default for all rows
  /// of a pass.
  package func buffer(_ use: Use, rowBytes: Int, rows count: Int? = nil) -> any DeviceBuffer {
    let bytes = (count ?? rows) * rowBytes
    if let known = buffers[use.rawValue], known.byteCount >= bytes { return known }
    let made = stream.makeScratch(byteCount: count == nil ? bytes : Self.withSlack(bytes))
    buffers[use.rawValue] = made
    return made
  }

  /// All buffers that exist, in the order of their uses.
  var all: [(any DeviceBuffer)?] { buffers }

  /// An eighth more, so that slowly growing row counts don't allocate each time.
  private static func withSlack(_ count: Int) -> Int { count + count / 8 }

  /// Swaps two buffers after rows were moved from one to the other.
  func swap(_ first: Use, _ second: Use) { buffers.swapAt(first.rawValue, second.rawValue) }

  /// Gives `body` pairs of rows in the layout that devices read.
  func withPairs(
    _ sources: [Int], _ targets: [Int]?, _ body: (UnsafeRawBufferPointer) -> Void
  ) {
    pairs.removeAll(keepingCapacity: true)
    for (place, source) in sources.enumerated() {
      pairs.append(Int32(source))
      pairs.append(Int32(targets?[place] ?? place))
    }
    pairs.withUnsafeBytes(body)
  }
}
