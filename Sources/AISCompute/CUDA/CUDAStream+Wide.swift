import CAISCUDA

/// Products of many rows by CUDA's library.
extension CUDAStream {
  /// Adds `out = x · Wᵀ`, or `out += x · Wᵀ`, without the bias.
  ///
  /// The rows of `x` are of the compute type and as wide as the matrix's inputs. Rows of `out` are `outStride`
  /// numbers apart.
  ///
  /// - Returns: whether it was added. If not, there is no library, or it has no algorithm for the
  ///   shape, and a kernel of the engine must compute the product.
  func wideProduct(
    _ x: ais_cuda_address, rows: Int, by matrix: DenseMatrix, into out: ais_cuda_address,
    outStride: Int, as output: OutputType, accumulate: Bool
  ) -> Bool {
    var product = ais_cublas_product()
    product.x = x
    product.weights = matrix.address
    product.out = out
    product.rows = Int64(rows)
    product.inputs = Int64(matrix.inputs)
    product.outputs = Int64(matrix.outputs)
    product.x_stride = Int64(matrix.inputs)
    product.weight_stride = Int64(matrix.stride)
    product.out_stride = Int64(outStride)
    product.input_type = type.libraryType
    product.output_type = output == .compute ? type.libraryType : ComputeType.f32.libraryType
    product.accumulates = accumulate ? 1 : 0
    product.planned_rows = Int64(Self.plannedRows(rows))
    return device.multiply(product)
  }

  /// The number of rows that the algorithm for `rows` is chosen for.
  ///
  /// Few numbers, so that passes of many lengths need few choices.
  static func plannedRows(_ rows: Int) -> Int {
    var step = 64
    while rows > step * 8 { step *= 2 }
    return blocks(rows, of: step) * step
  }
}
