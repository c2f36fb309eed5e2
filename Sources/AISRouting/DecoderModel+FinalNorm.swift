extension DecoderModel {
  /// Hidden states behind the model's own final norm, in float32; as they are where it has none.
  ///
  /// What routers read. Shape: [rows, hiddenSize] each.
  func finalNorm(
    _ hidden: DeviceBuffer, rows: Int, into out: DeviceBuffer, _ stream: any ComputeStream
  ) {
    if let norm = exit.weights.norm {
      stream.normalize(hidden, rows: rows, by: norm, into: out, as: .float32)
    } else {
      stream.copy(hidden, count: rows * config.hiddenSize, into: out)
    }
  }
}
