/// Reads probes: the hidden state at the pivot layer, at each prompt's last token.
///
/// The pass stops behind the pivot; later layers and the head are never computed. Prompts are packed
/// without padding, and what all of them begin with (a chat template's opening) is computed once. A
/// probe does not depend on the prompts beside it.
public final class ProbeReader {
  /// Rows that a pass computes at most, unless a single prompt has more: enough to be bound by
  /// arithmetic, few enough that activations stay in the cache.
  static let packedRows = 512

  /// The layer whose output is read.
  public let pivot: Int
  private let model: DecoderModel
  private var context: DecoderContext
  private var prefix: [Int32] = []
  private var prefixContext: DecoderContext

  /// A reader for prompts that begin alike, or don't.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - pivot: the layer whose output is read.
  ///   - prefix: what all prompts to come begin with; may be empty.
  /// - Throws: what a forward pass throws, and `ModelError` for a pivot that is no layer.
  public init(model: DecoderModel, pivot: Int, sharing prefix: [Int32] = []) throws {
    guard (0..<model.config.layerCount).contains(pivot) else {
      throw ModelError(
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
  /// - Throws: `ModelError` for a prompt that is no longer than the prefix or does not begin with it;
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

  /// Indices of prompts that are computed together: of similar length, so that the cache, which has
  /// room for the longest in each place, stays small.
  private func batches(_ prompts: [[Int32]]) throws -> [[Int]] {
    for (index, prompt) in prompts.enumerated() {
      guard prompt.count > prefix.count, prompt.starts(with: prefix) else {
        throw ModelError(
          "prompt \(index)", expected: "more than the \(prefix.count) tokens that all begin with",
          found: "\(prompt.count) tokens")
      }
    }
    var batches: [[Int]] = []
    var rows = 0
    for index in prompts.indices.sorted(by: { prompts[$0].count < prompts[$1].count }) {
      let count = prompts[index].count - prefix.count
      if batches.isEmpty || rows + count > Self.packedRows {
        batches.append([])
        rows = 0
      }
      batches[batches.count - 1].append(index)
      rows += count
    }
    return batches
  }

  private func read(_ sequences: [[Int32]]) throws -> [Float] {
    let longest = sequences.map(\.count).max() ?? 1
    try context.reshape(
      sequences: sequences.count, capacity: prefix.count + longest, config: model.config)
    if !prefix.isEmpty { context.adoptPrefix(of: prefixContext, positions: prefix.count) }
    return try model.lastHiddenStates(
      of: PackedTokens(sequences), in: &context, layer: pivot)
  }
}
