/// Computes logits of hidden states on the host: through residual maps, the final norm and the LM
/// head.
///
/// Not thread-safe: it owns a stream and scratch memory. It computes a limited number of rows at a
/// time, to keep memory small.
package final class StateReader {
  /// Rows of one readout: enough to make it bound by arithmetic instead of memory.
  private static let packedRows = 256

  private let model: DecoderModel
  private let stream: any ComputeStream
  private let arena: PassArena
  private var width: Int { model.config.hiddenSize }

  package init(_ model: DecoderModel) {
    self.model = model
    stream = model.backend.makeStream()
    arena = PassArena(stream, rows: Self.packedRows)
  }

  private var states: any DeviceBuffer { arena.buffer(.hidden, rowBytes: width * 4) }

  /// The logits of states.
  ///
  /// Shape: states [rows, hiddenSize], result [rows, vocabularySize].
  ///
  /// - Throws: an error of the device.
  package func logits(of states: [Float]) throws -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(states.count / width * model.config.vocabularySize)
    try forEachPart(of: states) { part in
      try readOut(part.count) { logits, bytes in
        try stream.download(logits, byteCount: bytes).withFloats { result += $0 }
      }
    }
    return result
  }

  /// The top token of some rows; −1 if its logit is not finite.
  ///
  /// Shape: states [any, hiddenSize]; a token for each of `rows`.
  ///
  /// - Throws: an error of the device.
  package func topTokens(of states: [Float], rows: [Int]) throws -> [Int32] {
    var tokens: [Int32] = []
    tokens.reserveCapacity(rows.count)
    var gathered: [Float] = []
    try forEachPart(ofRows: rows.count) { part in
      gathered.removeAll(keepingCapacity: true)
      for row in rows[part] { gathered += states[row * width..<(row + 1) * width] }
      upload(gathered[...])
      try readOut(part.count) { logits, _ in
        let top = arena.buffer(.topTokens, rowBytes: 4)
        stream.argmax(logits, rows: part.count, width: model.config.vocabularySize, into: top)
        tokens += try stream.download(top, byteCount: part.count * 4).integers
      }
    }
    return tokens
  }

  /// States after the model's final norm, in float32; unchanged if the model has none.
  ///
  /// Shape: [rows, hiddenSize] each.
  ///
  /// - Throws: an error of the device.
  package func normed(_ states: [Float]) throws -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(states.count)
    try forEachPart(of: states) { part in
      let normed = arena.buffer(.branch, rowBytes: width * 4)
      model.readout.normalize(self.states, rows: part.count, into: normed, as: .float32, stream)
      try stream.download(normed, byteCount: part.count * width * 4).withFloats { result += $0 }
    }
    return result
  }

  /// States after a residual map.
  ///
  /// - Parameters:
  ///   - states: the states. Shape: [rows, hiddenSize].
  ///   - map: the map; `nil` changes nothing.
  ///   - firstRows: rows at position 0 of a sequence, ascending.
  /// - Returns: the states. Shape: [rows, hiddenSize].
  /// - Throws: `RequestError` if the numbers are not whole rows; an error of the device or of the map.
  package func states(
    _ states: [Float], through map: (any ResidualMap)?, firstRows: [Int]
  ) throws -> [Float] {
    guard states.count.isMultiple(of: width) else {
      throw RequestError(
        "hidden states", expected: "rows of \(width) numbers", found: "\(states.count)")
    }
    guard let map else { return states }
    var result: [Float] = []
    result.reserveCapacity(states.count)
    try forEachPart(of: states) { part in
      let first = firstRows.filter { part.contains($0) }.map { $0 - part.lowerBound }
      try map.apply(
        to: StateRows(self.states, count: part.count, firstRows: first, model, stream, arena))
      try stream.download(self.states, byteCount: part.count * width * 4).withFloats {
        result += $0
      }
    }
    return result
  }

  /// Uploads states part by part, and calls `body` with the rows of each part.
  private func forEachPart(of states: [Float], _ body: (Range<Int>) throws -> Void) rethrows {
    try forEachPart(ofRows: states.count / width) { part in
      upload(states[part.lowerBound * width..<part.upperBound * width])
      try body(part)
    }
  }

  private func forEachPart(ofRows rows: Int, _ body: (Range<Int>) throws -> Void) rethrows {
    for first in stride(from: 0, to: rows, by: Self.packedRows) {
      try body(first..<min(first + Self.packedRows, rows))
    }
  }

  private func upload(_ numbers: ArraySlice<Float>) { stream.upload(numbers, into: states) }

  private func readOut(
    _ rows: Int, _ body: (_ logits: any DeviceBuffer, _ byteCount: Int) throws -> Void
  ) throws {
    let rowBytes = model.config.vocabularySize * 4
    let logits = arena.buffer(.logits, rowBytes: rowBytes, rows: rows)
    try model.readout.readOut(states, rows: rows, into: logits, arena, stream)
    try body(logits, rows * rowBytes)
  }
}

extension DecoderModel {
  /// The logits that hidden states would give if every later layer were skipped: the model's final
  /// norm and LM head (nostalgebraist's logit lens, 2020).
  ///
  /// - Parameters:
  ///   - hidden: the states. Shape: [rows, hiddenSize].
  ///   - map: applied first, for example an exit bridge.
  ///   - firstRows: rows at the first position of a sequence.
  /// - Returns: the logits. Shape: [rows, vocabularySize].
  /// - Throws: `RequestError` if the number count is not a multiple of hiddenSize; `EngineError`.
  public func logits(
    ofHiddenStates hidden: [Float], through map: (any ResidualMap)? = nil, firstRows: [Int] = []
  ) throws -> [Float] {
    let reader = StateReader(self)
    return try reader.logits(of: reader.states(hidden, through: map, firstRows: firstRows))
  }

  /// The most probable token of each hidden state if every later layer were skipped; −1 if its logit is
  /// not finite.
  ///
  /// Arguments and errors are those of `logits(ofHiddenStates:through:firstRows:)`.
  ///
  /// Shape: result [rows].
  public func topTokens(
    ofHiddenStates hidden: [Float], through map: (any ResidualMap)? = nil, firstRows: [Int] = []
  ) throws -> [Int32] {
    let reader = StateReader(self)
    let states = try reader.states(hidden, through: map, firstRows: firstRows)
    return try reader.topTokens(of: states, rows: Array(0..<states.count / config.hiddenSize))
  }
}
