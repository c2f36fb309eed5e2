import AISKit
import Foundation
import TestSupport
import Testing

/// A path that runs a layer twice, against a checkpoint that holds this layer twice.
@Suite(.enabled(if: ReferenceFiles.exist), .everyDevice)
struct TinyModelPathTests {
  /// The models, each with a layer order to write and to run.
  private static let cases: [(TinyModel, [Int])] = TinyModel.all.flatMap { tiny in
    [[0, 1, 1, 2, 3], [0, 1, 2, 0, 1, 2, 3], [3, 3, 0]].map { (tiny, $0) }
  }

  private func logits(
    _ model: DecoderModel, _ tokens: [Int32], _ plan: DepthPlan
  ) throws -> [[Float]] {
    var context = try model.makeContext(capacity: tokens.count, path: plan.path)
    let prompt = Array(tokens.dropLast(3))
    try model.forward(PackedTokens(prompt), in: &context, policy: plan, logits: .all)
    var rows = (0..<context.logitRows).map { context.logits(row: $0) }
    for token in tokens.suffix(3) {
      try model.forward(PackedTokens([token]), in: &context, policy: plan)
      rows.append(context.logits(row: 0))
    }
    return rows
  }

  @Test(arguments: cases)
  func aLayerTwiceOnThePathIsALayerTwiceInTheFile(tiny: TinyModel, layers: [Int]) throws {
    let model = try tiny.load()
    let folder = try TemporaryFolder()
    try tiny.write(layers: layers, to: folder.url)
    let written = try TestDevice.current.load(Checkpoint.open(path: folder.url.path))
    // Each copy has the window and the rotation of the layer that it copies.
    #expect(written.config.layers == layers.map { model.config.layers[$0] })
    let tokens = try tiny.golden(layers: 0).tokens[0]
    let path = try DepthPlan([:], path: LayerPath(layers))
    let found = try logits(model, tokens, path)
    #expect(try found == logits(written, tokens, .full))
    #expect(try found != logits(model, tokens, .full))
  }
}
