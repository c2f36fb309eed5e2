/// What policies, exit rules and observers read of a pass.
extension Pass {
  /// Layers of the model.
  public var layerCount: Int { model.config.layerCount }

  /// Steps of the pass.
  public var stepCount: Int { steps.count }

  /// Computed rows: all rows of the batch until rows exit.
  public var rowCount: Int { rows.count }

  /// True for a row that has exited and is still computed.
  public func hasExited(_ row: Int) -> Bool { rows.hasExited[row] }

  /// The sequence and the position of a computed row.
  public func place(of row: Int) -> (sequence: Int, position: Int) {
    rows.place(ofBatchRow: rows.batchRows[row])
  }

  /// The last computed row of each sequence that has computed rows, in the order of sequences.
  public var lastRows: [(sequence: Int, row: Int)] {
    var last: [(sequence: Int, row: Int)] = []
    for row in 0..<rowCount {
      let sequence = place(of: row).sequence
      if last.last?.sequence == sequence { last.removeLast() }
      last.append((sequence, row))
    }
    return last
  }

  /// The hidden states of the computed rows: the next step's input.
  ///
  /// Waits for the device.
  ///
  /// Shape: [rowCount, hiddenSize].
  ///
  /// - Throws: an error of the device.
  public func states() throws -> [Float] {
    try stream.download(hidden, byteCount: rowCount * stateBytes).floats
  }

  /// The hidden states of some computed rows, in the given order.
  ///
  /// Shape: [rows asked, hiddenSize].
  ///
  /// - Throws: an error of the device.
  public func states(rows chosen: [Int]) throws -> [Float] {
    let gathered = arena.buffer(.gathered, rowBytes: stateBytes)
    stream.move(hidden, by: map(chosen), rowBytes: stateBytes, into: gathered)
    return try stream.download(gathered, byteCount: chosen.count * stateBytes).floats
  }

  /// The last step's input, kept if the exit rule's `readsInputStates` is true.
  ///
  /// Shape: [rowCount, hiddenSize].
  ///
  /// - Throws: an error of the device.
  public func inputStates() throws -> [Float] {
    try stream.download(stepInput, byteCount: rowCount * stateBytes).floats
  }

  /// Gives `body` the logits that the computed rows would get if every later step were skipped.
  ///
  /// Shape: [rowCount, vocabularySize].
  ///
  /// - Throws: an error of the device, and what `body` throws.
  public func withReadout<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) throws -> Result {
    let rowBytes = model.config.vocabularySize * 4
    let logits = arena.buffer(.logits, rowBytes: rowBytes, rows: rowCount)
    try model.readout.readOut(hidden, rows: rowCount, into: logits, arena, stream)
    return try stream.download(logits, byteCount: rowCount * rowBytes).withFloats(body)
  }
}
