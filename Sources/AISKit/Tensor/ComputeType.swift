/// The element type in which matrix products read weights and activations.
///
/// Products are accumulated, and everything between them is computed, in float32.
public enum ComputeType: String, Sendable, CaseIterable {
  /// IEEE single precision.
  case f32
  /// bfloat16: float32's range with 8 significant bits; half the memory traffic.
  case bf16

  /// Bytes of one element.
  var byteCount: Int { self == .bf16 ? 2 : 4 }
}
