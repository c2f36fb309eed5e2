import AISHarness
import AISKit
import Foundation
import TestSupport
import Testing

/// Bridges on the default model, by the library and by the tool.
@Suite(.enabled(if: CachedModel.standard.isPresent)) struct BridgeGoldenTests {
  private static let run = LayerRun(12, 17)

  /// Shipped prompts in three disjoint parts: for the fit, for choosing the penalty, for the test.
  private static func texts(
    _ language: LanguageModel
  ) throws -> (fit: Bridges.Texts, test: [[Int32]]) {
    let prompts = try StarterData.prompts.map { try language.tokens(ofMessage: $0.text) }
      .filter { $0.count < 90 }
    let places = prompts.indices.filter { $0 % 2 == 0 }
    let fit = places.filter { $0 % 10 != 0 }.map { prompts[$0] }
    let rest = places.filter { $0 % 10 == 0 }.map { prompts[$0] }
    return (Bridges.Texts(fit: fit, choose: Array(rest.dropFirst(10))), Array(rest.prefix(10)))
  }

  @Test func aBridgeKeepsFarMoreThanAHardSkip() throws {
    let language = try LanguageModel(path: CachedModel.standard.path, type: .f32)
    let model = language.decoder
    let (texts, test) = try Self.texts(language)
    let comparison = try PlanComparison(
      model, texts: test, firstPosition: PromptDraw.sharedOpening(language).count)
    func kl(_ plan: DepthPlan) throws -> Double {
      let rows = try comparison.compare(plan).flatMap { $0 }
      return rows.reduce(0) { $0 + $1.klBaseSkip } / Double(rows.count)
    }
    let hard = try kl(.skipping(Self.run.layers))
    let fitter = try BridgeFitter(model, runs: [Self.run], forms: Set(BridgeForm.allCases))
    try fitter.read(texts.fit, for: .fit)
    try fitter.read(texts.choose, for: .choose)
    for form in BridgeForm.allCases {
      let bridge = try fitter.fit(Self.run, form).bridge
      let bridged = try kl(Bridges([bridge]).plan(for: model))
      #expect(bridged < 0.6 * hard, "\(form): \(bridged), hard \(hard)")
    }
    #expect(try kl(.full) < 1e-9)
  }

  /// Shipped prompts as JSON lines.
  private static func lines(_ count: Int) throws -> String {
    try StarterData.prompts.prefix(count).map { prompt in
      "{\"text\": \(String(decoding: try JSONEncoder().encode(prompt.text), as: UTF8.self))}"
    }.joined(separator: "\n")
  }

  private func run(_ arguments: String...) throws -> RunningTool {
    let tool = try RunningTool(
      "ais", [arguments[0], "--model", CachedModel.standard.path] + arguments.dropFirst(),
      environment: [:])
    _ = tool.wait()
    return tool
  }

  @Test(.enabled(if: RunningTool.path(of: "ais") != nil))
  func exitBridgesReadOutExitedRows() throws {
    let folder = try TemporaryFolder()
    let input = try folder.write(Self.lines(120), as: "in.jsonl")
    let (bridges, router) = (folder.path("b.safetensors"), folder.path("r.safetensors"))
    let fit = try run(
      "bridge", "--input", input, "--chat", "--exits", "9,19", "--max-tokens", "4000",
      "--rank", "64", "--out", bridges)
    #expect(fit.wait() == 0, "\(fit.errors)")
    let file = try Bridges(path: bridges)
    #expect(file.bridges.map(\.run) == [LayerRun(10, 29), LayerRun(20, 29)])
    #expect(file.notes["exits"] == "9,19" && file.notes["form"] == "map")
    #expect(file.notes["rank"] == "64" && file.bridges[0].parameters == 2 * 64 * 576)
    func calibrate(_ bridges: String, interval: String = "10") throws -> RunningTool {
      try run(
        "calibrate", "--input", input, "--chat", "--max-tokens", "6000", "--label-every", "1",
        "--checkpoint-interval", interval, "--exit-bridges", bridges, "--out", router)
    }
    let other = try calibrate(bridges, interval: "8")
    #expect(other.wait() == 2 && other.errors.contains("also after 7, 15, 23"), "\(other.errors)")
    let calibrated = try calibrate(bridges)
    #expect(calibrated.wait() == 0, "\(calibrated.errors)")
    let routers = try TokenRouters(path: router)
    #expect(routers.readout == .bridge && routers.notes["exit_bridges_sha256"]?.count == 64)
    // The threshold holds only for the readout with these bridges.
    let plain = try run(
      "generate", "--prompt", "Hello", "--max-tokens", "4", "--router", router)
    #expect(plain.wait() == 2 && plain.errors.contains("with --exit-bridges"), "\(plain.errors)")
    let generated = try run(
      "generate", "--prompt", "Hello", "--max-tokens", "4", "--router", router, "--exit-bridges",
      bridges)
    #expect(generated.wait() == 0, "\(generated.errors)")
    // Bridges that were fitted to the texts on which the threshold is chosen are refused.
    let all = folder.path("all.safetensors")
    let fitAll = try run(
      "bridge", "--input", input, "--chat", "--runs", "10-29,20-29", "--independent", "--form",
      "map", "--max-tokens", "2000", "--out", all)
    #expect(fitAll.wait() == 0, "\(fitAll.errors)")
    let refused = try calibrate(all)
    #expect(refused.wait() == 2 && refused.errors.contains("--exits"), "\(refused.errors)")
    let last = try run(
      "bridge", "--input", input, "--exits", "29", "--out", folder.path("x.safetensors"))
    #expect(last.wait() == 2 && last.errors.contains("layers before the last, 0 to 28"))
  }

  @Test(.enabled(if: RunningTool.path(of: "ais") != nil))
  func theToolFitsAFileThatItCrosses() throws {
    let folder = try TemporaryFolder()
    let input = try folder.write(Self.lines(40), as: "in.jsonl")
    let file = folder.path("b.safetensors")
    let fit = try run(
      "bridge", "--input", input, "--chat", "--runs", "12-15,20-21", "--form", "both",
      "--max-tokens", "3000", "--out", file)
    #expect(fit.wait() == 0, "\(fit.errors)")
    #expect(fit.output.contains("layers 12-15  error 0.") && fit.output.contains("layers 20-21"))
    let bridges = try Bridges(path: file)
    #expect(bridges.notes["form"] == "both" && bridges.notes["model_sha256"]?.count == 64)
    #expect(bridges.notes["data_name"] == "in.jsonl")
    for type in ["f32", "bf16", "int8", "native"] {
      let out = folder.path("\(type).h5")
      let forward = try run(
        "forward", "--input", input, "--chat", "--bridge", file, "--dtype", type, "--out", out)
      #expect(forward.wait() == 0, "\(forward.errors)")
    }
    let hard = try run(
      "forward", "--input", input, "--chat", "--hard", "12", "--bridge", file,
      "--out", folder.path("x.h5"))
    #expect(hard.wait() == 2)
    #expect(
      hard.errors.contains("layer 12: expected one action, found a bridge and another action"))
    let missing = try run(
      "forward", "--input", input, "--bridge", folder.path("none"), "--out", folder.path("x.h5"))
    #expect(missing.wait() == 2 && missing.errors.contains("none"))
    let wrong = try run(
      "bridge", "--input", input, "--runs", "40", "--out", folder.path("x.safetensors"))
    #expect(wrong.wait() == 2 && wrong.errors.contains("expected layers 0 to 29"))
  }
}
