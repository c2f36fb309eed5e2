import CAISKernels

/// Where weights live and forward passes compute: the seam behind which another device can sit.
///
/// A backend is shared and immutable. It packs weights once and makes a `ComputeStream` for each
/// forward pass that may run at the same time as others.
package protocol Backend: Sendable {
  /// For people: what computes, in what type, with which kernels.
  var summary: String { get }

  /// The type in which matrix products read weights and activations.
  var computeType: ComputeType { get }

  /// Bytes of an activation that products read.
  var inputBytes: Int { get }

  func pack(_ source: WeightSource) throws -> WeightMatrix

  func makeStream() -> any ComputeStream

  /// The products alone, for those who time them.
  func makeProducts() -> any MatrixPlans
}

/// The operations of a forward pass, in order, on device buffers.
///
/// Not thread-safe.
///
/// Shapes are row-major; `rows` counts tokens; hidden states are float32, and activations that feed a
/// product are in the backend's compute type.
package protocol ComputeStream: AnyObject {
  /// out[r] = norm(x[r]). x [rows, norm.width]; out may be x where it is float32.
  func normalize(
    _ x: DeviceBuffer, rows: Int, by norm: NormWeights, into out: DeviceBuffer, as type: OutputType)

  /// out = x in the compute type.
  func convert(_ x: DeviceBuffer, count: Int, into out: DeviceBuffer)

  /// out = x·Wᵀ + bias, or out += x·Wᵀ + bias. x [rows, inputs] compute type, out [rows, outputs].
  func multiply(
    _ x: DeviceBuffer, rows: Int, by weights: WeightMatrix, into out: DeviceBuffer,
    accumulate: Bool) throws

  /// Normalizes (where the model does) and rotates queries in place and keys into the cache; copies
  /// values into the cache. qkv [rows, (queryHeads + 2·kvHeads)·headDim]; rows outside the spans are
  /// left alone.
  func rotateAndStore(_ qkv: DeviceBuffer, heads: ais_heads, spans: [ais_span])

  /// Puts zeros into the cache as the spans' keys and values.
  func clearPositions(heads: ais_heads, spans: [ais_span])

  /// Causal attention over the cache. out [rows, queryHeads·headDim], in the compute type.
  func attend(_ qkv: DeviceBuffer, heads: ais_heads, spans: [ais_span], into out: DeviceBuffer)

  /// out = f(x), or f(gate)·up, in the compute type. x [rows, width], or [rows, 2·width] with the
  /// gate before the up.
  func activate(
    _ x: DeviceBuffer, rows: Int, width: Int, _ activation: ModelConfig.Activation, isGated: Bool,
    into out: DeviceBuffer)

  /// out += x, element by element.
  func add(_ x: DeviceBuffer, to out: DeviceBuffer, count: Int)

  /// out[indices[i]] += scales[i]·x[i], rows of `width`.
  func addRows(
    _ x: DeviceBuffer, width: Int, scales: [Float], to out: DeviceBuffer, rows indices: [Int])

  /// x = 0.
  func clear(_ x: DeviceBuffer, count: Int)

  /// x = cap·tanh(x / cap), element by element.
  func softCap(_ x: DeviceBuffer, cap: Float, count: Int)

  /// x = alpha·x + (1 − alpha)·before, element by element.
  func blend(_ x: DeviceBuffer, with before: DeviceBuffer, alpha: Float, count: Int)

  /// Copies `count` float32 numbers.
  func copy(_ x: DeviceBuffer, count: Int, into out: DeviceBuffer)

  /// out[places[i]] = x[indices[i]], rows of `rowBytes` bytes; without places, out[i].
  func gather(
    _ x: DeviceBuffer, rows indices: [Int], rowBytes: Int, into out: DeviceBuffer,
    at places: [Int]?)

  /// Returns when everything asked so far has been computed.
  func synchronize()
}

/// The type of an operation's output.
package enum OutputType {
  /// What products read.
  case compute
  case float32
}

/// A norm: which one, and its weights.
package struct NormWeights: Sendable {
  let kind: ModelConfig.Norm.Kind
  let epsilon: Float
  let width: Int
  /// Shape: [width].
  let weight: DeviceBuffer
  /// Shape: [width].
  let bias: DeviceBuffer?
}

extension ModelConfig.Activation {
  /// The kernels' name for it.
  var kernel: ais_activation {
    switch self {
    case .silu: AIS_SILU
    case .gelu: AIS_GELU
    case .geluTanh: AIS_GELU_TANH
    case .geluQuick: AIS_GELU_QUICK
    case .relu: AIS_RELU
    }
  }
}

extension ComputeStream {
  /// out[i] = x[indices[i]], rows of `rowBytes` bytes.
  func gather(_ x: DeviceBuffer, rows indices: [Int], rowBytes: Int, into out: DeviceBuffer) {
    gather(x, rows: indices, rowBytes: rowBytes, into: out, at: nil)
  }
}
