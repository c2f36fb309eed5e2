import AISKit

/// The sizes of a published model, without its weights.
public struct ModelShape: Sendable, Equatable {
  /// The families that the shapes belong to, as `config.json` names them.
  enum Family: String, Sendable {
    case llama
    /// Llama with biased queries, keys and values.
    case qwen2

    /// The class of transformers that computes it.
    var className: String { self == .llama ? "LlamaForCausalLM" : "Qwen2ForCausalLM" }
  }

  /// What a user calls it.
  public let name: String
  let family: Family
  package var hidden: Int
  package var layers: Int
  let heads: Int
  let kvHeads: Int
  let headDim: Int
  package var intermediate: Int
  package var vocabulary: Int
  /// Whether the table of the input serves as the head, too.
  let isTied: Bool
  let context: Int
  let epsilon: Double
  let rotaryBase: Double
  /// Llama 3's factor of the context, if it has one.
  var rotaryFactor: Double?

  /// Every known shape: SmolLM2-135M, Qwen2.5-1.5B, Llama-3.2-3B and Llama-3.1-8B.
  public static let all = [
    ModelShape(
      name: "135m", family: .llama, hidden: 576, layers: 30, heads: 9, kvHeads: 3, headDim: 64,
      intermediate: 1_536, vocabulary: 49_152, isTied: true, context: 8_192, epsilon: 1e-5,
      rotaryBase: 100_000),
    ModelShape(
      name: "1.5b", family: .qwen2, hidden: 1_536, layers: 28, heads: 12, kvHeads: 2,
      headDim: 128, intermediate: 8_960, vocabulary: 151_936, isTied: true, context: 131_072,
      epsilon: 1e-6, rotaryBase: 1_000_000),
    ModelShape(
      name: "3b", family: .llama, hidden: 3_072, layers: 28, heads: 24, kvHeads: 8, headDim: 128,
      intermediate: 8_192, vocabulary: 128_256, isTied: true, context: 131_072, epsilon: 1e-5,
      rotaryBase: 500_000, rotaryFactor: 32),
    ModelShape(
      name: "8b", family: .llama, hidden: 4_096, layers: 32, heads: 32, kvHeads: 8, headDim: 128,
      intermediate: 14_336, vocabulary: 128_256, isTied: false, context: 131_072, epsilon: 1e-5,
      rotaryBase: 500_000, rotaryFactor: 8),
  ]

  /// The shape of a name.
  ///
  /// - Throws: `RequestError` that lists the names and guesses which one was meant.
  public static func named(_ name: String) throws(RequestError) -> ModelShape {
    if let shape = all.first(where: { $0.name == name }) { return shape }
    let names = all.map(\.name)
    let guess = Spelling.nearest(to: name, among: names).map { ", perhaps \($0)" } ?? ""
    throw RequestError(
      "shape", expected: "one of " + names.joined(separator: ", "), found: "'\(name)'\(guess)")
  }

  // MARK: Tensors

  /// A tensor that a model of the shape has.
  struct Tensor {
    let name: String
    let shape: [Int]
    /// Whether every number is 1; if not, the numbers are drawn.
    var isOne = false

    var count: Int { shape.reduce(1, *) }
  }

  /// The model's tensors, as Hugging Face names them.
  var tensors: [Tensor] {
    var all = [Tensor(name: "model.embed_tokens.weight", shape: [vocabulary, hidden])]
    for layer in 0..<layers { all += tensors(ofLayer: "model.layers.\(layer).") }
    all.append(Tensor(name: "model.norm.weight", shape: [hidden], isOne: true))
    if !isTied { all.append(Tensor(name: "lm_head.weight", shape: [vocabulary, hidden])) }
    return all
  }

  private func tensors(ofLayer prefix: String) -> [Tensor] {
    let (queries, keys) = (heads * headDim, kvHeads * headDim)
    var all = ["input_layernorm", "post_attention_layernorm"].map {
      Tensor(name: "\(prefix)\($0).weight", shape: [hidden], isOne: true)
    }
    let products = [
      ("self_attn.q_proj", queries, hidden), ("self_attn.k_proj", keys, hidden),
      ("self_attn.v_proj", keys, hidden), ("self_attn.o_proj", hidden, queries),
      ("mlp.gate_proj", intermediate, hidden), ("mlp.up_proj", intermediate, hidden),
      ("mlp.down_proj", hidden, intermediate),
    ]
    all += products.map { Tensor(name: "\(prefix)\($0.0).weight", shape: [$0.1, $0.2]) }
    if family == .qwen2 {
      all += products.prefix(3).map { Tensor(name: "\(prefix)\($0.0).bias", shape: [$0.1]) }
    }
    return all
  }
}
