/// The role of a weight in the model, independent of its name in the file.
package enum WeightRole: Sendable, Hashable {
  case embedding
  /// Learned position vectors.
  case positions
  /// From the embeddings' width to the residual stream's, and from there back.
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

/// The names of a family's weights in its files; no other code has tensor names.
///
/// In a name, `#` is replaced with the layer and `@` with the expert. An expert's weight without `@`
/// is one tensor for all experts, [experts, outputs, inputs]. Alternatives are separated by `|`; the
/// first one that the file has is used. In the file, `.weight` or `.bias` follows the name.
package struct WeightNames: Sendable {
  /// How rows of queries, keys and values follow each other in one tensor.
  package enum QKVOrder: Sendable {
    /// All queries, all keys, all values.
    case byKind
    /// For each key-value head: its queries, its key, its value.
    case byKeyValueHead
  }

  package var names: [WeightRole: String]
  /// The prefixes that every name except the head's may have.
  ///
  /// Files of one family differ. The first prefix with which the file has an embedding is used.
  package var prefixes: [String]
  /// The order of the rows of `fusedQKV`.
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

  /// The names that a weight may have, without prefix; none if the family has no such weight.
  package func candidates(_ role: WeightRole, layer: Int = 0, expert: Int = 0) -> [String] {
    (names[role] ?? "").split(separator: "|").map {
      String($0).replacing("#", with: "\(layer)").replacing("@", with: "\(expert)")
    }
  }

  /// A copy with other names for some roles.
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
    // If a gated network has no separate gate tensor, `ffn_up` holds the gate and the up matrix.
    .fusedGateUp: "blk.#.ffn_up",
    .feedForwardOutputNorm: "blk.#.post_ffw_norm",
    .router: "blk.#.ffn_gate_inp", .expertGate: "blk.#.ffn_gate_exps",
    .expertUp: "blk.#.ffn_up_exps", .expertDown: "blk.#.ffn_down_exps",
  ])

  /// The divisors of RoPE's frequencies; only GGUF files store them as tensors.
  package static let ggufRotaryDivisors = "rope_freqs.weight"
  /// The divisors for texts within the original context, and for longer ones.
  package static let ggufShortAndLongDivisors = (
    "rope_factors_short.weight", "rope_factors_long.weight"
  )
}

/// A checkpoint's tensors by their role.
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

  /// The name of a weight or its bias in the checkpoint; the role's own name if the family has none.
  package func name(
    _ role: WeightRole, layer: Int = 0, expert: Int = 0, bias: Bool = false
  ) -> String {
    let spellings = names.candidates(role, layer: layer, expert: expert).map {
      (role == .head ? "" : prefix) + $0 + (bias ? ".bias" : ".weight")
    }
    return spellings.first { checkpoint.shape(ofTensor: $0) != nil } ?? spellings.first
      ?? "\(role)"
  }

  /// True if the checkpoint has the weight, or its bias.
  package func contains(_ role: WeightRole, layer: Int = 0, bias: Bool = false) -> Bool {
    names.names[role] != nil && shape(role, layer: layer, bias: bias) != nil
  }

  /// True if each expert's weight is a separate tensor.
  package func isSeparate(_ role: WeightRole, layer: Int) -> Bool {
    name(role, layer: layer, expert: 0) != name(role, layer: layer, expert: 1)
  }

  /// The shape of a weight, or of its bias; `nil` if the checkpoint has none.
  package func shape(_ role: WeightRole, layer: Int = 0, bias: Bool = false) -> [Int]? {
    checkpoint.shape(ofTensor: name(role, layer: layer, bias: bias))
  }

  /// A tensor of the expected shape.
  ///
  /// - Throws: `CheckpointError` if it is absent, has another shape or an unsupported encoding.
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
