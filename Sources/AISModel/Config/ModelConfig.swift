/// The shape of a decoder-only transformer: every setting in which models differ.
///
/// The block and the loop read these fields and know no model family. A `ModelFamily` fills them
/// from a checkpoint's files. The defaults are Llama's: RMSNorm before each half of a block,
/// sequential halves, gated feed-forward network, no biases.
public struct ModelConfig: Sendable, Equatable {
  /// The architecture's name as the file gives it, for display.
  public var architecture: String
  /// Tokens in the vocabulary: the width of the logits.
  public var vocabularySize: Int
  /// Width of the residual stream.
  public var hiddenSize: Int
  /// Width of the feed-forward network's inner layer; with experts, of one expert.
  public var intermediateSize: Int
  /// Query heads of an attention.
  public var queryHeads: Int
  /// Key-value heads of an attention; `queryHeads / kvHeads` query heads share each.
  public var kvHeads: Int
  /// Width of a head.
  public var headDim: Int
  /// Positions that the model was trained for.
  public var contextLength: Int
  /// What differs from layer to layer.
  ///
  /// Shape: [layerCount].
  public var layers: [LayerShape]

  /// Width of the token embeddings.
  ///
  /// If it is not `hiddenSize`, a projection follows the embeddings and another precedes the LM
  /// head.
  public var embeddingWidth: Int
  /// Token embeddings are multiplied by this.
  public var embeddingScale: Float = 1
  /// A learned vector for each position, added to the embeddings.
  public var learnedPositions: LearnedPositions?
  /// The rotary embeddings that layers choose from.
  public var rotaries: [RotaryEmbedding] = []
  /// ALiBi: what a head's score loses for each position of distance.
  ///
  /// Empty without ALiBi.
  ///
  /// Shape: [queryHeads], or [].
  public var distanceSlopes: [Float] = []

  /// The norm of the residual stream.
  public var norm = Norm(kind: .rms, epsilon: 1e-6)
  /// Where a block has norms.
  public var normPlacement: NormPlacement = .input
  /// Whether a norm lies between the last block and the LM head.
  public var hasFinalNorm = true
  /// The norm of each head's queries and keys before they rotate; `nil` if there is none.
  public var queryKeyNorm: Norm.Kind?
  /// How a block's two halves are added to the residual stream.
  public var residual: Residual = .sequential

  /// The non-linearity of the feed-forward network.
  public var activation: Activation = .silu
  /// Whether the activation gates a second projection of the input.
  public var isGated = true
  /// A mixture of experts in each layer; `nil` for one feed-forward network.
  public var experts: Experts?
  /// Attention scores s become cap · tanh(s / cap).
  public var attentionSoftCap: Float?
  /// Logits l become cap · tanh(l / cap).
  public var logitSoftCap: Float?
  /// Which products and norms add a bias.
  public var biases: Biases = []
  /// Whether the LM head is the embedding matrix.
  public var tiesEmbeddings = false

  /// A Llama-like shape.
  ///
  /// A family then changes what differs.
  public init(
    architecture: String, vocabularySize: Int, hiddenSize: Int, intermediateSize: Int,
    queryHeads: Int, kvHeads: Int, headDim: Int, contextLength: Int, layers: [LayerShape]
  ) {
    self.architecture = architecture
    self.vocabularySize = vocabularySize
    self.hiddenSize = hiddenSize
    self.intermediateSize = intermediateSize
    self.queryHeads = queryHeads
    self.kvHeads = kvHeads
    self.headDim = headDim
    self.contextLength = contextLength
    self.layers = layers
    embeddingWidth = hiddenSize
  }

  /// Number of blocks.
  public var layerCount: Int { layers.count }

  /// The layer after which a prompt's probe is read by default: a third of the depth.
  public var defaultPivot: Int { layerCount / 3 }

  /// Width of one row of fused queries, keys and values.
  public var qkvWidth: Int { (queryHeads + 2 * kvHeads) * headDim }

  /// Width of the attention's output before its projection.
  public var attentionWidth: Int { queryHeads * headDim }

  /// Output width of the feed-forward network's first product: gate and up, or up alone.
  public var feedForwardInputWidth: Int { (isGated ? 2 : 1) * intermediateSize }
}

extension ModelConfig {
  /// What may differ from layer to layer.
  ///
  /// It belongs to the layer's index, also if other layers are skipped.
  public struct LayerShape: Sendable, Equatable {
    /// How many positions a row sees, itself included; `nil`: all earlier ones.
    public var window: Int?
    /// Index into `rotaries` of the embedding that rotates queries and keys; `nil`: none.
    public var rotary: Int?
    /// Multiplies the dot products of queries and keys.
    public var attentionScale: Float
  }

  /// A table of learned position vectors.
  public struct LearnedPositions: Sendable, Equatable {
    /// Positions in the table.
    public var count: Int
    /// Rows of the table before that of position 0.
    public var offset = 0
  }

  /// How rows of the residual stream are normalized.
  public struct Norm: Sendable, Equatable {
    /// RMSNorm or LayerNorm.
    public typealias Kind = NormKind

    /// RMSNorm or LayerNorm.
    public var kind: Kind
    /// Added to the mean square, or the variance.
    public var epsilon: Float
    /// Whether the file stores weight − 1, as Gemma's Hugging Face folders do.
    public var weightsAreOffsets = false
    /// Whether the norm multiplies by weights.
    public var hasWeights = true
  }

  /// Where a block's halves have norms.
  ///
  /// Each half has one at every place named.
  public struct NormPlacement: OptionSet, Sendable, Hashable {
    /// On the half's input (pre-norm).
    public static let input = NormPlacement(rawValue: 1)
    /// On the half's output, before it is added to the residual stream.
    ///
    /// Together with `input`: sandwich norms.
    public static let output = NormPlacement(rawValue: 2)
    /// On the residual stream after the half was added (post-norm).
    public static let residual = NormPlacement(rawValue: 4)

    /// The places as bits.
    public let rawValue: Int

    /// Places from bits.
    public init(rawValue: Int) { self.rawValue = rawValue }
  }

  /// How a block's two halves are added to the residual stream.
  public enum Residual: Sendable, Equatable {
    /// h ← h + attention(h), then h ← h + feedForward(h).
    case sequential
    /// h ← h + attention(h) + feedForward(h). Both halves read the block's input, through one
    /// shared norm or through a norm each.
    case parallel(sharesNorm: Bool)
  }

  /// The non-linearity of a feed-forward network.
  public typealias Activation = AISCompute.Activation

  /// A mixture of experts.
  ///
  /// The weights of a token's experts are a softmax over their router logits, so they add up to 1.
  public struct Experts: Sendable, Equatable {
    /// Experts (feed-forward networks) in a layer.
    public var count: Int
    /// Experts that compute each token.
    public var perToken: Int
  }

  /// Which products and norms add a bias.
  public struct Biases: OptionSet, Sendable, Hashable {
    /// Query, key and value projections.
    public static let qkv = Biases(rawValue: 1)
    /// The attention's output projection.
    public static let attentionOutput = Biases(rawValue: 2)
    /// The feed-forward projections.
    public static let feedForward = Biases(rawValue: 4)
    /// All norms.
    public static let norm = Biases(rawValue: 8)
    /// The LM head.
    public static let head = Biases(rawValue: 16)

    /// The biases as bits.
    public let rawValue: Int

    /// Biases from bits.
    public init(rawValue: Int) { self.rawValue = rawValue }
  }
}
