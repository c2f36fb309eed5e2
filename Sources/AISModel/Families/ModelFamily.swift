/// A family of models: how the fields and weights of its files map to `ModelConfig`.
///
/// A family has a shape that all its members share. For each kind of file it has the architecture's
/// names, the weights' names, and a reader of fields that are not common to all families. The block
/// and the loop know only `ModelConfig`.
struct ModelFamily: Sendable {
  /// The family's name, for display.
  let name: String
  /// Changes Llama's shape to the family's, before the files are read.
  var shape: @Sendable (inout ModelConfig) -> Void = { _ in }
  /// Whether queries and keys rotate, unless the files say otherwise.
  var isRotary = true
  /// How Hugging Face folders describe it.
  let huggingFace: HuggingFace
  /// How GGUF files describe it; `nil` if there are no such files.
  var gguf: GGUF?

  /// A family's config.json and tensors.
  struct HuggingFace: Sendable {
    /// Values of `model_type`.
    let types: [String]
    let names: WeightNames
    /// The defaults of transformers for absent fields.
    var assumes = Assumed()
    /// Reads the family's own fields.
    var describe: @Sendable (inout ModelConfig, JSONSection) throws -> Void = { _, _ in }
  }

  /// The defaults of transformers for absent fields of a family.
  struct Assumed: Sendable {
    var queryHeads: Int?
    var kvHeads: Int?
    var headDim: Int?
    var contextLength = 2048
    var epsilon = 1e-6
    /// Share of a head's dimensions that rotate.
    var rotaryShare = 1.0
    var rotaryBase = 10_000.0
    /// Older names of LongRoPE in its files.
    var namesForLongRope: [String] = []
    /// Whether layers may have sliding windows.
    ///
    /// Other families ignore the field.
    var hasWindows = false
    var slidingWindow: Int?
  }

  /// A family's GGUF metadata.
  ///
  /// All families share GGUF's tensor names.
  struct GGUF: Sendable {
    /// Values of `general.architecture`.
    let architectures: [String]
    /// Names that differ from other families'.
    var names: [WeightRole: String] = [:]
    var pairing = RotaryEmbedding.Pairing.halfSplit
    /// Reads the family's own keys.
    var describe: @Sendable (inout ModelConfig, GGUFFields) throws -> Void = { _, _ in }
  }

  /// Every family.
  static let all: [ModelFamily] = [
    llama, mistral, mixtral, qwen2, qwen3, gemma, gemma2, gemma3, phi, phi3, gpt2, gptNeoX, falcon,
    opt,
  ]
}
