import AISHarness
import AISKit
import ArgumentParser
import Foundation
import HDF5
import TestSupport
import Testing

/// An experiment that reads a file of routers.
private struct Routed: Experiment {
  static let card = ExperimentCard(
    id: "994", title: "Routed", question: "?", claim: ".", criteria: [], cost: "nothing")
  @OptionGroup var model: ModelOptions
  @OptionGroup var exit: RouterOptions
  @OptionGroup var output: OutputOptions
  static let variantOptions: Set = ["router"]
  var variant: String { exit.label }
  var inputFiles: [(name: String, path: String)] { exit.inputFiles }

  struct Row: ResultRow {
    var layer = 0
    static let columns: [Column<Row>] = [Column("layer", \.layer, "index")]
  }

  func measure(in lab: Lab<Row>) throws {
    for layer in try lab.routers(option: exit.router).layers { try lab.record(Row(layer: layer)) }
  }
}

@Suite struct ModelArtefactTests {
  private let folder: TemporaryFolder
  private let model: String
  private let digest: String

  init() throws {
    folder = try TemporaryFolder()
    model = try folder.write(SyntheticModel().bytes(), as: "model.gguf")
    digest = try FileDigest.sha256(ofModel: URL(fileURLWithPath: model))
  }

  /// Routers for models of the synthetic model's width.
  private func routers(madeFor digest: String?) throws -> String {
    let path = folder.path("r.safetensors")
    var notes = ["labels": "agreement"]
    notes["model_sha256"] = digest
    let router = TokenRouter(
      layer: 1, width: 40, down: [Float](repeating: 0.1, count: 80), up: [1, 1])
    try TokenRouters([router], notes: notes).write(to: path)
    return path
  }

  /// Bridges over layer 2 that add a constant.
  private func bridges(madeFor digest: String?) throws -> String {
    let path = folder.path("b.safetensors")
    let bridge = try Bridge(
      run: LayerRun(2, 2), width: 40, map: .none, bias: [Float](repeating: 0.1, count: 40),
      firstPosition: .mapped)
    try Bridges([bridge], notes: digest.map { ["model_sha256": $0] } ?? [:]).write(to: path)
    return path
  }

  private func options(_ arguments: String...) throws -> ForeignOptions {
    try ForeignOptions.parse(arguments)
  }

  @Test func whatWasMadeForTheModelIsUsedInSilence() throws {
    let artefact = try ModelArtefact(kind: "routers", path: routers(madeFor: digest))
    var said: [String] = []
    #expect(try artefact.check(usedWith: digest, options()) { said.append($0) } == nil)
    #expect(said.isEmpty && artefact.modelSHA256 == digest)
  }

  @Test func whatWasMadeForAnotherIsRefusedInOneLineUnlessForced() throws {
    let path = try routers(madeFor: "abc")
    let artefact = try ModelArtefact(kind: "routers", path: path)
    var said: [String] = []
    #expect(
      message { _ = try artefact.check(usedWith: digest, options()) { said.append($0) } }
        == "\(path): expected routers made for the model in use, model_sha256 \(digest), found abc; "
        + "--force uses it all the same")
    #expect(said.isEmpty)
    #expect(try artefact.check(usedWith: digest, options("--force")) { said.append($0) } == "abc")
    #expect(said == ["\(path): made for another model, model_sha256 abc; used with --force"])
  }

  @Test func whatCarriesNoDigestIsUsedAndSaysSo() throws {
    let path = try routers(madeFor: nil)
    var said: [String] = []
    let artefact = try ModelArtefact(kind: "routers", path: path)
    let foreign = try artefact.check(
      usedWith: { () throws -> String in throw CancellationError() }(), options()
    ) { said.append($0) }
    #expect(foreign == nil && said == ["\(path): carries no model digest: not checked"])
  }

  // MARK: - Experiments

  private func run(_ arguments: String...) -> HarnessMain.Outcome {
    HarnessMain.outcome(
      of: Routed.self, arguments: ["--model", model, "--out", folder.path("out")] + arguments)
  }

  @Test func anExperimentRefusesAnotherModelsRoutersBeforeItWrites() throws {
    let path = try routers(madeFor: "abc")
    let outcome = run("--router", path)
    #expect(outcome.status == .wrongRequest)
    #expect(outcome.standardError?.contains("expected routers made for the model in use") == true)
    let results = try? FileManager.default.contentsOfDirectory(atPath: folder.path("out/exp994"))
    #expect(results?.isEmpty ?? true)
    #expect(run("--force").status == .wrongRequest, "nothing to be forced")
  }

  @Test func aForcedRunSaysSoInItsNameAndItsParameters() throws {
    let path = try routers(madeFor: "abc")
    #expect(run("--router", path, "--force") == .init(status: .done))
    let forced = try ResultFile.read(folder.path("out/exp994/model-f32-r-force1.h5"))
    #expect(forced.provenance.parameters["router_model_sha256"] == "abc")
    #expect(forced.provenance.parameters["force"] == "foreign")
    _ = try routers(madeFor: digest)
    #expect(run("--router", path) == .init(status: .done))
    let usual = try ResultFile.read(folder.path("out/exp994/model-f32-r.h5"))
    #expect(usual.provenance.parameters["router_model_sha256"] == nil)
    #expect(usual.provenance.parameters["force"] == nil)
  }

  // MARK: - Commands

  /// Checks a command with a file made for the model, for another, and for an unknown one.
  private func expectChecks(
    _ command: [String], _ path: (String?) throws -> String, attribute: String
  ) throws {
    let input = try folder.write("{\"ids\": [1, 2, 3]}\n", as: "in.jsonl")
    let out = folder.path("out.h5")
    func run(madeFor digest: String?, _ more: String...) throws -> RunningTool {
      let file = try path(digest)
      unlink(out)
      let tool = try RunningTool(
        "ais",
        [command[0], "--model", model, command[1], file, "--input", input, "--out", out] + more,
        environment: ["AIS_CACHE": folder.path("cache")])
      _ = tool.wait()
      return tool
    }
    let own = try run(madeFor: digest)
    #expect(own.wait() == 0 && !own.errors.contains("digest"), "\(own.errors)")
    let foreign = try run(madeFor: "abc")
    #expect(foreign.wait() == 2, "\(foreign.errors)")
    #expect(foreign.errors.contains("model_sha256 \(digest), found abc; --force"))
    #expect(foreign.errors.split(separator: "\n").count == 1, "\(foreign.errors)")
    #expect(!FileManager.default.fileExists(atPath: out))
    let forced = try run(madeFor: "abc", "--force")
    #expect(forced.wait() == 0 && forced.errors.contains("used with --force"), "\(forced.errors)")
    let file = try HDF5File.open(out)
    #expect(try file.attribute(attribute, as: String.self) == "abc")
    try file.close()
    let unknown = try run(madeFor: nil)
    #expect(unknown.wait() == 0 && unknown.errors.contains("carries no model digest: not checked"))
  }

  @Test(.enabled(if: RunningTool.path(of: "ais") != nil))
  func forwardChecksBridges() throws {
    try expectChecks(["forward", "--bridge"], bridges, attribute: "bridge_model_sha256")
  }

  @Test(.enabled(if: RunningTool.path(of: "ais") != nil))
  func exitsChecksRouters() throws {
    try expectChecks(["exits", "--router"], routers, attribute: "router_model_sha256")
  }
}
