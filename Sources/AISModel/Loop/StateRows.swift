/// Rows of hidden states that a residual map changes, in a pass or before a readout.
///
/// Shape: [count, width] float32 on the device.
public struct StateRows {
  /// Width of the residual stream.
  public let width: Int
  private let source: Source
  private let stream: any ComputeStream
  private let arena: PassArena
  private let activationBytes: Int

  /// Where the rows are.
  private enum Source {
    /// The rows that the pass's step computes. Running the block may leave fewer.
    case step(Pass)
    /// Rows that are about to be read out.
    case rows(any DeviceBuffer, count: Int, firstRows: [Int])
  }

  private init(
    _ source: Source, _ model: DecoderModel, _ stream: any ComputeStream, _ arena: PassArena
  ) {
    self.source = source
    self.stream = stream
    self.arena = arena
    width = model.config.hiddenSize
    activationBytes = model.backend.activationBytes
  }

  /// The rows that a pass's step computes.
  init(_ pass: Pass) { self.init(.step(pass), pass.model, pass.stream, pass.arena) }

  /// Rows outside a step; those at position 0 are `firstRows`.
  init(
    _ states: any DeviceBuffer, count: Int, firstRows: [Int], _ model: DecoderModel,
    _ stream: any ComputeStream, _ arena: PassArena
  ) {
    self.init(.rows(states, count: count, firstRows: firstRows), model, stream, arena)
  }

  private var states: any DeviceBuffer {
    switch source {
    case .step(let pass): pass.computed.hidden
    case .rows(let buffer, _, _): buffer
    }
  }

  /// Rows; fewer after the block has run, if only some of its output is needed.
  public var count: Int {
    switch source {
    case .step(let pass): pass.computed.count
    case .rows(_, let count, _): count
    }
  }

  /// Rows at position 0 of their sequence, ascending.
  public var firstRows: [Int] {
    switch source {
    case .step(let pass): pass.firstRows
    case .rows(_, _, let firstRows): firstRows
    }
  }

  /// A copy of the states.
  ///
  /// Waits for the device.
  ///
  /// Shape: [count, width].
  ///
  /// - Throws: an error of the device.
  public func numbers() throws -> [Float] {
    try stream.download(states, byteCount: count * width * 4).floats
  }

  /// Replaces the states.
  ///
  /// Shape: [count, width].
  public func set(_ numbers: [Float]) {
    precondition(numbers.count == count * width, "a number for each place")
    stream.upload(numbers, into: states)
  }

  /// h ← h + W·h + c, on the device.
  ///
  /// - Throws: an error of the device.
  public func add(_ map: LinearMap) throws {
    precondition(map.outputs == width && map.inputs == width, "a map of the residual stream")
    let (states, count) = (states, count)
    let normed = arena.buffer(.normed, rowBytes: width * activationBytes)
    stream.convert(states, count: count * width, into: normed)
    switch map.form {
    case .full(let matrix):
      try stream.multiply(normed, rows: count, by: matrix, into: states, accumulate: true)
    case .factors(let down, let up):
      let wide = arena.buffer(.mapWide, rowBytes: down.outputs * 4)
      let inner = arena.buffer(.mapInner, rowBytes: down.outputs * activationBytes)
      try stream.multiply(normed, rows: count, by: down, into: wide, accumulate: false)
      stream.convert(wide, count: count * down.outputs, into: inner)
      try stream.multiply(inner, rows: count, by: up, into: states, accumulate: true)
    }
  }

  /// Changes the rows by `change`, except rows at position 0, to which it adds `shift`.
  ///
  /// - Throws: what `change` throws.
  public func exceptFirst(adding shift: StateVector, _ change: () throws -> Void) throws {
    precondition(shift.width == width, "a vector of the residual stream")
    let firstRows = firstRows
    guard !firstRows.isEmpty else { return try change() }
    let before = arena.buffer(.firstRows, rowBytes: width * 4)
    let ones = arena.buffer(.expertScales, rowBytes: 4)
    let places = Array(firstRows.indices)
    stream.move(states, by: map(firstRows), rowBytes: width * 4, into: before)
    try change()
    stream.move(before, by: map(places, to: firstRows), rowBytes: width * 4, into: states)
    stream.upload([Float](repeating: 1, count: firstRows.count), into: ones)
    stream.add(
      shift.buffer, by: map(places.map { _ in 0 }, to: firstRows), scales: ones, width: width,
      to: states)
  }

  /// Runs halves of the step's block on the rows.
  ///
  /// `down`, if given, replaces the down-projection.
  ///
  /// - Throws: an error of the device.
  public func runBlock(_ parts: BlockParts = .both, down: LinearMap? = nil) throws {
    guard case .step(let pass) = source else {
      preconditionFailure("a block runs in a step of a pass")
    }
    let matrix = down.map { down in
      guard case .full(let matrix) = down.form,
        pass.model.downProjection(of: pass.step.layer) != nil
      else { preconditionFailure("one matrix, for a dense feed-forward network") }
      return matrix
    }
    try pass.runBlock(parts, down: matrix)
  }

  private func map(_ sources: [Int], to targets: [Int]? = nil) -> RowMap {
    RowMap.upload(sources, to: targets, arena, stream)
  }
}

/// A matrix on the device that a residual map multiplies by.
public struct LinearMap: Sendable {
  enum Form: Sendable {
    case full(WeightMatrix)
    case factors(down: WeightMatrix, up: WeightMatrix)
  }

  let form: Form

  /// W and c of x ← W·x + c.
  ///
  /// Shape: weights [outputs, inputs], bias [outputs].
  ///
  /// - Throws: `EngineError`.
  public init(
    _ weights: [Float], outputs: Int, inputs: Int, bias: [Float]? = nil, for model: DecoderModel
  ) throws {
    form = .full(
      try model.backend.pack(
        WeightSource(weights, outputs: outputs, inputs: inputs, bias: bias)))
  }

  /// W = up·down of low rank, and c.
  ///
  /// Shape: up [width, rank], down [rank, width], bias [width].
  ///
  /// - Throws: `EngineError`.
  public init(
    up: [Float], down: [Float], rank: Int, width: Int, bias: [Float], for model: DecoderModel
  ) throws {
    form = .factors(
      down: try model.backend.pack(WeightSource(down, outputs: rank, inputs: width)),
      up: try model.backend.pack(WeightSource(up, outputs: width, inputs: rank, bias: bias)))
  }

  /// Numbers that it gives for each row.
  public var outputs: Int {
    switch form {
    case .full(let matrix): matrix.outputs
    case .factors(_, let up): up.outputs
    }
  }

  /// Numbers that it reads of each row.
  public var inputs: Int {
    switch form {
    case .full(let matrix): matrix.inputs
    case .factors(let down, _): down.inputs
    }
  }
}

/// A vector of the residual stream's width on the device.
public struct StateVector: Sendable {
  let buffer: any DeviceBuffer
  /// Numbers in it.
  public let width: Int

  /// A vector.
  ///
  /// Shape: [width].
  public init(_ values: [Float], for model: DecoderModel) {
    width = values.count
    buffer = model.backend.makeBuffer(values)
  }
}

extension RowMap {
  /// Uploads pairs of source and target rows to the arena's buffer.
  ///
  /// Without targets, the i-th source goes to row i.
  static func upload(
    _ sources: [Int], to targets: [Int]? = nil, _ arena: PassArena, _ stream: any ComputeStream,
    use: PassArena.Use = .pairs
  ) -> RowMap {
    let buffer = arena.buffer(
      use, rowBytes: pairBytes, rows: max(sources.count, arena.rows))
    arena.withPairs(sources, targets) { stream.upload($0, into: buffer) }
    return RowMap(count: sources.count, pairs: buffer)
  }
}
