import CAISKernels

/// The kernels that a host stream runs: the fast ones or the reference.
struct HostKernels: Sendable {
  typealias Norm =
    @convention(c) (
      UnsafePointer<Float>?, UnsafePointer<Float>?, Float, UnsafeMutableRawPointer?, ais_dtype, Int,
      Int
    ) -> Void
  typealias CenteredNorm =
    @convention(c) (
      UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Float,
      UnsafeMutableRawPointer?, ais_dtype, Int, Int
    ) -> Void
  typealias Activate =
    @convention(c) (
      ais_activation, Int32, UnsafePointer<Float>?, UnsafeMutableRawPointer?, ais_dtype, Int, Int
    ) -> Void
  typealias Add =
    @convention(c) (UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, Float, Int) -> Void
  typealias SoftCap = @convention(c) (UnsafeMutablePointer<Float>?, Float, Int) -> Void
  typealias Attend =
    @Sendable (
      UnsafePointer<ais_heads>, UnsafePointer<Float>, [ais_span], UnsafeMutableRawPointer,
      ais_dtype,
      inout ReusableBuffer
    ) -> Void

  let rmsNorm: Norm
  let layerNorm: CenteredNorm
  let activate: Activate
  let add: Add
  let softCap: SoftCap
  /// x = alpha · x + (1 − alpha) · before.
  let blend: Add
  let attend: Attend

  /// The fast kernels for this processor.
  static let fast = HostKernels(
    rmsNorm: ais_rmsnorm_f32, layerNorm: ais_layernorm_f32, activate: ais_activate_f32,
    add: ais_add_f32, softCap: ais_soft_cap_f32, blend: ais_blend_f32
  ) { heads, qkv, spans, out, type, scratch in
    let workers = Threads.count
    let floats = workers * ais_attention_scratch(heads, spans, spans.count)
    ais_attention_f32(
      heads, qkv, spans, spans.count, out, type, scratch.holding(byteCount: floats * 4).floats,
      Int32(workers))
  }

  /// The reference kernels: plain C loops that define what the fast ones compute.
  ///
  /// The rotary kernel exists only in plain C.
  static let reference = HostKernels(
    rmsNorm: ais_rmsnorm_f32_ref, layerNorm: ais_layernorm_f32_ref, activate: ais_activate_f32_ref,
    add: ais_add_f32_ref, softCap: ais_soft_cap_f32_ref, blend: ais_blend_f32_ref
  ) { heads, qkv, spans, out, type, scratch in
    let longest = spans.map(\.capacity).max() ?? 0
    let weights = scratch.holding(byteCount: longest * 4).floats
    for span in spans {
      withUnsafePointer(to: span) { span in
        for head in 0..<heads.pointee.kv_heads {
          ais_attention_tile_f32_ref(
            heads, qkv, span, head, 0, span.pointee.row_count, nil, out, type, weights)
        }
      }
    }
  }
}

extension Activation {
  /// The C constant.
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

extension AttentionShape {
  /// The shape as a C struct for the kernels.
  var kernel: ais_heads {
    ais_heads(
      query_heads: queryHeads, kv_heads: kvHeads, head_dim: headDim,
      rotary_dim: rotary?.dimension ?? 0, interleaved: rotary?.isInterleaved == true ? 1 : 0,
      query_norm: queryNorm?.weight.host.floats, key_norm: keyNorm?.weight.host.floats,
      query_norm_bias: queryNorm?.bias?.host.floats, key_norm_bias: keyNorm?.bias?.host.floats,
      centers: queryNorm?.kind == .layer ? 1 : 0, norm_eps: queryNorm?.epsilon ?? 0, scale: scale,
      soft_cap: softCap, slopes: slopes?.host.floats, window: window)
  }
}
