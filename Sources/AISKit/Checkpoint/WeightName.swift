/// A weight's role in the model, and what each container calls it.
///
/// This is the only place where tensor names are written.
enum WeightName: Sendable, Equatable {
  case embedding
  case finalNorm
  case head
  case layer(Int, LayerWeight)

  /// The weights of one block.
  enum LayerWeight: Sendable, Equatable {
    case attentionNorm
    case query
    case key
    case value
    case queryNorm
    case keyNorm
    case attentionOutput
    case feedForwardNorm
    case gate
    case up
    case down
  }

  /// GGUF alone stores the divisors of RoPE's frequencies as a tensor.
  static let ggufRotaryDivisors = "rope_freqs.weight"

  /// The tensor's name in a GGUF file.
  func gguf(bias: Bool = false) -> String {
    let suffix = bias ? ".bias" : ".weight"
    switch self {
    case .embedding: return "token_embd" + suffix
    case .finalNorm: return "output_norm" + suffix
    case .head: return "output" + suffix
    case .layer(let layer, let weight):
      let name =
        switch weight {
        case .attentionNorm: "attn_norm"
        case .query: "attn_q"
        case .key: "attn_k"
        case .value: "attn_v"
        case .queryNorm: "attn_q_norm"
        case .keyNorm: "attn_k_norm"
        case .attentionOutput: "attn_output"
        case .feedForwardNorm: "ffn_norm"
        case .gate: "ffn_gate"
        case .up: "ffn_up"
        case .down: "ffn_down"
        }
      return "blk.\(layer).\(name)\(suffix)"
    }
  }

  /// The tensor's name in a Hugging Face folder.
  func huggingFace(bias: Bool = false) -> String {
    let suffix = bias ? ".bias" : ".weight"
    switch self {
    case .embedding: return "model.embed_tokens" + suffix
    case .finalNorm: return "model.norm" + suffix
    case .head: return "lm_head" + suffix
    case .layer(let layer, let weight):
      let name =
        switch weight {
        case .attentionNorm: "input_layernorm"
        case .query: "self_attn.q_proj"
        case .key: "self_attn.k_proj"
        case .value: "self_attn.v_proj"
        case .queryNorm: "self_attn.q_norm"
        case .keyNorm: "self_attn.k_norm"
        case .attentionOutput: "self_attn.o_proj"
        case .feedForwardNorm: "post_attention_layernorm"
        case .gate: "mlp.gate_proj"
        case .up: "mlp.up_proj"
        case .down: "mlp.down_proj"
        }
      return "model.layers.\(layer).\(name)\(suffix)"
    }
  }
}

extension Checkpoint {
  /// What this container calls a weight, or its bias.
  func name(of weight: WeightName, bias: Bool = false) -> String {
    switch self {
    case .gguf: weight.gguf(bias: bias)
    case .huggingFace: weight.huggingFace(bias: bias)
    }
  }

  /// True where the container has the weight, or its bias.
  func contains(_ weight: WeightName, bias: Bool = false) -> Bool {
    shape(ofTensor: name(of: weight, bias: bias)) != nil
  }
}
