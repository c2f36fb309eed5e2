import CAISKernels

/// What one line of computation owns: a KV cache and the memory that its passes reuse.
///
/// Passes in different contexts may run at the same time on one model. After the first pass of a
/// size, further passes allocate nothing of the model's size.
public struct DecoderContext: ~Copyable {
  /// Keys and values of the positions computed so far.
  public internal(set) var cache: KVCache
  let workspace: Workspace
  /// The model whose shape the buffers have.
  let model: ObjectIdentifier
  /// The pass in progress, or the last one finished.
  var pass: Pass?
  private var passCount = 0

  init(cache: consuming KVCache, workspace: Workspace, model: ObjectIdentifier) {
    self.cache = cache
    self.workspace = workspace
    self.model = model
  }

  /// Says how many positions each sequence will come to, before its first; otherwise that is taken to
  /// be what the context was made for.
  ///
  /// LongRoPE alone depends on it: with it a sequence turns the same whatever stands beside it. A
  /// prefix is adopted as it was computed, so both contexts should expect lengths on the same side of
  /// the original context.
  public mutating func expect(lengths: [Int]) { cache.expect(lengths) }

  /// Forgets every position, and a pass that is open; the memory stays.
  public mutating func removeAll() {
    cache.removeAll()
    pass = nil
  }

  /// Forgets what lies behind the first positions of each sequence.
  public mutating func truncate(to positions: Int) {
    precondition(pass?.isFinished != false, "no pass is open")
    cache.truncate(to: positions)
    pass = nil
  }

  /// Makes room for other numbers of sequences and positions, forgetting those held; memory that
  /// suffices is kept.
  ///
  /// - Throws: `ModelError` where the cache would not fit into the machine's memory.
  mutating func reshape(sequences: Int, capacity: Int, config: ModelConfig) throws {
    pass = nil
    try cache.reshape(config: config, sequences: sequences, capacity: capacity)
  }

  mutating func open(_ batch: PackedTokens) {
    passCount += 1
    pass = Pass(number: passCount, batch: batch)
  }

  /// Rows of logits that the last pass computed.
  public var logitRows: Int { workspace.logitRows }

  /// Lends a row of the last pass's logits.
  ///
  /// Shape: [vocabularySize].
  public func withLogits<Result>(
    row: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    precondition(row >= 0 && row < logitRows, "row \(row) of \(logitRows) rows of logits")
    let width = workspace.config.vocabularySize
    return try body(
      UnsafeBufferPointer(start: workspace.logits.floats + row * width, count: width))
  }

  /// Lends all of the last pass's logits.
  ///
  /// Shape: [logitRows, vocabularySize].
  public func withAllLogits<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    let count = logitRows * workspace.config.vocabularySize
    return try body(UnsafeBufferPointer(start: workspace.logits.floats, count: count))
  }

  /// A copy of a row of the last pass's logits.
  ///
  /// Shape: [vocabularySize].
  public func logits(row: Int) -> [Float] { withLogits(row: row) { Array($0) } }
}

/// Buffers of a pass, grown to the largest batch met.
final class Workspace {
  let config: ModelConfig
  let stream: any ComputeStream
  /// Bytes of an activation that products read.
  let elementBytes: Int
  private var hiddenStorage = ReusableBuffer()
  private var normedStorage = ReusableBuffer()
  private var wideStorage = ReusableBuffer()
  private var innerStorage = ReusableBuffer()
  private var beforeStorage = ReusableBuffer()
  private var rotations: [Rotation]
  private var asideStorage = ReusableBuffer()
  private var branchStorage = ReusableBuffer()
  private var routerStorage = ReusableBuffer()
  private var expertInputStorage = ReusableBuffer()
  private var expertOutputStorage = ReusableBuffer()
  private var gatheredStorage = ReusableBuffer()
  private var keptHiddenStorage = ReusableBuffer()
  private var keptInnerStorage = ReusableBuffer()
  private var logitStorage = ReusableBuffer()
  private var otherHiddenStorage = ReusableBuffer()
  private var fillStorage = ReusableBuffer()
  private var fillNormedStorage = ReusableBuffer()
  private var fillWideStorage = ReusableBuffer()
  private var scoreStorage = ReusableBuffer()
  private var scoreWideStorage = ReusableBuffer()
  private var scoreInnerStorage = ReusableBuffer()

  /// Which rows of the batch the buffers hold.
  private(set) var passRows = PassRows()
  private(set) var rows = 0
  private(set) var hidden: DeviceBuffer
  /// A block's normalized input, [rows, hiddenSize], compute type.
  private(set) var normed: DeviceBuffer
  /// Fused queries, keys, values, or fused gate and up: the widest float32 rows of a block.
  private(set) var wide: DeviceBuffer
  /// The attention's output or the gated activations: what the second product of each half reads.
  private(set) var inner: DeviceBuffer
  private(set) var logits: DeviceBuffer
  var logitRows = 0
  /// The batch's rows that get logits.
  private(set) var wantedRows: [Int] = []
  /// The rows to compute and their cache addresses; made anew by every layer.
  private(set) var spans: [ais_span] = []
  private var keptRows: [Int] = []
  private var keptSpans: [ais_span] = []

  init(config: ModelConfig, stream: any ComputeStream, inputBytes: Int) {
    self.config = config
    self.stream = stream
    elementBytes = inputBytes
    rotations = config.rotaries.map { Rotation($0) }
    let empty = DeviceBuffer(byteCount: 0)
    hidden = empty
    normed = empty
    wide = empty
    inner = empty
    logits = empty
  }

  /// Makes room for a batch, all of whose rows are there.
  func prepare(_ batch: PackedTokens, _ cache: borrowing KVCache) {
    prepare(rows: batch.rows)
    passRows.open(batch, lengths: cache.lengths)
  }

  /// Rows of sequences that follow each other, their cache in a layer and the angles by which the
  /// layer turns them, if it does.
  func spans(
    _ runs: [PassRows.Run], layer: Int, rotary: Int?, _ cache: borrowing KVCache
  ) -> [ais_span] {
    var spans: [ais_span] = []
    append(runs, layer: layer, rotary: rotary, cache, to: &spans)
    return spans
  }

  private func append(
    _ runs: [PassRows.Run], layer: Int, rotary: Int?, _ cache: borrowing KVCache,
    to spans: inout [ais_span]
  ) {
    func angles(
      _ run: PassRows.Run, _ rotary: Int
    ) -> (cosines: DeviceBuffer, sines: DeviceBuffer) {
      rotations[rotary].angles(
        positions: run.position + run.count, length: cache.expectedLengths[run.sequence])
    }
    // Angles move when there come to be more: those of all runs are there before a span points to any.
    if let rotary { for run in runs { _ = angles(run, rotary) } }
    for run in runs {
      var span = cache.span(
        layer: layer, sequence: run.sequence, row: run.firstRow, position: run.position,
        count: run.count)
      if let rotary {
        let angles = angles(run, rotary)
        (span.cosines, span.sines) = (
          UnsafePointer(angles.cosines.floats), UnsafePointer(angles.sines.floats)
        )
      }
      spans.append(span)
    }
  }

  /// Points the rows that have not left to a layer's cache.
  func pointSpans(layer: Int, rotary: Int?, _ cache: borrowing KVCache) {
    spans.removeAll(keepingCapacity: true)
    append(passRows.runs, layer: layer, rotary: rotary, cache, to: &spans)
  }

  /// Marks rows of the buffer as left; they stay in it and are computed for nothing.
  func leave(_ rows: [Int]) { passRows.leave(rows) }

  /// Takes the rows that have left out of the buffer.
  func compact() {
    let staying = passRows.compact()
    let target = otherHiddenStorage.holding(byteCount: staying.count * config.hiddenSize * 4)
    stream.gather(hidden, rows: staying, rowBytes: config.hiddenSize * 4, into: target)
    swap(&hiddenStorage, &otherHiddenStorage)
    hidden = target
    rows = staying.count
  }

  /// The rows of the buffer that get logits and have not left, ascending.
  ///
  /// `nil` where all that have not left get logits. Behind the last layer nobody reads the others.
  func rowsToKeep() -> [Int]? {
    keptRows.removeAll(keepingCapacity: true)
    var next = 0
    for (row, batchRow) in passRows.batchRows.enumerated() where !passRows.hasLeft[row] {
      while next < wantedRows.count, wantedRows[next] < batchRow { next += 1 }
      if next < wantedRows.count, wantedRows[next] == batchRow { keptRows.append(row) }
    }
    return keptRows.count == passRows.activeCount ? nil : keptRows
  }

  /// The spans of some rows of the buffer, ascending, each for itself.
  func spans(of rows: [Int]) -> [ais_span] {
    keptSpans.removeAll(keepingCapacity: true)
    var next = 0
    for span in spans {
      while next < rows.count, rows[next] < span.row_start + span.row_count {
        var one = span
        one.row_start = rows[next]
        one.position += rows[next] - span.row_start
        one.row_count = 1
        keptSpans.append(one)
        next += 1
      }
    }
    return keptSpans
  }

  /// Takes all but some rows out of the residual stream and of the attention's output.
  func keep(_ rows: [Int]) {
    let keptHidden = keptHiddenStorage.holding(byteCount: rows.count * config.hiddenSize * 4)
    stream.gather(hidden, rows: rows, rowBytes: config.hiddenSize * 4, into: keptHidden)
    let keptInner = keptInnerStorage.holding(byteCount: innerBytes(rows: rows.count))
    stream.gather(
      inner, rows: rows, rowBytes: config.attentionWidth * elementBytes, into: keptInner)
    (hidden, inner) = (keptHidden, keptInner)
    passRows.keep(rows)
    self.rows = rows.count
  }

  /// True where the buffer holds these rows of the batch and no others, none of which has left.
  func holdsExactly(_ batchRows: [Int]) -> Bool {
    passRows.leftCount == 0 && passRows.batchRows == batchRows
  }

  /// Makes room for rows that need no positions.
  func prepare(rows: Int) {
    self.rows = rows
    hidden = hiddenStorage.holding(byteCount: rows * config.hiddenSize * 4)
    normed = normedStorage.holding(byteCount: rows * config.hiddenSize * elementBytes)
    wide = wideStorage.holding(
      byteCount: rows
        * max(config.qkvWidth, config.feedForwardInputWidth, config.embeddingWidth) * 4)
    inner = innerStorage.holding(byteCount: innerBytes(rows: rows))
  }

  private func innerBytes(rows: Int) -> Int {
    rows * max(config.attentionWidth, config.intermediateSize, config.embeddingWidth)
      * elementBytes
  }

  /// Room for rows whose keys and values alone are computed: their states, those normalized, and the
  /// product's output.
  func fill(rows: Int) -> (states: DeviceBuffer, normed: DeviceBuffer, wide: DeviceBuffer) {
    (
      fillStorage.holding(byteCount: rows * config.hiddenSize * 4),
      fillNormedStorage.holding(byteCount: rows * config.hiddenSize * elementBytes),
      fillWideStorage.holding(byteCount: rows * config.qkvWidth * 4)
    )
  }

  /// Room for a router's hidden layer, before and behind its activation, and for its scores.
  func scores(
    rows: Int, bottleneck: Int
  ) -> (wide: DeviceBuffer, inner: DeviceBuffer, scores: DeviceBuffer) {
    (
      scoreWideStorage.holding(byteCount: rows * bottleneck * 4),
      scoreInnerStorage.holding(byteCount: rows * bottleneck * elementBytes),
      scoreStorage.holding(byteCount: rows * 4)
    )
  }

  /// Room for the feed-forward half's input beside the attention's.
  func aside(rows: Int) -> DeviceBuffer {
    asideStorage.holding(byteCount: rows * config.hiddenSize * elementBytes)
  }

  /// Room for what a half adds to the residual stream.
  func branch(rows: Int) -> DeviceBuffer {
    branchStorage.holding(byteCount: rows * config.hiddenSize * 4)
  }

  /// Room for a mixture's router and for the rows of one expert.
  func mixture(
    rows: Int, experts: Int
  ) -> (logits: DeviceBuffer, input: DeviceBuffer, output: DeviceBuffer) {
    (
      routerStorage.holding(byteCount: rows * experts * 4),
      expertInputStorage.holding(byteCount: rows * config.hiddenSize * elementBytes),
      expertOutputStorage.holding(byteCount: rows * config.hiddenSize * 4)
    )
  }

  /// Room for a copy of rows of the residual stream.
  func before(rows: Int) -> DeviceBuffer {
    beforeStorage.holding(byteCount: rows * config.hiddenSize * 4)
  }

  /// A copy of some rows of the residual stream; `nil`: of all.
  func copyOfHidden(rows chosen: [Int]?) -> DeviceBuffer {
    let copy = before(rows: chosen?.count ?? rows)
    if let chosen {
      stream.gather(hidden, rows: chosen, rowBytes: config.hiddenSize * 4, into: copy)
    } else {
      stream.copy(hidden, count: rows * config.hiddenSize, into: copy)
    }
    return copy
  }

  /// Notes which rows of a batch get logits.
  func chooseLogitRows(_ wanted: LogitRows, _ batch: PackedTokens) {
    wantedRows.removeAll(keepingCapacity: true)
    switch wanted {
    case .none: break
    case .all: wantedRows.append(contentsOf: 0..<batch.rows)
    case .lastOfEach:
      for sequence in 0..<batch.sequenceCount
      where batch.starts[sequence + 1] > batch.starts[sequence] {
        wantedRows.append(batch.starts[sequence + 1] - 1)
      }
    }
  }

  /// Room for the rows that need logits, and for their logits.
  func prepareLogits(rows: Int) -> DeviceBuffer {
    logitRows = rows
    logits = logitStorage.holding(byteCount: rows * config.vocabularySize * 4)
    return gatheredStorage.holding(byteCount: rows * config.hiddenSize * 4)
  }
}
