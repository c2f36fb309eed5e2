import Foundation

/// The `config.json` of a model with random weights.
struct RandomConfig: Encodable {
  /// Llama 3's change of the rotary embedding for long contexts.
  struct Scaling: Encodable {
    let factor: Double
    let highFreqFactor = 4.0
    let lowFreqFactor = 1.0
    let originalMaxPositionEmbeddings = 8_192
    let ropeType = "llama3"
  }

  /// The field that says that the weights are random: the model's name.
  static let mark = "ais_random_weights"

  private let aisRandomWeights: String
  private let architectures: [String]
  private let modelType: String
  private let hiddenSize: Int
  private let numHiddenLayers: Int
  private let numAttentionHeads: Int
  private let numKeyValueHeads: Int
  private let headDim: Int
  private let intermediateSize: Int
  private let vocabSize: Int
  private let maxPositionEmbeddings: Int
  private let rmsNormEps: Double
  private let ropeTheta: Double
  private let ropeScaling: Scaling?
  private let tieWordEmbeddings: Bool
  private let useSlidingWindow = false
  private let hiddenAct = "silu"
  private let torchDtype = "bfloat16"
  private let eosTokenId = RandomTokenizer.endID

  /// The configuration of a shape; `name` is the model's.
  init(_ shape: ModelShape, name: String) {
    aisRandomWeights = name
    architectures = [shape.family.className]
    modelType = shape.family.rawValue
    hiddenSize = shape.hidden
    numHiddenLayers = shape.layers
    numAttentionHeads = shape.heads
    numKeyValueHeads = shape.kvHeads
    headDim = shape.headDim
    intermediateSize = shape.intermediate
    vocabSize = shape.vocabulary
    maxPositionEmbeddings = shape.context
    rmsNormEps = shape.epsilon
    ropeTheta = shape.rotaryBase
    ropeScaling = shape.rotaryFactor.map { Scaling(factor: $0) }
    tieWordEmbeddings = shape.isTied
  }

  /// The file's bytes.
  ///
  /// - Throws: what `JSONEncoder` throws.
  func bytes() throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
