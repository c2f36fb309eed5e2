import CAISCUDA

/// What the types of products mean on a GPU.
extension ComputeType {
  /// Whether activations, keys and values are bfloat16, as weights are once products have read them.
  var hasNarrowActivations: Bool { self != .f32 }

  /// Bytes of an activation.
  var activationBytes: Int { hasNarrowActivations ? 2 : 4 }

  /// The type of activations as names of files have it.
  var activationName: String { hasNarrowActivations ? "bf16" : "f32" }

  /// The compiler's options for kernels of this type.
  var kernelOptions: [String] { ["-DAIS_ACT=\(hasNarrowActivations ? 1 : 0)"] }

  /// The number of CUDA's library for the type of activations.
  var libraryType: Int32 { Int32(hasNarrowActivations ? AIS_CUBLAS_BF16 : AIS_CUBLAS_F32) }

  /// Whether matrices may hold weights of a few bits.
  var isQuantized: Bool { self == .int8 || self == .native }
}
