/// The shape of a decoder-only transformer, as values: everything that tells one model from another.
///
/// The block and the loop read these fields and know no families; a `ModelFamily` translates what
/// its files declare. The defaults are Llama's: RMSNorm before each half of a block, one half after
/// the other, gated feed-forward network, no biases.
public struct ModelConfig: Sendable, Equatable {
  /// The family's name as the file gives it, for people.
  public var architecture: String
  /// Tokens in the vocabulary: the width of the logits.
  public var vocabularySize: Int
  /// Width of the residual stream.
  public var hiddenSize: Int
  /// Width of the feed-forward network's inner layer; of one expert where there are several.
  public var intermediateSize: Int
  /// Attention heads that ask.
  public var queryHeads: Int
  /// Attention heads that answer; each serves `queryHeads / kvHeads` query heads.
  public var kvHeads: Int
  /// Width of a head.
  public var headDim: Int
  /// Positions that the model was trained for.
  public var contextLength: Int
  /// What differs from layer to layer.
  ///
  /// Shape: [layerCount].
  public var layers: [LayerShape]

  /// Width of the token embeddings; where it is not `hiddenSize`, a product leads from one to the
  /// other, and another back before the LM head.
  public var embeddingWidth: Int
  /// Token embeddings are multiplied by this.
  public var embeddingScale: Float = 1
  /// A learned vector for each position, added to the embeddings.
  public var learnedPositions: LearnedPositions?
  /// The rotary embeddings that layers choose from.
  public var rotaries: [RotaryEmbedding] = []
  /// ALiBi: how much a head's scores lose for each position of distance; empty: nothing.
  ///
  /// Shape: [queryHeads], or [].
  public var distanceSlopes: [Float] = []

  /// The norm of the residual stream.
  public var norm = Norm(kind: .rms, epsilon: 1e-6)
  /// Where a block's norms stand.
  public var normPlacement: NormPlacement = .input
  /// There is a norm between the last block and the LM head.
  public var hasFinalNorm = true
  /// Queries and keys are normalized per head before they rotate, by a norm of this kind.
  public var queryKeyNorm: Norm.Kind?
  /// How a block's two halves meet the residual stream.
  public var residual: Residual = .sequential

  /// Applied in the feed-forward network.
  public var activation: Activation = .silu
  /// The activation gates a second projection of the input.
  public var isGated = true
  /// The feed-forward networks of a mixture, of which a router picks some for each token.
  public var experts: Experts?
  /// Attention scores s become cap · tanh(s / cap).
  public var attentionSoftCap: Float?
  /// Logits l become cap · tanh(l / cap).
  public var logitSoftCap: Float?
  /// Which products and norms add a bias.
  public var biases: Biases = []
  /// The LM head is the embedding matrix.
  public var tiesEmbeddings = false

  /// A Llama-like shape, for a family to change.
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

  /// Where a prompt's probe is read unless somebody says otherwise: a third of the way up.
  public var defaultPivot: Int { layerCount / 3 }

  /// Width of one row of fused queries, keys and values.
  public var qkvWidth: Int { (queryHeads + 2 * kvHeads) * headDim }

  /// Width of the attention's output before its projection.
  public var attentionWidth: Int { queryHeads * headDim }

  /// Width of what the feed-forward network's first product gives: gate and up, or up alone.
  public var feedForwardInputWidth: Int { (isGated ? 2 : 1) * intermediateSize }
}

extension ModelConfig {
  /// What may differ from layer to layer; follows the layer's own index, whatever is left out.
  public struct LayerShape: Sendable, Equatable {
    /// How many positions back a row sees, itself included; `nil`: all of them.
    public var window: Int?
    /// Which of `rotaries` turns its queries and keys; `nil`: none.
    public var rotary: Int?
    /// Multiplies the products of queries and keys.
    public var attentionScale: Float
  }

  /// A table of learned position vectors.
  public struct LearnedPositions: Sendable, Equatable {
    /// Positions that the table serves.
    public var count: Int
    /// Rows of the table before that of position 0.
    public var offset = 0
  }

  /// How rows of the residual stream are normalized.
  public struct Norm: Sendable, Equatable {
    /// Which statistic divides a row.
    public typealias Kind = NormKind

    /// Which statistic.
    public var kind: Kind
    /// Added to the mean square, or the variance.
    public var epsilon: Float
    /// The file's weights are distances from 1, as in Gemma's Hugging Face folders.
    public var weightsAreOffsets = false
    /// It multiplies by weights of its own.
    public var hasWeights = true
  }

  /// Where the norms of a block's halves stand; each half has one at every place named.
  public struct NormPlacement: OptionSet, Sendable, Hashable {
    /// On what the half reads (pre-norm).
    public static let input = NormPlacement(rawValue: 1)
    /// On what the half adds to the residual stream; with `input`: sandwich norms.
    public static let output = NormPlacement(rawValue: 2)
    /// On the residual stream after the half was added (post-norm).
    public static let residual = NormPlacement(rawValue: 4)

    /// The places as bits.
    public let rawValue: Int

    /// Places from bits.
    public init(rawValue: Int) { self.rawValue = rawValue }
  }

  /// How a block's two halves meet the residual stream.
  public enum Residual: Sendable, Equatable {
    /// h ← h + attention(h), then h ← h + feedForward(h).
    case sequential
    /// h ← h + attention(h) + feedForward(h): both read the block's input, each through a norm of
    /// its own, or through one for both.
    case parallel(sharesNorm: Bool)
  }

  /// The non-linearity of a feed-forward network.
  public typealias Activation = AISCompute.Activation

  /// A mixture of experts: softmax over the router's best, which add up to 1.
  public struct Experts: Sendable, Equatable {
    /// Feed-forward networks in a layer.
    public var count: Int
    /// Networks that a token passes through.
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
