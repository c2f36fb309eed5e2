import AISKit
import Foundation

/// The facts about model and data that are known before anything runs; work follows from them.
public struct WorkSetting {
  /// The model's shape.
  public let config: ModelConfig
  private let prompts: TextSupply
  private let questions: TextSupply
  /// Whether the prompts come from a file, not from the starter set.
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

  /// The expected size of a sample of prompts.
  public struct Prompts: Sendable, Equatable {
    /// About how many prompts there will be.
    public let count: Int
    /// About how many tokens they have together.
    public let tokens: Double
  }

  /// The model's layers.
  public var layerCount: Int { config.layerCount }

  /// The share of a token's work after the pivot.
  public var afterPivot: Double {
    1 - Double(config.defaultPivot + 1) / Double(max(config.layerCount, 1))
  }

  /// The readout's share of a token's work, if it gets one.
  public var readoutShare: Double { config.readoutShare }

  /// The size of a sample of a split, at most as large as the split.
  ///
  /// - Parameters:
  ///   - count: how many are asked for.
  ///   - split: where they come from.
  ///   - tokens: longer ones are left out.
  /// - Returns: how many prompts there will be, and their tokens.
  public func prompts(_ count: Int, of split: Split, atMost tokens: Int) -> Prompts {
    let supply = prompts.count(of: split, atMost: tokens)
    let drawn = min(count, supply.count)
    return Prompts(count: drawn, tokens: Double(drawn) * supply.meanTokens)
  }

  /// The prompts of a corpus as `MapStore.corpus` draws it: map prompts and held-out ones.
  public func corpus(_ count: Int) -> Prompts {
    let heldOut = max(1, count / 6)
    let parts = [
      prompts(max(1, count - heldOut), of: .map, atMost: Corpus.maximumTokens),
      prompts(heldOut, of: .test, atMost: Corpus.maximumTokens),
    ]
    return Prompts(
      count: parts.reduce(0) { $0 + $1.count }, tokens: parts.reduce(0) { $0 + $1.tokens })
  }

  /// The work of running a corpus up to a layer.
  ///
  /// - Parameters:
  ///   - count: prompts that are asked for.
  ///   - layer: the last layer that runs.
  ///   - seed: where the draw starts.
  ///   - usesDisk: whether probes that are on disk are not computed again.
  /// - Returns: the work.
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

  /// About how many tokens a question with its choices has, mean.
  public var questionTokens: Double { questions.meanTokens }
}

extension ModelConfig {
  /// The number of a block's weights that a token is multiplied by.
  var activeBlockParameters: Double {
    Double(attentionParameters + activeFeedForwardParameters)
  }

  /// The readout's share of a token's work, which includes it.
  var readoutShare: Double {
    let head = Double(headParameters)
    return head / max(activeBlockParameters * Double(layerCount) + head, 1)
  }

  /// The share of a token's work, readout included, in the layers up to `layer`.
  func share(ofLayersThrough layer: Int) -> Double {
    (1 - readoutShare) * Double(min(layer + 1, layerCount)) / Double(max(layerCount, 1))
  }

  /// The shape that a model's files declare; `nil` if they cannot be read.
  static func ofFiles(at path: String) -> ModelConfig? {
    switch try? Checkpoint.open(path: path, weights: true) {
    case .gguf(let file)?: try? ModelConfig(gguf: file)
    case .huggingFace(let folder)?: try? ModelConfig(huggingFace: folder)
    case nil: nil
    }
  }
}
