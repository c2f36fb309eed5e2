/// How GGUF numbers the encodings of tensors.
///
/// Lists more encodings than AIS can compute with, so that errors can name them and the bounds of
/// every tensor can be checked. GGML has withdrawn the numbers that are missing.
///
/// Source of numbers and block sizes: the GGML tensor format (`enum ggml_type`).
struct GGUFTensorType: Equatable {
  let id: UInt32
  let name: String
  let blockElements: Int
  let blockBytes: Int

  /// The encoding, if AIS can compute with it.
  var elementType: ElementType? { ElementType(rawValue: name) }

  /// The encoding with this number, or `nil` if it is unknown.
  static func with(id: UInt32) -> GGUFTensorType? { byID[id] }

  /// The number that GGUF gives to `type`.
  static func id(of type: ElementType) -> UInt32? {
    byID.values.first { $0.elementType == type }?.id
  }

  /// The names of the encodings that AIS can compute with, for errors.
  static let supported = ElementType.allCases.map(\.rawValue).joined(separator: ", ")

  private static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })

  private static let all: [GGUFTensorType] = [
    .init(0, .f32), .init(1, .f16), .init(2, .q4_0), .init(3, .q4_1),
    .init(6, .q5_0), .init(7, .q5_1), .init(8, .q8_0), .init(9, "Q8_1", 32, 36),
    .init(10, .q2_K), .init(11, .q3_K), .init(12, .q4_K), .init(13, .q5_K),
    .init(14, .q6_K), .init(15, "Q8_K", 256, 292),
    .init(16, "IQ2_XXS", 256, 66), .init(17, "IQ2_XS", 256, 74), .init(18, "IQ3_XXS", 256, 98),
    .init(19, "IQ1_S", 256, 50), .init(20, "IQ4_NL", 32, 18), .init(21, "IQ3_S", 256, 110),
    .init(22, "IQ2_S", 256, 82), .init(23, "IQ4_XS", 256, 136),
    .init(24, "I8", 1, 1), .init(25, "I16", 1, 2), .init(26, "I32", 1, 4), .init(27, "I64", 1, 8),
    .init(28, "F64", 1, 8), .init(29, "IQ1_M", 256, 56), .init(30, .bf16),
    .init(34, "TQ1_0", 256, 54), .init(35, "TQ2_0", 256, 66), .init(39, "MXFP4", 32, 17),
    .init(40, "NVFP4", 64, 36), .init(41, "Q1_0", 128, 18),
  ]

  private init(_ id: UInt32, _ name: String, _ blockElements: Int, _ blockBytes: Int) {
    self.id = id
    self.name = name
    self.blockElements = blockElements
    self.blockBytes = blockBytes
  }

  private init(_ id: UInt32, _ type: ElementType) {
    self.init(id, type.rawValue, type.blockElements, type.blockBytes)
  }
}
