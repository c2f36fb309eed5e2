import AISKit
import Foundation

/// What is known of model and data before anything runs: enough to say what work there will be.
public struct WorkSetting {
  /// The model's shape.
  public let config: ModelConfig
  private let prompts: TextSupply
  private let questions: TextSupply
  /// Whether the prompts are those of a file, and not the starter set's.
  public let hasPromptFile: Bool
  private let probesOnDisk: (_ prompts: Int, _ seed: UInt64) -> Int

  init(
    config: ModelConfig, hasPromptFile: Bool, prompts: TextSupply, questions: TextSupply,
    probesOnDisk: @escaping (_ prompts: Int, _ seed: UInt64) -> Int = { _, _ in 0 }
  ) {
    self.config = config
    self.hasPromptFile = hasPromptFile
    self.prompts = prompts
    self.questions = questions
    self.probesOnDisk = probesOnDisk
  }

  /// Prompts as a sample will have them.
  public struct Prompts: Sendable, Equatable {
    /// How many there will be, about.
    public let count: Int
    /// Their tokens, about.
    public let tokens: Double
  }

  /// The model's layers.
  public var layerCount: Int { config.layerCount }

  /// The share of a token's work after the pivot.
  public var afterPivot: Double {
    1 - Double(config.defaultPivot + 1) / Double(max(config.layerCount, 1))
  }

  /// The share of a token's work that is its readout, where it gets one.
  public var readoutShare: Double { config.readoutShare }

  /// As many prompts of a split as were asked for and there are.
  ///
  /// - Parameters:
  ///   - count: how many are asked for.
  ///   - split: where they come from.
  ///   - tokens: longer ones are left out.
  /// - Returns: how many there will be, and their tokens.
  public func prompts(_ count: Int, of split: Split, atMost tokens: Int) -> Prompts {
    let supply = prompts.count(of: split, atMost: tokens)
    let drawn = min(count, supply.count)
    return Prompts(count: drawn, tokens: Double(drawn) * supply.meanTokens)
  }

  /// The prompts of a corpus that is drawn as `MapStore.corpus` draws it: of the map split, and held out.
  public func corpus(_ count: Int) -> Prompts {
    let heldOut = max(1, count / 6)
    let parts = [
      prompts(max(1, count - heldOut), of: .map, atMost: Corpus.maximumTokens),
      prompts(heldOut, of: .test, atMost: Corpus.maximumTokens),
    ]
    return Prompts(
      count: parts.reduce(0) { $0 + $1.count }, tokens: parts.reduce(0) { $0 + $1.tokens })
  }

  /// Reading a corpus through a layer.
  ///
  /// - Parameters:
  ///   - count: prompts that are asked for.
  ///   - layer: the last layer that runs.
  ///   - seed: where the draw starts.
  ///   - usesDisk: whether probes that are on disk are not computed again.
  /// - Returns: what has to be read.
  public func reading(
    corpusOf count: Int, through layer: Int, seed: UInt64, usesDisk: Bool
  ) -> Workload {
    let corpus = corpus(count)
    let known = usesDisk ? min(corpus.count, probesOnDisk(count, seed)) : 0
    let left = corpus.count > 0 ? Double(corpus.count - known) / Double(corpus.count) : 0
    var text = Workload.count(corpus.count, "prompts read through layer \(layer)")
    if known > 0 { text += ", \(known) of them on disk" }
    return Workload(text, tokens: corpus.tokens * left * config.share(ofLayersThrough: layer))
  }

  /// How many questions there are.
  public var questionCount: Int { questions.count }

  /// Tokens of a question with its choices, mean, about.
  public var questionTokens: Double { questions.meanTokens }
}

extension ModelConfig {
  /// Weights of a block that a token is multiplied by.
  var activeBlockParameters: Double {
    Double(attentionParameters + activeFeedForwardParameters)
  }

  /// The share of a token's work, readout included, that is its readout.
  var readoutShare: Double {
    let head = Double(headParameters)
    return head / max(activeBlockParameters * Double(layerCount) + head, 1)
  }

  /// The share of a token's work, readout included, that the layers up to one are.
  func share(ofLayersThrough layer: Int) -> Double {
    (1 - readoutShare) * Double(min(layer + 1, layerCount)) / Double(max(layerCount, 1))
  }

  /// The shape that a model's files declare; `nil` where they cannot be read.
  static func ofFiles(at path: String) -> ModelConfig? {
    switch try? Checkpoint.open(path: path, weights: true) {
    case .gguf(let file)?: try? ModelConfig(gguf: file)
    case .huggingFace(let folder)?: try? ModelConfig(huggingFace: folder)
    case nil: nil
    }
  }
}
