import AISKit
import Foundation
import TestSupport
import Testing

/// Small random models of each family, compared with Hugging Face transformers in float32, and
/// relations that hold for any model.
@Suite(.enabled(if: ReferenceFiles.exist), .everyDevice)
struct TinyModelTests {
  /// The input of every layer, all rows.
  private final class InputCapture: ForwardObserver {
    var inputs: [[Float]] = []

    func embedded(_ hidden: borrowing HiddenStates) throws { inputs.append(try hidden.numbers()) }

    func finished(_ step: Step, _ action: StepAction, hidden: borrowing HiddenStates) throws {
      inputs.append(try hidden.numbers())
    }
  }

  private func load(_ tiny: TinyModel) throws -> (DecoderModel, TinyModel.Golden) {
    let model = try tiny.load()
    return (model, try tiny.golden(layers: model.config.layerCount))
  }

  /// The logits of every position.
  private func logits(
    _ model: DecoderModel, _ tokens: [Int32], _ plan: DepthPlan = .full,
    observer: (any ForwardObserver)? = nil
  ) throws -> [Float] {
    var context = try model.makeContext(capacity: tokens.count)
    try model.forward(
      PackedTokens(tokens), in: &context, policy: plan, observer: observer, logits: .all)
    return context.withAllLogits { Array($0) }
  }

  @Test func everyFamilyIsHere() {
    #expect(TinyModel.all.count >= 14)
  }

  @Test(arguments: TinyModel.all)
  func logitsAndLayerInputsMatch(tiny: TinyModel) throws {
    let (model, golden) = try load(tiny)
    for (sequence, tokens) in golden.tokens.enumerated() {
      let capture = InputCapture()
      let found = try logits(model, tokens, observer: capture)
      expectClose(found, golden.logits[sequence], tolerance: 1e-3)
      if sequence == 0 {
        for (layer, input) in golden.inputs.enumerated() {
          expectClose(capture.inputs[layer], input, tolerance: 1e-3)
        }
      }
    }
  }

  @Test(arguments: TinyModel.all)
  func aBatchOfThreeIsThreeSingles(tiny: TinyModel) throws {
    let (model, golden) = try load(tiny)
    // Different lengths, so that rows of a batch are at different positions.
    let sequences = [golden.tokens[0], Array(golden.tokens[1].prefix(17)), golden.tokens[2]]
    var context = try model.makeContext(sequences: 3, capacity: 64)
    try model.forward(PackedTokens(sequences), in: &context, logits: .all)
    let together = context.withAllLogits { Array($0) }
    let alone = try sequences.flatMap { try logits(model, $0) }
    expectClose(together, alone, tolerance: 1e-4)
    let width = model.config.vocabularySize
    expectClose(Array(together.prefix(40 * width)), golden.logits[0], tolerance: 1e-3)
    expectClose(Array(together.suffix(40 * width)), golden.logits[2], tolerance: 1e-3)
  }

  @Test(arguments: TinyModel.all)
  func prefillIsTokenByToken(tiny: TinyModel) throws {
    let (model, golden) = try load(tiny)
    let tokens = golden.tokens[1]
    var context = try model.makeContext(capacity: tokens.count)
    var found: [Float] = []
    for token in tokens {
      try model.forward(PackedTokens([token]), in: &context)
      found += context.logits(row: 0)
    }
    expectClose(found, golden.logits[1], tolerance: 1e-3)
  }

  @Test(arguments: TinyModel.all)
  func greedyTokensAreIdentical(tiny: TinyModel) throws {
    let (model, golden) = try load(tiny)
    var produced = Array(golden.greedy.prefix(12))
    _ = try Generator(model: model).generate(
      prompt: produced, maxTokens: golden.greedy.count - 12
    ) {
      produced.append($0.id)
      return true
    }
    #expect(produced == golden.greedy)
  }

  @Test(arguments: TinyModel.all)
  func aLayerThatIsSkippedMightAsWellNotExist(tiny: TinyModel) throws {
    let model = try tiny.load()
    let tokens = try tiny.golden(layers: 0).tokens[0]
    let folder = try TemporaryFolder()
    try tiny.write(without: 1, to: folder.url)
    let smaller = try DecoderModel.load(Checkpoint.open(path: folder.url.path))
    #expect(smaller.config.layerCount == model.config.layerCount - 1)
    expectClose(
      try logits(model, tokens, .skipping([1])), try logits(smaller, tokens), tolerance: 1e-5)
    expectClose(
      try logits(model, tokens, DepthPlan([1: .skip, 2: .blend(alpha: 0.6)])),
      try logits(smaller, tokens, .blending([1], alpha: 0.6)), tolerance: 1e-5)
  }

  @Test(arguments: TinyModel.all)
  func leavingAtALayerIsReadOutByTheFamilysOwnHead(tiny: TinyModel) throws {
    let (model, golden) = try load(tiny)
    let capture = InputCapture()
    let full = try logits(model, golden.tokens[0], observer: capture)
    let layers = model.config.layerCount
    for layer in 1...layers {
      let readOut = try model.logits(ofHiddenStates: capture.inputs[layer])
      let left = try logits(model, golden.tokens[0], .skipping(layer..<layers))
      #expect(readOut == left, "from layer \(layer)")
    }
    #expect(try model.logits(ofHiddenStates: capture.inputs[layers]) == full)
  }

  @Test(arguments: TinyModel.all.filter { ["gpt2", "opt"].contains($0.name) })
  func learnedPositionsEnd(tiny: TinyModel) throws {
    let model = try tiny.load()
    let learned = try #require(model.config.learnedPositions)
    var context = try model.makeContext(capacity: learned.count + 16)
    let tokens = [Int32](repeating: 7, count: learned.count)
    try model.forward(PackedTokens(tokens), in: &context)
    #expect(throws: RequestError.self) { try model.forward(PackedTokens([7]), in: &context) }
    #expect(context.cache.lengths == [learned.count])
  }

  @Test(arguments: TinyModel.all)
  func halvesOfABlockAddUp(tiny: TinyModel) throws {
    let (model, golden) = try load(tiny)
    let tokens = golden.tokens[2]
    // The contribution of a half is what remains if the other half is skipped.
    func output(_ action: LayerAction) throws -> [Float] {
      let capture = InputCapture()
      _ = try logits(model, tokens, DepthPlan([0: action]), observer: capture)
      return capture.inputs[1]
    }
    let attention = try output(.skipFeedForward)
    let feedForward = try output(.skipAttention)
    let (nothing, both) = (try output(.skip), try output(.run))
    #expect(attention != nothing && feedForward != nothing && both != attention)
    if case .parallel = model.config.residual {
      let sum = nothing.indices.map { attention[$0] + feedForward[$0] - nothing[$0] }
      expectClose(both, sum, tolerance: 1e-5)
    }
  }

  @Test(arguments: TinyModel.all)
  func theReferenceLoopsAgree(tiny: TinyModel) throws {
    let (model, golden) = try load(tiny)
    let reference = try DecoderModel.loadReference(Checkpoint.open(path: tiny.folder.path))
    let plan = try DepthPlan([0: .blend(alpha: 0.3), 1: .skip, 3: .skipAttention])
    let tokens = Array(golden.tokens[0].prefix(20))
    expectClose(
      try logits(model, tokens, plan), try logits(reference, tokens, plan), tolerance: 1e-4)
  }

  @Test(arguments: TinyModel.all)
  func bfloat16StaysNear(tiny: TinyModel) throws {
    let golden = try tiny.golden(layers: 0)
    let model = try DecoderModel.load(
      Checkpoint.open(path: tiny.folder.path), type: .bf16)
    let found = try logits(model, golden.tokens[0])
    let spread = golden.logits[0].map(abs).max() ?? 0
    let distance = zip(found, golden.logits[0]).reduce(Float(0)) { $0 + abs($1.0 - $1.1) }
    // 8 significant bits, four layers. Only the mean is bounded: rounding may swap nearly equal
    // experts of a row, which changes that row's logits a lot.
    #expect(distance / Float(found.count) < 0.02 * spread)
    #expect(try found != logits(tiny.load(), golden.tokens[0]))
  }

  @Test(arguments: TinyModel.all)
  func lastRowsAreThoseOfAWholePass(tiny: TinyModel) throws {
    let (model, golden) = try load(tiny)
    let capture = InputCapture()
    _ = try logits(model, golden.tokens[0], observer: capture)
    var context = try model.makeContext(capacity: 40)
    for layer in 0..<model.config.layerCount {
      let found = try model.lastHiddenStates(
        of: PackedTokens(golden.tokens[0]), in: &context, layer: layer)
      expectClose(
        found, Array(capture.inputs[layer + 1].suffix(model.config.hiddenSize)), tolerance: 1e-5)
    }
  }
}
