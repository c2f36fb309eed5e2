import CAISCUDA

/// Products with weights of a few bits.
extension CUDAStream {
  /// Outputs of a block of the kernels for few rows.
  private static let blockOutputs = 16
  /// Pieces of a matrix that is unpacked have a multiple of this many outputs, as wide products compute them.
  private static let pieceOutputs = 128

  /// A product of few rows: each part is read once.
  func multiplyQuantized(
    _ x: ais_cuda_address, rows: Int, by parts: [QuantizedWeights], inputs: Int,
    _ target: ProductTarget
  ) {
    let kernel =
      inputs.isMultiple(of: 8)
      ? "ais_quantized_\(rows <= 8 ? 8 : rows <= 16 ? 16 : 32)" : "ais_quantized_unaligned"
    var first = 0
    for part in parts {
      let own = target.from(first)
      var arguments = ais_quantized_arguments()
      arguments.weights = part.rows(0..<part.outputs)
      arguments.x = x
      arguments.bias = own.bias
      arguments.out = own.out
      arguments.rows = Int32(rows)
      arguments.inputs = Int32(inputs)
      arguments.out_stride = Int32(own.stride)
      arguments.accumulates = own.accumulates ? 1 : 0
      device.launch(
        kernel, columns: blocks(part.outputs, of: Self.blockOutputs), startsEarly: true, arguments)
      first += part.outputs
    }
  }

  /// A product of many rows: pieces of the matrix are unpacked, one after the other in the same
  /// memory, and multiplied.
  func multiplyUnpacked(
    _ x: ais_cuda_address, rows: Int, by parts: [QuantizedWeights], inputs: Int,
    _ target: ProductTarget
  ) {
    let outputs = parts.reduce(0) { $0 + $1.outputs }
    let stride = DenseMatrix.stride(inputs, type)
    let fitting = Self.unpackedBytes / (stride * type.activationBytes)
    guard fitting >= Self.pieceOutputs else {
      return device.fail("unpacking weights", "\(inputs) inputs are too many")
    }
    let most = fitting / Self.pieceOutputs * Self.pieceOutputs
    for first in Swift.stride(from: 0, to: outputs, by: most) {
      let range = first..<min(first + most, outputs)
      unpack(parts, range, stride: stride)
      let matrix = DenseMatrix(
        address: unpacked.address, outputs: range.count, inputs: inputs, stride: stride)
      multiplyWide(x, rows: rows, by: matrix, target.from(first))
    }
  }

  /// Unpacks some outputs of the matrix that parts make up.
  private func unpack(_ parts: [QuantizedWeights], _ outputs: Range<Int>, stride: Int) {
    var first = 0
    for part in parts {
      let own = outputs.clamped(to: first..<first + part.outputs)
      if !own.isEmpty {
        let place = (own.lowerBound - outputs.lowerBound) * stride * type.activationBytes
        var arguments = ais_unpack_arguments()
        arguments.weights = part.rows(own.lowerBound - first..<own.upperBound - first)
        arguments.out = unpacked.address + UInt64(place)
        arguments.stride = Int32(stride)
        // Four threads for each step of each output.
        let threads = own.count * blocks(stride, of: QuantizedWeights.stepInputs) * 4
        device.launch("ais_unpack", columns: blocks(threads, of: 256), arguments)
      }
      first += part.outputs
    }
  }
}
