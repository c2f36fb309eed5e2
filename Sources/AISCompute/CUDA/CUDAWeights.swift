/// A weight matrix in a GPU's memory.
struct CUDAWeights: Sendable {
  /// How the numbers are stored.
  enum Layout: Sendable {
    /// As numbers of the type of activations.
    case dense(DenseWeights)
    /// In few bits: parts that follow each other, each in its own format.
    case quantized([QuantizedWeights])
  }

  let layout: Layout
  let bias: CUDABuffer?

  /// Uploads a matrix.
  ///
  /// - Throws: `EngineError`, and errors of the source.
  init(_ device: CUDADevice, _ source: WeightSource, _ type: ComputeType) throws {
    bias = source.bias.map { numbers in
      let buffer = CUDABuffer(device, byteCount: numbers.count * 4)
      numbers.withUnsafeBytes { device.upload($0, to: buffer.address) }
      return buffer
    }
    switch type {
    case .int8: layout = .quantized([try QuantizedWeights(device, source)])
    case .native:
      if let formats = Self.formats(source) {
        layout = .quantized(
          try zip(source.stored, formats).map { try QuantizedWeights(device, $0, $1) })
      } else {
        layout = .dense(try DenseWeights(device, source, type))
      }
    case .f32, .bf16, .f16: layout = .dense(try DenseWeights(device, source, type))
    }
    source.release()
    try device.wait()
  }

  /// The formats of the rows that a checkpoint stores in blocks; `nil` if there are others.
  private static func formats(_ source: WeightSource) -> [BlockFormat]? {
    let formats = source.stored.compactMap {
      $0.storesInputsFirst ? nil : BlockFormat($0.tensor.elementType)
    }
    return formats.isEmpty || formats.count < source.stored.count ? nil : formats
  }

  /// Bytes of weights that a product of few rows reads.
  var byteCount: Int {
    switch layout {
    case .dense(let weights): weights.memory.byteCount
    case .quantized(let parts): parts.reduce(0) { $0 + $1.byteCount }
    }
  }
}
