/// What a weight does in the model, whatever its file calls it.
package enum WeightRole: Sendable, Hashable {
  case embedding
  /// Learned position vectors.
  case positions
  /// From the embeddings' width to the residual stream's, and back.
  case embeddingProjection, headProjection
  case finalNorm
  case head

  // Of each layer.
  case attentionNorm
  case query, key, value
  /// Query, key and value projections in one tensor.
  case fusedQKV
  case queryNorm, keyNorm
  case attentionOutput
  case attentionOutputNorm
  case feedForwardNorm
  case gate, up, down
  /// Gate and up projections in one tensor, the gate first.
  case fusedGateUp
  case feedForwardOutputNorm

  // Of each layer of a mixture of experts.
  case router
  case expertGate, expertUp, expertDown
}

/// What the files of a family call its weights: the only tensor names that are written anywhere.
///
/// `#` in a name stands for the layer, `@` for the expert; an expert's weight without `@` is one
/// tensor for all experts, [experts, outputs, inputs]. Of names parted by `|` the first that the
/// file has counts. The file appends `.weight` or `.bias`.
package struct WeightNames: Sendable {
  /// How rows of queries, keys and values follow each other in one tensor.
  package enum QKVOrder: Sendable {
    /// All queries, all keys, all values.
    case byKind
    /// For each key-value head: its queries, its key, its value.
    case byKeyValueHead
  }

  package var names: [WeightRole: String]
  /// What may stand before every name but the head's: files of one family differ, and the first
  /// under which there is an embedding counts.
  package var prefixes: [String]
  /// Of `fusedQKV`.
  package var qkvOrder: QKVOrder
  /// Matrices are stored [inputs, outputs].
  package var storesInputsFirst: Bool

  package init(
    names: [WeightRole: String], prefixes: [String] = [""], qkvOrder: QKVOrder = .byKind,
    storesInputsFirst: Bool = false
  ) {
    self.names = names
    self.prefixes = prefixes
    self.qkvOrder = qkvOrder
    self.storesInputsFirst = storesInputsFirst
  }

  /// The names that a weight may have, without prefix; none where the family has no such weight.
  package func candidates(_ role: WeightRole, layer: Int = 0, expert: Int = 0) -> [String] {
    (names[role] ?? "").split(separator: "|").map {
      String($0).replacing("#", with: "\(layer)").replacing("@", with: "\(expert)")
    }
  }

  /// The same with other names for some roles.
  package func with(_ changes: [WeightRole: String]) -> WeightNames {
    var changed = self
    changed.names.merge(changes) { $1 }
    return changed
  }

  /// The names in GGUF files, which are the same for every family.
  package static let gguf = WeightNames(names: [
    .embedding: "token_embd", .positions: "position_embd", .finalNorm: "output_norm",
    .head: "output",
    .attentionNorm: "blk.#.attn_norm",
    .query: "blk.#.attn_q", .key: "blk.#.attn_k", .value: "blk.#.attn_v",
    .fusedQKV: "blk.#.attn_qkv",
    .queryNorm: "blk.#.attn_q_norm", .keyNorm: "blk.#.attn_k_norm",
    .attentionOutput: "blk.#.attn_output", .attentionOutputNorm: "blk.#.post_attention_norm",
    .feedForwardNorm: "blk.#.ffn_norm",
    .gate: "blk.#.ffn_gate", .up: "blk.#.ffn_up", .down: "blk.#.ffn_down",
    // Where a gated network has no gate of its own, its `ffn_up` holds both.
    .fusedGateUp: "blk.#.ffn_up",
    .feedForwardOutputNorm: "blk.#.post_ffw_norm",
    .router: "blk.#.ffn_gate_inp", .expertGate: "blk.#.ffn_gate_exps",
    .expertUp: "blk.#.ffn_up_exps", .expertDown: "blk.#.ffn_down_exps",
  ])

  /// GGUF alone stores the divisors of RoPE's frequencies as tensors.
  package static let ggufRotaryDivisors = "rope_freqs.weight"
  /// The divisors for texts within the original context, and beyond it.
  package static let ggufShortAndLongDivisors = (
    "rope_factors_short.weight", "rope_factors_long.weight"
  )
}

/// A checkpoint's tensors by what they do.
package struct WeightTable {
  package let checkpoint: Checkpoint
  package let names: WeightNames
  private let prefix: String

  package init(_ checkpoint: Checkpoint, names: WeightNames) {
    self.checkpoint = checkpoint
    self.names = names
    prefix =
      names.prefixes.first { prefix in
        names.candidates(.embedding).contains {
          checkpoint.shape(ofTensor: prefix + $0 + ".weight") != nil
        }
      } ?? names.prefixes[0]
  }

  /// What the checkpoint calls a weight, or its bias; the role itself where it has no name.
  package func name(
    _ role: WeightRole, layer: Int = 0, expert: Int = 0, bias: Bool = false
  ) -> String {
    let spellings = names.candidates(role, layer: layer, expert: expert).map {
      (role == .head ? "" : prefix) + $0 + (bias ? ".bias" : ".weight")
    }
    return spellings.first { checkpoint.shape(ofTensor: $0) != nil } ?? spellings.first
      ?? "\(role)"
  }

  /// True where the checkpoint has the weight, or its bias.
  package func contains(_ role: WeightRole, layer: Int = 0, bias: Bool = false) -> Bool {
    names.names[role] != nil && shape(role, layer: layer, bias: bias) != nil
  }

  /// True where each expert's weight is a tensor of its own.
  package func isSeparate(_ role: WeightRole, layer: Int) -> Bool {
    name(role, layer: layer, expert: 0) != name(role, layer: layer, expert: 1)
  }

  /// The shape of a weight, or of its bias, or `nil` where there is none.
  package func shape(_ role: WeightRole, layer: Int = 0, bias: Bool = false) -> [Int]? {
    checkpoint.shape(ofTensor: name(role, layer: layer, bias: bias))
  }

  /// A tensor of the expected shape.
  ///
  /// - Throws: `CheckpointError` where it is absent, misshapen or in an encoding that is not read.
  package func tensor(
    _ role: WeightRole, layer: Int = 0, expert: Int = 0, bias: Bool = false, shape: [Int]
  ) throws -> TensorView {
    let name = name(role, layer: layer, expert: expert, bias: bias)
    let tensor = try checkpoint.tensor(name)
    guard tensor.shape == shape else {
      throw CheckpointError(
        file: tensor.path, place: .tensor(name), expected: "shape \(shape)",
        found: "\(tensor.shape)")
    }
    return tensor
  }
}
