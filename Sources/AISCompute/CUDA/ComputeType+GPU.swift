import CAISCUDA

/// What the types of products mean on a GPU.
extension ComputeType {
  /// The type of activations, keys and values, and of weights once products have read them: its
  /// number in the kernels (`AIS_ACT`), its name, its number in CUDA's library.
  private var activations: (kernels: Int, name: String, library: Int) {
    switch self {
    case .f32: (0, "f32", AIS_CUBLAS_F32)
    case .bf16, .int8, .native: (1, "bf16", AIS_CUBLAS_BF16)
    case .f16: (2, "f16", AIS_CUBLAS_F16)
    }
  }

  /// The name of the type of activations.
  var activationName: String { activations.name }

  /// The compiler's options for kernels of this type.
  var kernelOptions: [String] { ["-DAIS_ACT=\(activations.kernels)"] }

  /// The number of CUDA's library for the type of activations.
  var libraryType: Int32 { Int32(activations.library) }

  /// Whether activations have 16 bits.
  var hasNarrowActivations: Bool { self != .f32 }

  /// Whether activations can be as large as float32 numbers.
  ///
  /// If not, what is too large becomes their largest number.
  var hasWideRange: Bool { self != .f16 }

  /// Bytes of an activation.
  var activationBytes: Int { hasNarrowActivations ? 2 : 4 }

  /// Whether matrices may hold weights of a few bits.
  var isQuantized: Bool { self == .int8 || self == .native }
}
