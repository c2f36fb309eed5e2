import AISHarness
import AISKit
import Foundation
import TestSupport
import Testing

@Suite struct RandomModelTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  /// A model of a shape's family, small enough for a test.
  private func small(_ name: String, layers: Int = 2, seed: UInt64 = 0) throws -> RandomModel {
    var shape = try ModelShape.named(name)
    (shape.hidden, shape.intermediate, shape.vocabulary, shape.layers) = (96, 64, 512, layers)
    return RandomModel(shape, suffix: "", seed: seed)
  }

  private func weights(_ folder: URL) throws -> Data {
    try Data(contentsOf: folder.appendingPathComponent("model.safetensors"))
  }

  @Test(arguments: ModelShape.all.map(\.name))
  func everyShapeLoadsAndComputes(name: String) throws {
    let folder = scratch.file("model")
    try small(name).write(into: folder)
    let model = try LanguageModel(path: folder.path)
    let config = model.decoder.config
    let shape = try ModelShape.named(name)
    #expect(config.layerCount == 2 && config.vocabularySize == 512)
    #expect(config.tiesEmbeddings == (name != "8b"))
    #expect(config.biases == (name == "1.5b" ? .qkv : []))
    #expect(shape.layers >= 28)
    var context = try model.decoder.makeContext(sequences: 2, capacity: 40)
    let prompts: [[Int32]] = [0, 1].map { sequence in (0..<40).map { $0 * 12 + sequence } }
    try model.decoder.forward(PackedTokens(prompts), in: &context)
    for row in 0..<2 {
      context.withLogits(row: row) { logits in
        #expect(logits.allSatisfy { $0.isFinite })
        #expect(Set(logits).count > 100, "the logits differ")
      }
    }
  }

  @Test func routersFitTheShapeAndComeAgain() throws {
    let files = ["a", "b"].map { scratch.file("\($0).safetensors").path }
    for file in files { try RandomRouters(shape: "135m").write(to: file) }
    let bytes = try files.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    #expect(bytes[0] == bytes[1])
    let routers = try TokenRouters(path: files[0])
    #expect(routers.layers == [3, 7, 11, 15, 19, 23, 27] && routers.routers[0].width == 576)
    #expect(throws: RequestError.self) { try RandomRouters(shape: "135m", layers: 3) }
  }

  @Test func theTokenizerHasEveryByteAndNoMore() throws {
    let folder = scratch.file("model")
    try small("135m").write(into: folder)
    let prompts = try PromptEncoder(Checkpoint.open(path: folder.path, weights: false))
    let text = "Grüße, \"world\" \\ 你好\n\t\u{0}"
    let ids = try prompts.encode(text)
    #expect(ids == text.utf8.map { Int32($0) })
    #expect(prompts.tokenizer.decode(ids, skipSpecial: false) == text)
    let chat = try prompts.encode(chat: [ChatMessage(role: "user", content: "Hi")])
    #expect(chat.first == 257 && chat.contains(258) && chat.last == 10)
    // The model has tokens that the tokenizer lacks.
    #expect(prompts.tokenizer.decode([72, 400, 105], skipSpecial: false) == "Hi")
  }

  private static let transformers = PythonPeer.having("transformers")

  @Test(.enabled(if: transformers != nil)) func transformersReadTheTokenizer() throws {
    let folder = scratch.file("model")
    try small("3b").write(into: folder)
    let script = """
      from transformers import AutoTokenizer
      tokenizer = AutoTokenizer.from_pretrained("\(folder.path)")
      print(tokenizer.encode("Hé"), tokenizer.eos_token_id)
      """
    let said = try #require(Self.transformers).run(script)
    #expect(said.hasSuffix("[72, 195, 169] 258\n"), "\(said)")
  }

  @Test func theSeedDecidesEveryByte() throws {
    let folders = try [UInt64(0), 0, 1].enumerated().map { place, seed in
      let folder = scratch.file("\(place)")
      try small("1.5b", seed: seed).write(into: folder)
      return folder
    }
    #expect(try weights(folders[0]) == weights(folders[1]))
    #expect(try weights(folders[0]) != weights(folders[2]))
    let (one, other) = (scratch.file("0"), scratch.file("1"))
    #expect(
      try FileDigest.sha256(ofModel: one, cache: scratch.file("cache"))
        == FileDigest.sha256(ofModel: other, cache: scratch.file("cache")))
  }

  @Test func theNumbersAreNormalAndTheNormsOne() throws {
    let folder = scratch.file("model")
    try small("1.5b").write(into: folder)
    let checkpoint = try HuggingFaceFolder(path: folder.path)
    func values(_ name: String) throws -> [Float] {
      try #require(try checkpoint.tensorIfPresent(name)).dequantized()
    }
    #expect(try values("model.norm.weight") == Array(repeating: 1, count: 96))
    let table = try values("model.embed_tokens.weight")
    let square = table.reduce(0) { $0 + Double($1) * Double($1) } / Double(table.count)
    #expect(abs(square.squareRoot() - 0.02) < 0.0005)
    #expect(abs(table.reduce(0, +) / Float(table.count)) < 0.0005)
    #expect(try Set(values("model.layers.0.self_attn.q_proj.bias")).count > 100)
    #expect(
      try values("model.layers.0.mlp.up_proj.weight") != values("model.layers.1.mlp.up_proj.weight")
    )
  }

  @Test func resultsSayThatTheWeightsAreRandom() throws {
    let folder = scratch.file("any-name")
    try small("3b").write(into: folder)
    #expect(ModelCatalog.shownName(of: folder) == "random:3b")
    let provenance = try Provenance.collect(
      experiment: "bench", model: folder, dtype: "bf16", threads: 1)
    #expect(provenance.modelName == "random:3b")
    #expect(ModelCatalog.shownName(of: URL(fileURLWithPath: "/a/b.gguf")) == "b.gguf")
  }

  // MARK: Names

  @Test func namesSayWhatDiffersFromTheShape() throws {
    #expect(try RandomModel(shape: "3b", layers: 28).name == "random:3b")
    #expect(try RandomModel(shape: "3b", layers: 4, seed: 7).name == "random:3b-layers4-seed7")
    for name in [
      "random:8b", "random:1.5b-layers3", "random:135m-seed9", "random:3b-layers4-seed7",
    ] {
      #expect(try RandomModel(named: name)?.name == name)
    }
    #expect(try RandomModel(named: "smollm2-135m") == nil)
  }

  @Test(arguments: [
    ("random:4b", "shape: expected one of 135m, 1.5b, 3b, 8b, found '4b', perhaps 3b"),
    ("random:", "shape: expected one of 135m, 1.5b, 3b, 8b, found ''"),
    ("random:3b-layers", "shape: expected one of 135m, 1.5b, 3b, 8b, found '3b-layers'"),
    ("random:3b-layers0", "layers: expected 1 to 1000, found 0"),
    ("random:3b-layers-1", "shape: expected one of 135m, 1.5b, 3b, 8b, found '3b-layers-1'"),
  ])
  func aNameThatMeansNoneIsRefusedInOneLine(name: String, says: String) throws {
    let error = #expect(throws: RequestError.self) {
      try ModelCatalog.resolve(name, cache: scratch.url)
    }
    #expect(error?.description == says)
  }

  // MARK: Folders

  @Test func aNameIsMadeOnceInTheCache() throws {
    let folder = try ModelCatalog.resolve("random:135m-layers1", cache: scratch.url)
    #expect(folder.lastPathComponent == "random-135m-layers1")
    let first = try FileManager.default.attributesOfItem(atPath: folder.path)
    #expect(try ModelCatalog.resolve("random:135m-layers1", cache: scratch.url) == folder)
    let second = try FileManager.default.attributesOfItem(atPath: folder.path)
    #expect(first[.systemFileNumber] as? Int == second[.systemFileNumber] as? Int)
    let names = try FileManager.default.contentsOfDirectory(
      atPath: scratch.file("models/random").path)
    #expect(names == ["random-135m-layers1"])
  }

  @Test func severalMakersMakeOneFolder() throws {
    let cache = scratch.url
    // What a killed process left.
    let partial = scratch.file("models/random/.random-135m.ais-partial")
    try FileManager.default.createDirectory(at: partial, withIntermediateDirectories: true)
    try Data("cut off".utf8).write(to: partial.appendingPathComponent("model.safetensors"))
    let model = try small("135m")
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      #expect(throws: Never.self) { try model.folder(cache: cache) }
    }
    #expect(
      try LanguageModel(path: model.folder(cache: cache).path).decoder.config.layerCount == 2)
    #expect(!FileManager.default.fileExists(atPath: partial.path))
  }

  @Test func aFolderThatExistsIsLeftAlone() throws {
    let error = #expect(throws: RequestError.self) { try small("3b").write(into: scratch.url) }
    #expect(
      error?.description.contains("expected the name of a folder that does not exist") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path).isEmpty)
  }

  // MARK: The command

  @Test(.enabled(if: RunningTool.path(of: "ais") != nil))
  func theCommandMakesAModelThatTheOthersUse() throws {
    let environment = ["AIS_CACHE": scratch.url.path]
    let make = try RunningTool(
      "ais", ["random-model", "--shape", "135m", "--layers", "1"], environment: environment)
    #expect(make.wait() == 0, "\(make.errors)")
    #expect(make.output == scratch.file("models/random/random-135m-layers1").path + "\n")
    #expect(make.errors.contains("100 %"))
    let generate = try RunningTool(
      "ais",
      [
        "generate", "--model", "random:135m-layers1", "--chat", "--prompt", "Hi", "--max-tokens",
        "4",
      ], environment: environment)
    #expect(generate.wait() == 0, "\(generate.errors)")
    let wrong = try RunningTool(
      "ais", ["random-model", "--shape", "7b"], environment: environment)
    #expect(wrong.wait() == 2)
    #expect(wrong.errors.hasPrefix("ais: shape: expected one of 135m, 1.5b, 3b, 8b, found '7b'"))
  }

  @Test(.enabled(if: RunningTool.path(of: "ais") != nil)) func aFullDiskIsOneLine() throws {
    let tool = try #require(RunningTool.path(of: "ais"))
    let place = scratch.file("model")
    let shell = try RunningTool(
      path: "/bin/sh",
      [
        "-c", "ulimit -f 1000; exec \(tool) random-model --shape 135m --into \(place.path)",
      ], environment: [:])
    #expect(shell.wait() == 1)
    #expect(shell.errors.hasSuffix("model.safetensors: cannot write: File too large\n"))
    #expect(shell.errors.split(separator: "\n").count == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path).isEmpty)
  }
}
