/// The operations of a forward pass, in order, on a device's memory.
///
/// Operations may be computed later, but as if in order. Only `download` waits. Not thread-safe.
///
/// Shapes are row-major. `rows` counts tokens. Hidden states are float32; activations that feed a product
/// are in the backend's compute type.
package protocol ComputeStream: AnyObject {
  // MARK: Bytes

  /// Scratch memory for this stream, with undefined contents at the beginning of each pass.
  func makeScratch(byteCount: Int) -> any DeviceBuffer

  /// Copies the host's bytes to the beginning of a buffer. The host may change them once this
  /// returns.
  func upload(_ bytes: UnsafeRawBufferPointer, into buffer: any DeviceBuffer)

  /// Waits for all earlier operations and returns the buffer's first bytes.
  ///
  /// - Throws: the first error of an operation that was computed late. What the stream wrote after it,
  ///   caches included, is then undefined.
  func download(_ buffer: any DeviceBuffer, byteCount: Int) throws -> HostBytes

  /// Replaces the table's rows.
  func upload(_ rows: [RowState], into table: any RowTable)

  // MARK: Rows

  /// out[target] = x[source] for each pair of the map, rows of `rowBytes` bytes. `out` is not `x`.
  func move(
    _ x: any DeviceBuffer, by map: RowMap, rowBytes: Int, into out: any DeviceBuffer)

  /// Replaces the rows of `out`: out[i] = table[source of pair i]. `out` is not `table`.
  func move(_ table: any RowTable, by map: RowMap, into out: any RowTable)

  /// Marks the map's source rows of the table as exited; `step` is the first that they do not run.
  func exit(_ table: any RowTable, rows map: RowMap, at step: Int)

  /// out[target] = value for each pair of the map.
  func fill(_ out: any DeviceBuffer, by map: RowMap, with value: Int32)

  /// out[target] += scales[i] · x[source] for pair i of the map, rows of `width` numbers.
  func add(
    _ x: any DeviceBuffer, by map: RowMap, scales: any DeviceBuffer, width: Int,
    to out: any DeviceBuffer)

  // MARK: Elements

  /// out[r] = scale · vectors[token of row r]. out [rows, vectors.width].
  func embed(
    _ vectors: any EmbeddingTable, rows: any RowTable, scale: Float, into out: any DeviceBuffer)

  /// out[r] += vectors[position of row r + offset]. out [rows, vectors.width].
  func addPositions(
    _ vectors: any EmbeddingTable, rows: any RowTable, offset: Int, to out: any DeviceBuffer)

  /// out[r] = norm(x[r]). x [rows, norm.width]; out may be x for a float32 output.
  func normalize(
    _ x: any DeviceBuffer, rows: Int, by norm: NormWeights, into out: any DeviceBuffer,
    as type: OutputType)

  /// out = x in the compute type.
  func convert(_ x: any DeviceBuffer, count: Int, into out: any DeviceBuffer)

  /// out = f(x), or f(gate)·up, in the compute type. x [rows, width], or [rows, 2·width] with the
  /// gate before the up.
  func activate(
    _ x: any DeviceBuffer, rows: Int, width: Int, _ activation: Activation, isGated: Bool,
    into out: any DeviceBuffer)

  /// out += x, element by element.
  func add(_ x: any DeviceBuffer, to out: any DeviceBuffer, count: Int)

  /// out[r] += x[r] for the rows of the table that have not exited. x, out [rows, width].
  func add(
    _ x: any DeviceBuffer, to out: any DeviceBuffer, width: Int, activeRowsOf table: any RowTable)

  /// x = 0.
  func clear(_ x: any DeviceBuffer, count: Int)

  /// x = cap · tanh(x / cap), element by element.
  func softCap(_ x: any DeviceBuffer, cap: Float, count: Int)

  /// x = alpha · x + (1 − alpha) · before, element by element.
  func blend(_ x: any DeviceBuffer, with before: any DeviceBuffer, alpha: Float, count: Int)

  // MARK: Products and attention

  /// out = x·Wᵀ + bias, or out += x·Wᵀ + bias. x [rows, inputs] compute type, out [rows, outputs].
  func multiply(
    _ x: any DeviceBuffer, rows: Int, by weights: WeightMatrix, into out: any DeviceBuffer,
    accumulate: Bool) throws

  /// A product with what comes before and after it, so that a device can compute them together.
  func multiply(
    _ input: ProductInput, rows: Int, by weights: WeightMatrix, _ output: ProductOutput
  ) throws

  /// Normalizes (if the shape has norms) and rotates queries and keys. Queries are changed in
  /// place, at the latest by the next `attend`, which alone may read them. Keys and values are
  /// written to a slot of the cache; `exited` says what is written for rows that have exited.
  ///
  /// qkv [rows, (queryHeads + 2·kvHeads)·headDim].
  func rotateAndStore(
    _ qkv: any DeviceBuffer, _ shape: AttentionShape, rows: any RowTable, angles: RotaryAngles?,
    into cache: any DeviceCache, slot: Int, exited: ExitedEntries)

  /// Writes zeros to a slot of the cache as keys and values of the rows that have not exited.
  func clear(rows: any RowTable, of cache: any DeviceCache, slot: Int)

  /// Causal attention of the rows that have not exited, over a slot of the cache.
  ///
  /// out [rows, queryHeads·headDim], in the compute type.
  func attend(
    _ qkv: any DeviceBuffer, _ shape: AttentionShape, rows: any RowTable,
    over cache: any DeviceCache, slot: Int, holes: CacheHoles?, into out: any DeviceBuffer)

  /// Copies the first positions of a sequence of `source` to each sequence of another cache:
  /// `counts[i]` positions in slot i of `slots`.
  func copyPositions(
    of source: any DeviceCache, sequence: Int, slots: Range<Int>, counts: [Int],
    into cache: any DeviceCache)

  /// out[r] = the index of the largest number of row r, of equals the first; −1 if that number is
  /// not finite.
  ///
  /// x [rows, width], out [rows] Int32.
  func argmax(_ x: any DeviceBuffer, rows: Int, width: Int, into out: any DeviceBuffer)
}

/// What a slot of the cache gets for rows that have exited.
package enum ExitedEntries: Sendable {
  /// Nothing: the slot stays as it is.
  case nothing
  /// The rows' own keys and values.
  case own
  case zeros
}

extension ComputeStream {
  /// Stores keys and values of the rows that have not exited.
  package func rotateAndStore(
    _ qkv: any DeviceBuffer, _ shape: AttentionShape, rows: any RowTable, angles: RotaryAngles?,
    into cache: any DeviceCache, slot: Int
  ) {
    rotateAndStore(
      qkv, shape, rows: rows, angles: angles, into: cache, slot: slot, exited: .nothing)
  }

  /// Copies numbers to the beginning of a buffer.
  package func upload(_ values: [Float], into buffer: any DeviceBuffer) {
    values.withUnsafeBytes { upload($0, into: buffer) }
  }

  /// Copies integers to the beginning of a buffer.
  package func upload(_ values: [Int32], into buffer: any DeviceBuffer) {
    values.withUnsafeBytes { upload($0, into: buffer) }
  }

  /// Copies numbers to the beginning of a buffer.
  package func upload(_ values: ArraySlice<Float>, into buffer: any DeviceBuffer) {
    values.withUnsafeBytes { upload($0, into: buffer) }
  }
}
