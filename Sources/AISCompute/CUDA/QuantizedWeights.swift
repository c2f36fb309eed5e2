import AISCheckpoint
import CAISCUDA

/// Rows of weights in few bits.
///
/// Products read them as numbers of the type of activations.
struct QuantizedWeights: Sendable {
  /// Inputs that kernels read at a time; rows are filled up to a multiple of them.
  static let stepInputs = 64

  let outputs: Int
  private let memory: CUDABuffer
  /// The scale of each row, if its numbers share one.
  private let scales: CUDABuffer?
  private let format: Int32
  private let rowBytes: Int
  /// Blocks of a row.
  private let blockCount: Int

  /// Bytes of weights and scales.
  var byteCount: Int { memory.byteCount + (scales?.byteCount ?? 0) }

  /// Uploads rows in the blocks that a checkpoint stores.
  ///
  /// - Throws: `EngineError`.
  init(_ device: CUDADevice, _ rows: WeightRows, _ format: BlockFormat) throws {
    let (inputs, tensor, stored) = (rows.inputs, rows.tensor, rows.outputs)
    let count = format.blockCount(inputs)
    let rowBytes = Self.aligned(count * format.type.blockBytes)
    let memory = CUDABuffer(device, byteCount: stored.count * rowBytes)
    outputs = stored.count
    self.memory = memory
    scales = nil
    self.format = format.kernel
    self.rowBytes = rowBytes
    blockCount = count
    try tensor.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      try device.upload(
        rows: stored.count, rowBytes: rowBytes, grain: max(1, 65_536 / max(inputs, 1)),
        to: memory.address
      ) { rows, target in
        for (place, row) in rows.enumerated() {
          format.write(
            base + (stored.lowerBound + row) * tensor.rowBytes, inputs: inputs, rowBytes: rowBytes,
            to: target + place * rowBytes)
        }
      }
    }
  }

  /// Rounds rows to bytes with one scale for each row, as the processor's weights.
  ///
  /// - Throws: `EngineError`, and errors of the source.
  init(_ device: CUDADevice, _ source: WeightSource) throws {
    let inputs = source.inputs
    let rowBytes = blocks(inputs, of: Self.stepInputs) * Self.stepInputs
    outputs = source.outputs
    memory = CUDABuffer(device, byteCount: outputs * rowBytes)
    format = Int32(ais_int8)
    self.rowBytes = rowBytes
    blockCount = rowBytes / Self.stepInputs
    let scaleNumbers = HostBuffer(byteCount: outputs * 4)
    let ownScales = UncheckedPointer(scaleNumbers.floats)
    try device.upload(
      rows: outputs, rowBytes: rowBytes, grain: max(1, 65_536 / max(inputs, 1)),
      to: memory.address
    ) { rows, target in
      let numbers = HostBuffer(byteCount: inputs * 4)
      for (place, row) in rows.enumerated() {
        try source.fill(row..<row + 1, numbers.floats)
        let out = (target + place * rowBytes).assumingMemoryBound(to: Int8.self)
        ownScales.pointer[row] = ByteRow.round(numbers.floats, inputs, into: out)
        for column in inputs..<rowBytes { out[column] = 0 }
      }
    }
    let scales = CUDABuffer(device, byteCount: outputs * 4)
    device.upload(
      UnsafeRawBufferPointer(start: scaleNumbers.pointer, count: outputs * 4),
      to: scales.address)
    self.scales = scales
  }

  private static func aligned(_ bytes: Int) -> Int { blocks(bytes, of: 16) * 16 }

  /// Some of the rows, as kernels get them.
  func rows(_ range: Range<Int>) -> ais_quantized_rows {
    var rows = ais_quantized_rows()
    rows.bytes = memory.address + UInt64(range.lowerBound * rowBytes)
    rows.scales = scales.map { $0.address + UInt64(range.lowerBound * 4) } ?? 0
    rows.format = format
    rows.outputs = Int32(range.count)
    rows.row_bytes = Int32(rowBytes)
    rows.blocks = Int32(blockCount)
    return rows
  }
}

/// Weights of one output as bytes.
enum ByteRow {
  /// Writes numbers as bytes: the largest magnitude becomes 127, the rest is rounded to nearest even.
  ///
  /// Adding 1.5 · 2²³ leaves no bits after the point, and the lowest byte of the sum is the number.
  ///
  /// - Returns: what the bytes must be multiplied by.
  static func round(
    _ numbers: UnsafePointer<Float>, _ count: Int, into bytes: UnsafeMutablePointer<Int8>
  ) -> Float {
    var largest: Float = 0
    for place in 0..<count { largest = max(largest, abs(numbers[place])) }
    let factor = largest > 0 ? 127 / largest : 0
    for place in 0..<count {
      bytes[place] = Int8(
        truncatingIfNeeded: (numbers[place] * factor + 12_582_912).bitPattern)
    }
    return largest / 127
  }
}
