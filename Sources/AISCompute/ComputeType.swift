/// The number type in which matrix products are computed.
///
/// Products are accumulated in float32. All other operations are float32 too.
public enum ComputeType: String, Sendable, CaseIterable {
  /// IEEE single precision.
  case f32
  /// bfloat16: float32's range with 8 significant bits; half the memory traffic.
  case bf16
  /// IEEE half precision: 11 significant bits, magnitudes up to 65504. On GPUs.
  case f16
  /// 8-bit integers: weights with one scale for each output, activations with one for each row.
  ///
  /// On a GPU activations are bfloat16.
  case int8
  /// Weights as the file stores them. Activations for quantized weights are rounded to blocks of
  /// 8-bit integers, or to bfloat16 on a GPU.
  case native
}
