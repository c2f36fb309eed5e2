/// The scratch memory of a context's passes, made once for a number of rows.
///
/// Every buffer has a fixed address for as long as passes have no more rows. A buffer that a model or a
/// policy never uses is never made.
package final class PassArena {
  /// What a buffer holds.
  package enum Use: Int, CaseIterable {
    /// The residual stream, float32 [rows, hiddenSize]; it changes places with `spare`.
    case hidden, spare
    /// A step's input, for exit rules that compare it with the output.
    case stepInput
    /// A block's normalized input, compute type [rows, hiddenSize].
    case normed
    /// Fused queries, keys, values, or fused gate and up: the widest float32 rows of a block.
    case wide
    /// Queries of the rows that attend, if those are not all.
    case queries
    /// The attention's output or the gated activations, which the second product of each half reads.
    case inner
    /// The input of a block that is blended.
    case before
    /// The feed-forward half's input beside the attention's.
    case aside
    /// What a half adds to the residual stream; states on their way to a readout.
    case branch
    /// A mixture's choice, and the rows of one expert.
    case expertLogits, expertInput, expertOutput, expertScales
    /// Rows that an action computes apart from others, and the queries of all such rows.
    case group, groupQueries
    /// Rows whose keys and values alone are computed: states, those normalized, the product's output.
    case fill, fillNormed, fillWide
    /// What a residual map or an exit rule computes with.
    case mapWide, mapInner, mapOutput
    /// The state of rows at position 0 before a map.
    case firstRows
    /// Rows to read out, gathered.
    case gathered
    /// Logits, and the largest logit of each row.
    case logits, topTokens
    /// Pairs of row maps; those of rows that have exited last for several steps.
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

  /// Makes room for passes of more rows; contents are lost.
  func reserve(rows wanted: Int) {
    guard wanted > rows else { return }
    rows = wanted
    for place in buffers.indices { buffers[place] = nil }
  }

  /// The buffer of a use, with room for rows of so many bytes; for all rows of a pass unless told otherwise.
  package func buffer(_ use: Use, rowBytes: Int, rows count: Int? = nil) -> any DeviceBuffer {
    let bytes = (count ?? rows) * rowBytes
    if let known = buffers[use.rawValue], known.byteCount >= bytes { return known }
    // A little more, so that numbers of rows that rise slowly don't make a buffer each time.
    let made = stream.makeScratch(byteCount: count == nil ? bytes : bytes + bytes / 8)
    buffers[use.rawValue] = made
    return made
  }

  /// Two buffers change places, so that rows can move from one to the other.
  func swap(_ first: Use, _ second: Use) { buffers.swapAt(first.rawValue, second.rawValue) }

  /// Lends pairs of rows as a device reads them.
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
