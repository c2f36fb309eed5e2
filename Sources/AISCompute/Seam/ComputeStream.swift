/// The operations of a forward pass, in order, on a device's memory.
///
/// Operations may be computed later, but as if in order. `download` alone waits. Not thread-safe.
///
/// Shapes are row-major. `rows` counts tokens. Hidden states are float32; activations that feed a product
/// are in the backend's compute type.
package protocol ComputeStream: AnyObject {
  // MARK: Bytes

  /// Memory with undefined contents that one pass of this stream leaves to the next in any state.
  func makeScratch(byteCount: Int) -> any DeviceBuffer

  /// Copies the host's bytes into a buffer's beginning; they may change once this returns.
  func upload(_ bytes: UnsafeRawBufferPointer, into buffer: any DeviceBuffer)

  /// Waits until everything asked so far has been computed, and lends the buffer's first bytes.
  ///
  /// - Throws: the first error of an operation that was computed late. What later operations of the stream
  ///   wrote, caches included, is then undefined.
  func download(_ buffer: any DeviceBuffer, byteCount: Int) throws -> HostBytes

  /// Makes these the table's rows.
  func upload(_ rows: [RowState], into table: any RowTable)

  // MARK: Rows

  /// out[target] = x[source] for each pair of the map, rows of `rowBytes` bytes. `out` is not `x`.
  func move(
    _ x: any DeviceBuffer, by map: RowMap, rowBytes: Int, into out: any DeviceBuffer)

  /// Makes rows of one table the rows of another: out[i] = table[source of pair i]. `out` is not `table`.
  func move(_ table: any RowTable, by map: RowMap, into out: any RowTable)

  /// The map's source rows of the table exit: `step` is the first that they do not run.
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

  /// Normalizes (if the shape says so) and rotates queries in place and keys into a slot of the cache;
  /// copies values into the slot. Rows that have exited are left alone.
  ///
  /// qkv [rows, (queryHeads + 2·kvHeads)·headDim].
  func rotateAndStore(
    _ qkv: any DeviceBuffer, _ shape: AttentionShape, rows: any RowTable, angles: RotaryAngles?,
    into cache: any DeviceCache, slot: Int)

  /// Puts zeros into a slot of the cache as the rows' keys and values.
  func clear(rows: any RowTable, of cache: any DeviceCache, slot: Int)

  /// Causal attention of rows that have not exited over a slot of the cache.
  ///
  /// out [rows, queryHeads·headDim], in the compute type.
  func attend(
    _ qkv: any DeviceBuffer, _ shape: AttentionShape, rows: any RowTable,
    over cache: any DeviceCache, slot: Int, holes: CacheHoles?, into out: any DeviceBuffer)

  /// Gives each sequence of a cache the first positions of a sequence of another: `counts[i]` of them in
  /// slot i of `slots`.
  func copyPositions(
    of source: any DeviceCache, sequence: Int, slots: Range<Int>, counts: [Int],
    into cache: any DeviceCache)

  /// out[r] = the index of the largest number of row r, the first of equals; −1 if it is not finite.
  ///
  /// x [rows, width], out [rows] Int32.
  func argmax(_ x: any DeviceBuffer, rows: Int, width: Int, into out: any DeviceBuffer)
}

extension ComputeStream {
  /// Copies numbers into a buffer's beginning.
  package func upload(_ values: [Float], into buffer: any DeviceBuffer) {
    values.withUnsafeBytes { upload($0, into: buffer) }
  }

  /// Copies whole numbers into a buffer's beginning.
  package func upload(_ values: [Int32], into buffer: any DeviceBuffer) {
    values.withUnsafeBytes { upload($0, into: buffer) }
  }

  /// Copies numbers into a buffer's beginning.
  package func upload(_ values: ArraySlice<Float>, into buffer: any DeviceBuffer) {
    values.withUnsafeBytes { upload($0, into: buffer) }
  }
}
