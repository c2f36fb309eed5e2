/// A family of models as a description: how its files' fields and weights map to `ModelConfig`.
///
/// A family is one entry: the shape that all its members have, and for each container the names by
/// which files call it, its weights' names, and what its fields say beyond the common ones. The
/// block and the loop know `ModelConfig` alone.
struct ModelFamily: Sendable {
  /// The family's name, for people.
  let name: String
  /// What distinguishes its members from Llama, before the files are read.
  var shape: @Sendable (inout ModelConfig) -> Void = { _ in }
  /// Queries and keys rotate, unless the files say otherwise.
  var isRotary = true
  /// How Hugging Face folders describe it.
  let huggingFace: HuggingFace
  /// How GGUF files describe it, where such files exist.
  var gguf: GGUF?

  /// A family's config.json and tensors.
  struct HuggingFace: Sendable {
    /// Values of `model_type`.
    let types: [String]
    let names: WeightNames
    /// What transformers assumes for absent fields.
    var assumes = Assumed()
    /// Reads what the common fields do not say.
    var describe: @Sendable (inout ModelConfig, JSONSection) throws -> Void = { _, _ in }
  }

  /// The values that transformers takes for absent fields of a family.
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
    /// Its layers may have sliding windows; a family without them ignores the field.
    var hasWindows = false
    var slidingWindow: Int?
  }

  /// A family's GGUF metadata; tensor names are the container's.
  struct GGUF: Sendable {
    /// Values of `general.architecture`.
    let architectures: [String]
    /// Names that differ from other families'.
    var names: [WeightRole: String] = [:]
    var pairing = RotaryEmbedding.Pairing.halfSplit
    /// Reads what the common keys do not say.
    var describe: @Sendable (inout ModelConfig, GGUFFields) throws -> Void = { _, _ in }
  }

  /// Every family.
  static let all: [ModelFamily] = [
    llama, mistral, mixtral, qwen2, qwen3, gemma, gemma2, gemma3, phi, phi3, gpt2, gptNeoX, falcon,
    opt,
  ]
}
