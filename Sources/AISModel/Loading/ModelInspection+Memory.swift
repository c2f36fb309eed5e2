import CAISKernels

extension AllTensors {
  /// Bytes of the packed weight matrices in a number format.
  ///
  /// Padding of a matrix to whole panels is not counted. `int8` keeps a scale and a sum for each
  /// output. `native` keeps what the file stores if its rows are the matrix's rows.
  func packedBytes(_ type: ComputeType) -> Double {
    matrices.reduce(0) { $0 + $1.packedBytes(type) }
  }

  private var matrices: [MatrixTensors] {
    [ends.head, ends.headProjection, ends.embeddingProjection].compactMap { $0 }
      + layers.flatMap { layer in
        [layer.qkv, layer.attentionOutput] + [layer.router].compactMap { $0 }
          + layer.networks.flatMap { [$0.input, $0.down] }
      }
  }
}

extension MatrixTensors {
  fileprivate func packedBytes(_ type: ComputeType) -> Double {
    let inputs = rows.first?.inputs ?? 0
    let outputs = rows.reduce(0) { $0 + $1.outputs.count }
    let weights = Double(outputs) * Double(inputs)
    switch type {
    case .f32: return weights * 4
    case .bf16, .f16: return weights * 2
    case .int8: return Double(outputs) * Double(ais_byte_row_stride(inputs) + 8)
    case .native:
      guard rows.allSatisfy({ !$0.storesInputsFirst }) else { return weights * 4 }
      return rows.reduce(0) { $0 + Double($1.outputs.count) * Double($1.tensor.rowBytes) }
    }
  }
}
