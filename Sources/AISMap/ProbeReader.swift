/// Reads probes: the hidden state after the pivot layer at each prompt's last token.
///
/// The pass stops after the pivot: later layers and the LM head are not computed. Prompts are
/// packed without padding, and their common prefix (a chat template's opening) is computed once. A
/// probe does not depend on the other prompts.
public final class ProbeReader {
  /// The layer whose output is read.
  public let pivot: Int
  private let model: DecoderModel
  private var context: DecoderContext
  private var prefix: [Int32] = []
  private var prefixContext: DecoderContext

  /// A reader for prompts, which may have a common prefix.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - pivot: the layer whose output is read.
  ///   - prefix: the tokens with which all prompts begin; may be empty.
  /// - Throws: errors of a forward pass, and `RequestError` for a pivot that is not a layer.
  public init(model: DecoderModel, pivot: Int, sharing prefix: [Int32] = []) throws {
    guard (0..<model.config.layerCount).contains(pivot) else {
      throw RequestError(
        "pivot", expected: "a layer from 0 to \(model.config.layerCount - 1)", found: "\(pivot)")
    }
    self.model = model
    self.pivot = pivot
    self.prefix = prefix
    context = try model.makeContext(capacity: 1)
    prefixContext = try model.makeContext(capacity: max(prefix.count, 1))
    if !prefix.isEmpty {
      try model.forward(
        PackedTokens(prefix), in: &prefixContext,
        policy: DepthPlan.skipping(pivot + 1..<model.config.layerCount), logits: .none)
    }
  }

  /// The probes of prompts, in their order.
  ///
  /// Shape: [prompts, hiddenSize].
  ///
  /// - Throws: `RequestError` for a prompt that is no longer than the prefix or does not begin with it;
  ///   what a forward pass throws.
  public func probes(of prompts: [[Int32]]) throws -> [Float] {
    let width = model.config.hiddenSize
    var result = [Float](repeating: 0, count: prompts.count * width)
    for batch in try batches(prompts) {
      let probes = try read(batch.map { Array(prompts[$0][prefix.count...]) })
      for (row, index) in batch.enumerated() {
        result.replaceSubrange(
          index * width..<(index + 1) * width, with: probes[row * width..<(row + 1) * width])
      }
    }
    return result
  }

  /// Indices of prompts that are computed together.
  ///
  /// Their lengths are similar, because the cache has room for the longest prompt in every
  /// sequence.
  private func batches(_ prompts: [[Int32]]) throws -> [[Int]] {
    for (index, prompt) in prompts.enumerated() {
      guard prompt.count > prefix.count, prompt.starts(with: prefix) else {
        throw RequestError(
          "prompt \(index)", expected: "more than the \(prefix.count) tokens that all begin with",
          found: "\(prompt.count) tokens")
      }
    }
    let order = prompts.indices.sorted { prompts[$0].count < prompts[$1].count }
    let lengths = order.map { prompts[$0].count - prefix.count }
    return PackedTokens.batches(ofLengths: lengths).map { $0.map { order[$0] } }
  }

  private func read(_ sequences: [[Int32]]) throws -> [Float] {
    let longest = sequences.map(\.count).max() ?? 1
    try context.reshape(sequences: sequences.count, capacity: prefix.count + longest)
    if !prefix.isEmpty { try context.adoptPrefix(of: prefixContext, positions: prefix.count) }
    return try model.lastHiddenStates(
      of: PackedTokens(sequences), in: &context, layer: pivot)
  }
}
