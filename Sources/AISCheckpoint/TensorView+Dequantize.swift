import CAISKernels
import Foundation

extension TensorView {
  /// Writes `rows` as 32-bit floats, row after row, to `output`.
  ///
  /// Every product and sum of the encoding's formula is rounded to a float, so that all processors
  /// give the same bits.
  ///
  /// Shape: `output` has room for [rows.count, rowElements] floats.
  public func dequantizeRows(_ rows: Range<Int>, into output: UnsafeMutablePointer<Float>) {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= rowCount, "rows \(rows) of \(rowCount) in \(name)")
    guard !rows.isEmpty, rowBytes > 0 else { return }
    withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      let blockCount = rows.count * (rowElements / elementType.blockElements)
      elementType.dequantize(
        base + rows.lowerBound * rowBytes, blockCount: blockCount, into: output)
    }
  }

  /// The whole tensor as 32-bit floats, row after row.
  ///
  /// For small tensors: norms, biases, tables in tests.
  public func dequantized() -> [Float] {
    [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
      if let base = buffer.baseAddress { dequantizeRows(0..<rowCount, into: base) }
      count = elementCount
    }
  }
}

extension ElementType {
  /// Writes the numbers of `blockCount` blocks, which may be unaligned, to `output`.
  func dequantize(
    _ blocks: UnsafeRawPointer, blockCount: Int, into output: UnsafeMutablePointer<Float>
  ) {
    switch self {
    case .f32: memcpy(output, blocks, blockCount * 4)
    case .f16: ais_dequantize_f16(blocks, output, blockCount)
    case .bf16: ais_dequantize_bf16(blocks, output, blockCount)
    case .q4_0: ais_dequantize_q4_0(blocks, output, blockCount)
    case .q4_1: ais_dequantize_q4_1(blocks, output, blockCount)
    case .q5_0: ais_dequantize_q5_0(blocks, output, blockCount)
    case .q5_1: ais_dequantize_q5_1(blocks, output, blockCount)
    case .q8_0: ais_dequantize_q8_0(blocks, output, blockCount)
    case .q2_K: ais_dequantize_q2_K(blocks, output, blockCount)
    case .q3_K: ais_dequantize_q3_K(blocks, output, blockCount)
    case .q4_K: ais_dequantize_q4_K(blocks, output, blockCount)
    case .q5_K: ais_dequantize_q5_K(blocks, output, blockCount)
    case .q6_K: ais_dequantize_q6_K(blocks, output, blockCount)
    }
  }
}
