/// The kind of a norm, by the statistic that divides a row.
public enum NormKind: String, Sendable {
  /// Root mean square: RMSNorm (Zhang and Sennrich, 2019).
  case rms = "RMSNorm"
  /// Standard deviation around the mean: LayerNorm (Ba et al., 2016).
  case layer = "LayerNorm"
}

/// A norm's kind and weights.
package struct NormWeights: Sendable {
  package let kind: NormKind
  /// Added to the mean square, or to the variance.
  package let epsilon: Float
  package let width: Int
  /// Shape: [width].
  package let weight: any DeviceBuffer
  /// Shape: [width].
  package let bias: (any DeviceBuffer)?

  package init(
    kind: NormKind, epsilon: Float, width: Int, weight: any DeviceBuffer,
    bias: (any DeviceBuffer)? = nil
  ) {
    self.kind = kind
    self.epsilon = epsilon
    self.width = width
    self.weight = weight
    self.bias = bias
  }
}

/// The non-linearity of a feed-forward network.
public enum Activation: String, Sendable {
  /// x · σ(x).
  case silu = "SiLU"
  /// x · Φ(x) (Hendrycks and Gimpel, 2016).
  case gelu = "GELU"
  /// GELU's tanh approximation.
  case geluTanh = "GELU (tanh)"
  /// x · σ(1.702 x).
  case geluQuick = "GELU (quick)"
  /// max(x, 0).
  case relu = "ReLU"
}

/// The type of an operation's output.
package enum OutputType: Sendable {
  /// The type that products read.
  case compute
  case float32
}
