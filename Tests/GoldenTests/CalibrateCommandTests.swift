import AISKit
import Foundation
import TestSupport
import Testing

/// `ais calibrate` from a file to a file, and its errors for unsuitable files.
@Suite(.enabled(if: RunningTool.path(of: "ais") != nil)) struct CalibrateCommandTests {
  private let folder: TemporaryFolder
  private let model = ReferenceFiles.repository
    .appendingPathComponent("Tests/Fixtures/families/llama-biased-linear").path

  init() throws { folder = try TemporaryFolder() }

  /// Lines of random tokens below 30.
  private func lines(_ count: Int) -> String {
    var random = SplitMix64(seed: 1)
    return (0..<count).map { _ in
      "{\"ids\": \((0..<20).map { _ in random.index(below: 30) })}"
    }.joined(separator: "\n")
  }

  private func run(_ input: String, _ arguments: String...) throws -> RunningTool {
    let tool = try RunningTool(
      "ais",
      [
        "calibrate", "--model", model, "--input", input, "--checkpoint-interval", "1",
        "--min-layers", "1", "--label-every", "1", "--router-bottleneck-dim", "4",
      ] + (arguments.contains("--out") ? [] : ["--out", folder.path("r.safetensors")]) + arguments,
      environment: ["AIS_CACHE": folder.path("cache")])
    _ = tool.wait()
    return tool
  }

  private func expectRefusal(_ tool: RunningTool, _ says: String) {
    #expect(tool.wait() == 2, "\(tool.errors)")
    #expect(tool.errors.contains(says), "\(tool.errors)")
    #expect(tool.errors.split(separator: "\n").count { $0.hasPrefix("ais: ") } == 1)
    #expect(!FileManager.default.fileExists(atPath: folder.path("r.safetensors")))
  }

  @Test func aFileBecomesARouterFile() throws {
    let input = try folder.write(lines(150), as: "in.jsonl")
    let tool = try run(input, "--delta", "0.3", "--seed", "5")
    #expect(tool.wait() == 0, "\(tool.errors)")
    #expect(tool.output.contains("threshold") && tool.output.contains("reads 150 of 150 texts"))
    let path = folder.path("r.safetensors")
    let routers = try TokenRouters(path: path)
    #expect(routers.layers == [0] && routers.routers[0].bottleneck == 4)
    #expect(routers.notes["seed"] == "5" && routers.notes["guarantee_delta"] == "0.3")
    #expect(routers.notes["data_name"] == "in.jsonl" && routers.notes["model_sha256"]?.count == 64)
    #expect(routers.configuration.minLayers == 1)
    // The same command gives the same file.
    let first = try Data(contentsOf: URL(fileURLWithPath: path))
    let again = try run(input, "--delta", "0.3", "--seed", "5", "--json")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == first)
    let json = try JSONSerialization.jsonObject(with: Data(again.output.utf8)) as? [String: Any]
    #expect((json?["checkpoints"] as? [Any])?.count == 1 && json?["seconds"] != nil)
    // No activations remain in the cache.
    let remaining = try FileManager.default.contentsOfDirectory(
      atPath: folder.path("cache/activations"))
    #expect(remaining.isEmpty)
  }

  @Test func filesThatWillNotDoAreNamed() throws {
    expectRefusal(try run(folder.path("missing.jsonl")), "missing.jsonl: expected a readable file")
    expectRefusal(try run(folder.url.path), "expected a readable file")
    expectRefusal(
      try run(folder.write("\n \n", as: "empty.jsonl")), "empty.jsonl: expected at least one line")
    expectRefusal(
      try run(folder.write(lines(60) + "\n{\"ids\": [1, 2", as: "torn.jsonl")),
      "torn.jsonl, line 61")
    expectRefusal(
      try run(folder.write(lines(60) + "\nplain words", as: "plain.jsonl")), "plain.jsonl, line 61")
    expectRefusal(
      try run(folder.write("{\"ids\": [1, 99999]}", as: "far.jsonl")), "expected token ids from 0")
    expectRefusal(try run(folder.write(lines(8), as: "few.jsonl")), "calibration texts: expected")
    let good = try folder.write(lines(150), as: "good.jsonl")
    expectRefusal(
      try run(good, "--out", folder.path("nowhere/r.safetensors")), "a folder to write to")
    expectRefusal(try run(good, "--delta", "2"), "delta: expected a number inside (0, 1)")
    expectRefusal(try run(good, "--checkpoint-interval", "40"), "checkpoint_interval: expected")
    expectRefusal(
      try run(good, "--labels", "cosine", "--convergence-threshold", "1"), "labels by cosine")
  }
}
