import AISKit
import TestSupport
import Testing

/// Decoding several tokens without the host between them does what single passes do.
@Suite(.everyDevice) struct DecodeAheadTests {
  private func model() throws -> DecoderModel {
    try SyntheticModel().load()
  }

  /// Single passes, and the most probable token after each.
  private func step(
    _ model: DecoderModel, _ tokens: [Int32], count: Int, _ context: inout DecoderContext,
    _ policy: some DepthPolicy
  ) throws -> [[Int32]] {
    var chosen: [[Int32]] = []
    for _ in 0..<count {
      try model.forward(
        PackedTokens(decoding: chosen.last ?? tokens), in: &context, policy: policy)
      chosen.append(
        tokens.indices.map { row in
          context.withLogits(row: row) { Int32($0.firstLargest) }
        })
    }
    return chosen
  }

  private let prompts: [[Int32]] = [[3, 1, 4], [1, 5, 9, 2, 6], [5]]

  private func check(_ policy: some DepthPolicy) throws {
    let model = try model()
    var one = try model.makeContext(sequences: 3, capacity: 60)
    var other = try model.makeContext(sequences: 3, capacity: 60)
    try model.forward(PackedTokens(prompts), in: &one, policy: policy)
    try model.forward(PackedTokens(prompts), in: &other, policy: policy)
    let first: [Int32] = [7, 8, 9]
    let expected = try step(model, first, count: 23, &one, policy)
    // In three parts: the first has nothing recorded yet, and the last is a single pass.
    var found = try model.decode(first, count: 5, in: &other, policy: policy).map(\.tokens)
    found += try model.decode(found[4], count: 17, in: &other, policy: policy).map(\.tokens)
    found += try model.decode(found[21], count: 1, in: &other, policy: policy).map(\.tokens)
    #expect(found == expected)
    #expect(other.cache.lengths == one.cache.lengths)
    // Passes of another shape after it see all positions.
    let next = PackedTokens([[1, 2], [3], [4, 5, 6]])
    try model.forward(next, in: &one, policy: policy)
    try model.forward(next, in: &other, policy: policy)
    #expect(one.logits(row: 2) == other.logits(row: 2))
    // A context that was shortened goes on from there.
    one.truncate(to: 10)
    other.truncate(to: 10)
    #expect(
      try model.decode(first, count: 9, in: &other, policy: policy).map(\.tokens)
        == step(model, first, count: 9, &one, policy))
  }

  @Test func everyLayerRuns() throws { try check(DepthPlan.full) }

  @Test func layersAreLeftOut() throws { try check(DepthPlan.skipping([1, 3])) }

  @Test func aFullCacheIsRefused() throws {
    let model = try model()
    var context = try model.makeContext(capacity: 8)
    try model.forward(PackedTokens([1, 2, 3]), in: &context)
    _ = try model.decode([4], count: 2, in: &context)
    let length = context.cache.lengths
    let room = context.cache.capacity - length[0]
    #expect(throws: RequestError.self) {
      try model.decode([5], count: room + 1, in: &context)
    }
    #expect(context.cache.lengths == length)
    #expect(try model.decode([5], count: room, in: &context).count == room)
  }

  @Test func aLayerThatWasSkippedBeforeIsRefused() throws {
    let model = try model()
    var context = try model.makeContext(capacity: 30)
    let plan = try DepthPlan.skipping([1, 3])
    try model.forward(PackedTokens([1, 2, 3]), in: &context)
    _ = try model.decode([4], count: 6, in: &context)
    _ = try model.decode([4], count: 6, in: &context, policy: plan)
    #expect(throws: RequestError.self) { try model.decode([5], count: 4, in: &context) }
  }
}
