/// How matrix products are computed.
///
/// Products are accumulated, and everything between them is computed, in float32.
public enum ComputeType: String, Sendable, CaseIterable {
  /// IEEE single precision.
  case f32
  /// bfloat16: float32's range with 8 significant bits; half the memory traffic.
  case bf16
  /// Whole numbers of 8 bits: weights with one scale for each output, activations with one for each row.
  case int8
  /// Weights as the file stores them, activations that meet few-bit weights in blocks of 8-bit numbers.
  case native
}
