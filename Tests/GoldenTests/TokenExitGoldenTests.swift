import AISKit
import Foundation
import HDF5
import TestSupport
import Testing

/// Token exit on the default model, with routers that TIDE trained.
@Suite(.enabled(if: ReferenceFiles.exist && CachedModel.standard.isPresent), .serialized)
struct TokenExitGoldenTests {
  private let model: DecoderModel
  private let routers: TokenRouters
  private let golden: String

  init() throws {
    let folder = try #require(ReferenceFiles.golden).appendingPathComponent("smollm2")
    model = try DecoderModel.load(Checkpoint.open(path: CachedModel.standard.path))
    routers = try TokenRouters(
      path: folder.appendingPathComponent("tide-router.safetensors").path)
    golden = folder.appendingPathComponent("tide.h5").path
  }

  /// Keeps every score of a pass.
  private final class Scores: ForwardObserver {
    var byLayer: [Int: [Float]] = [:]
    func embedded(_ hidden: borrowing HiddenStates) { byLayer = [:] }
    func scored(layer: Int, rows: [Int], scores: [Float]) {
      byLayer[layer] = Array(scores)
    }
  }

  private func configuration(
    threshold: Double, fill: KVFill = .project, minLayers: Int = 1
  ) -> TokenExitConfiguration {
    var configuration = TokenExitConfiguration()
    configuration.exitThreshold = threshold
    configuration.minLayers = minLayers
    configuration.kvCacheStrategy = fill
    return configuration
  }

  private func prompts(_ count: Int) throws -> [[Int32]] {
    let file = try HDF5File.open(golden)
    return try (0..<count).map { index in
      // Prompts of different lengths.
      let ids = try file.read(
        Int32.self, from: "/\(String(format: "%02d", index))/ids")
      return Array(ids.prefix(11 + 9 * index))
    }
  }

  @Test func scoresInTheLoopAreTheOtherProjects() throws {
    let exit = try TokenExit(
      routers: routers, model: model, configuration: configuration(threshold: 1.01))
    let file = try HDF5File.open(golden)
    let scores = Scores()
    for index in 0..<12 {
      let group = "/\(String(format: "%02d", index))"
      let ids = try file.read(Int32.self, from: "\(group)/ids")
      var context = try model.makeContext(capacity: ids.count)
      try model.forward(
        PackedTokens(ids), in: &context, policy: exit, observer: scores, logits: .none)
      for layer in [3, 7, 11, 15, 19, 23, 27] {
        let expected = try file.read(Float.self, from: "\(group)/score_L\(layer)")
        expectClose(scores.byLayer[layer] ?? [], expected, tolerance: 1e-4)
      }
    }
  }

  @Test(arguments: [1, 4, 8]) func aboveOneNothingChanges(batch: Int) throws {
    let prompts = try prompts(batch)
    let exit = try TokenExit(
      routers: routers, model: model, configuration: configuration(threshold: 1.01))
    var full = try model.makeContext(sequences: batch, capacity: 128)
    var idle = try model.makeContext(sequences: batch, capacity: 128)
    try model.forward(PackedTokens(prompts), in: &full, logits: .all)
    try model.forward(PackedTokens(prompts), in: &idle, policy: exit, logits: .all)
    #expect(full.withAllLogits { Array($0) } == idle.withAllLogits { Array($0) })
    for step in 0..<3 {
      let next = PackedTokens(decoding: (0..<batch).map { Int32(100 + 7 * $0 + step) })
      try model.forward(next, in: &full)
      try model.forward(next, in: &idle, policy: exit)
      #expect(full.withAllLogits { Array($0) } == idle.withAllLogits { Array($0) })
    }
  }

  @Test(arguments: [(7, 1), (15, 4), (27, 8)], KVFill.allCases)
  func allRowsExitingIsTheHardPlan(place: (layer: Int, batch: Int), fill: KVFill) throws {
    let prompts = try prompts(place.batch)
    let plan = try DepthPlan(hard: "\(place.layer + 1)-29")
    let exit = try TokenExit(
      schedule: { layer, _, _ in layer == place.layer },
      configuration: configuration(threshold: 0, fill: fill))
    var hard = try model.makeContext(sequences: place.batch, capacity: 128)
    var exited = try model.makeContext(sequences: place.batch, capacity: 128)
    try model.forward(PackedTokens(prompts), in: &hard, policy: plan)
    try model.forward(PackedTokens(prompts), in: &exited, policy: exit)
    for step in 0..<2 {
      #expect(hard.withAllLogits { Array($0) } == exited.withAllLogits { Array($0) })
      let next = PackedTokens(decoding: (0..<place.batch).map { Int32(50 + $0 + step) })
      try model.forward(next, in: &hard, policy: plan)
      try model.forward(next, in: &exited, policy: exit)
    }
    #expect(hard.withAllLogits { Array($0) } == exited.withAllLogits { Array($0) })
  }

  /// A batch gives each sequence the same tokens as alone, and counts follow from the decisions.
  @Test func aRoutedBatchSaysWhatItsSequencesSayAlone() throws {
    let prompts = try prompts(6)
    let exit = try TokenExit(
      routers: routers, model: model, configuration: configuration(threshold: 0.6, minLayers: 9))
    let generator = BatchGenerator(model: model, endIDs: [])
    let together = try generator.generate(prompts: prompts, maxTokens: 12, policy: exit)
    var same = 0
    for (index, prompt) in prompts.enumerated() {
      let alone = try generator.generate(prompts: [prompt], maxTokens: 12, policy: exit)[0]
      // Rounding differs with the number of rows, so a score at the very threshold may fall either way.
      if alone.tokens.map(\.id) == together[index].tokens.map(\.id) { same += 1 }
      #expect(
        alone.tokens.allSatisfy { $0.executedLayers == $0.exitLayer.map { $0 + 1 } ?? 30 })
    }
    #expect(same >= 5)
    #expect(together.flatMap(\.tokens).contains { $0.exitLayer != nil })
    let full = try generator.generate(prompts: prompts, maxTokens: 12)
    let single = try prompts.map { prompt -> [Int32] in
      var ids: [Int32] = []
      _ = try Generator(model: model).generate(prompt: prompt, maxTokens: 12) {
        ids.append($0.id)
        return true
      }
      return ids
    }
    #expect(zip(full, single).count { $0.tokens.map(\.id) == $1 } >= 5)
  }
}
