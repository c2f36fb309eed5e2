/// The shape of a decoder-only transformer, as values: everything that tells one model from another.
///
/// The block and the loop read these fields and know no families. `ModelConfig+GGUF` and
/// `ModelConfig+HuggingFace` translate what files declare.
public struct ModelConfig: Sendable, Equatable {
  /// The family's name as the file gives it, for people.
  public var architecture: String
  /// Tokens in the vocabulary: the width of the logits.
  public var vocabularySize: Int
  /// Width of the residual stream.
  public var hiddenSize: Int
  /// Width of the feed-forward network's inner layer.
  public var intermediateSize: Int
  /// Number of blocks.
  public var layerCount: Int
  /// Attention heads that ask.
  public var queryHeads: Int
  /// Attention heads that answer; each serves `queryHeads / kvHeads` query heads.
  public var kvHeads: Int
  /// Width of a head.
  public var headDim: Int
  /// Positions that the model was trained for.
  public var contextLength: Int
  /// Added to the mean square in RMSNorm.
  public var normEpsilon: Float
  /// Rotary position embedding.
  public var rotary: RotaryEmbedding
  /// For each layer, how many positions back a row sees, itself included; `nil`: all of them.
  public var slidingWindows: [Int?]
  /// Query, key and value projections carry a bias.
  public var hasQKVBias: Bool
  /// The attention's output projection carries a bias.
  public var hasAttentionOutputBias: Bool
  /// The feed-forward projections carry biases.
  public var hasFeedForwardBias: Bool
  /// Queries and keys are normalized per head before they rotate.
  public var hasQueryKeyNorm: Bool
  /// The LM head is the embedding matrix.
  public var tiesEmbeddings: Bool

  /// Where a prompt's probe is read unless somebody says otherwise: a third of the way up.
  public var defaultPivot: Int { layerCount / 3 }

  /// Width of one row of fused queries, keys and values.
  public var qkvWidth: Int { (queryHeads + 2 * kvHeads) * headDim }

  /// Width of the attention's output before its projection.
  public var attentionWidth: Int { queryHeads * headDim }

  /// Weights of one attention, biases and norms left out.
  public var attentionParameters: Int { hiddenSize * (qkvWidth + attentionWidth) }

  /// Weights of one feed-forward network, biases left out.
  public var feedForwardParameters: Int { hiddenSize * 3 * intermediateSize }

  /// Weights in one block, biases and norms left out.
  public var blockParameters: Int { attentionParameters + feedForwardParameters }

  /// Weights of the LM head.
  public var headParameters: Int { hiddenSize * vocabularySize }
}
