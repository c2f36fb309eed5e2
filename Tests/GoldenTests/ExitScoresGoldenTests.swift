import AISKit
import Foundation
import HDF5
import TestSupport
import Testing

/// Router scores and exits, compared with TIDE's.
struct ExitScoresGoldenTests {
  private static let thresholds = ["0.5", "0.7", "0.85", "0.9", "0.95"]

  private struct Golden {
    let folder: URL
    let file: String

    init() throws {
      folder = try #require(ReferenceFiles.golden).appendingPathComponent("smollm2")
      file = folder.appendingPathComponent("tide.h5").path
    }

    var router: String { folder.appendingPathComponent("tide-router.safetensors").path }
  }

  /// TIDE does not allow exits after the checkpoint at which exactly `min_layers` layers have run.
  private static func expectExits(
    _ layers: [Int32], _ threshold: String, _ group: String, _ golden: borrowing HDF5File
  ) throws {
    let text = try golden.attribute("exits_\(threshold)", as: String.self, on: group)
    let counts = try JSONDecoder().decode([String: Int].self, from: Data(text.utf8))
    var found: [String: Int] = [:]
    for layer in layers where layer >= 0 { found["\(layer)", default: 0] += 1 }
    #expect(found == counts)
  }

  @Test(
    .enabled(if: ReferenceFiles.exist && CachedModel.standard.isPresent))
  func scoresAndExitsAreTheReferences() throws {
    let golden = try Golden()
    let model = try DecoderModel.load(Checkpoint.open(path: CachedModel.standard.path))
    let routers = try TokenRouters(path: golden.router)
    let scorer = try ExitScorer(model: model, routers: routers)
    let file = try HDF5File.open(golden.file)
    for name in try file.children() {
      let ids = try file.read(Int32.self, from: "/\(name)/ids")
      var context = try model.makeContext(capacity: ids.count)
      try model.forward(PackedTokens(ids), in: &context, observer: scorer, logits: .none)
      let scores = scorer.scores
      for (layer, values) in zip(scores.layers, scores.values) {
        expectClose(
          values, try file.read(Float.self, from: "/\(name)/score_L\(layer)"), tolerance: 1e-4)
      }
      for threshold in Self.thresholds {
        try Self.expectExits(
          scores.exitLayers(threshold: Double(threshold) ?? .nan, minLayers: 9), threshold,
          "/\(name)", file)
      }
    }
  }

  @Test(
    .enabled(
      if: ReferenceFiles.exist && CachedModel.standard.isPresent
        && RunningTool.path(of: "ais") != nil))
  func theToolWritesThem() throws {
    let golden = try Golden()
    let folder = try TemporaryFolder()
    let file = try HDF5File.open(golden.file)
    let names = try file.children()
    let lines = try names.map { "{\"ids\": \(try file.read(Int32.self, from: "/\($0)/ids"))}" }
    let input = try folder.write(lines.joined(separator: "\n"), as: "in.jsonl")
    let out = folder.path("out.h5")
    let tool = try RunningTool(
      "ais",
      [
        "exits", "--model", CachedModel.standard.path, "--router", golden.router, "--input", input,
        "--out", out, "--min-layers", "9", "--threshold", Self.thresholds.joined(separator: ","),
        "--batch", "5",
      ], environment: [:])
    #expect(tool.wait() == 0, "\(tool.errors)")
    let written = try HDF5File.open(out)
    #expect(try written.attribute("experiment", as: String.self) == "exits")
    for (index, name) in names.enumerated() {
      let place = String(format: "%05d", index)
      let ids = try file.read(Int32.self, from: "/\(name)/ids")
      #expect(try written.read(Int32.self, from: "/tokens/\(place)") == ids)
      for layer in [3, 7, 11, 15, 19, 23, 27] {
        expectClose(
          try written.read(Float.self, from: "/scores/\(place)/L\(layer)"),
          try file.read(Float.self, from: "/\(name)/score_L\(layer)"), tolerance: 1e-4)
      }
      for threshold in Self.thresholds {
        try Self.expectExits(
          try written.read(Int32.self, from: "/exit_layer/\(place)/t\(threshold)"), threshold,
          "/\(name)", file)
      }
    }
  }
}
