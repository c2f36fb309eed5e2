import AISKit
import Foundation
import TestSupport
import Testing

@Suite struct CheckpointTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func weights(_ names: String..., value: Float = 1) -> [UInt8] {
    var builder = SafetensorsBuilder()
    for name in names { builder.add(name, shape: [1], floats: [value]) }
    return builder.bytes()
  }

  private func openFailure(_ path: String? = nil) -> CheckpointError? {
    #expect(throws: CheckpointError.self) { try Checkpoint.open(path: path ?? folder.url.path) }
  }

  @Test func tellsContainersApartByLooking() throws {
    var builder = GGUFBuilder()
    builder.add("token_embd.weight", shape: [1], floats: [3])
    let gguf = try Checkpoint.open(path: folder.write(builder.bytes(), as: "no-extension"))
    guard case .gguf = gguf else { throw Failure("a GGUF file was taken for something else") }
    #expect(try gguf.tensor("token_embd.weight").dequantized() == [3])

    try folder.write("{\"model_type\": \"llama\"}", as: "config.json")
    try folder.write(weights("a.weight"), as: "model.safetensors")
    let hub = try Checkpoint.open(path: folder.url.path)
    guard case .huggingFace(let model) = hub else { throw Failure("a folder was not recognised") }
    #expect(try model.config.string("model_type") == "llama")
    #expect(hub.tensorNames == ["a.weight"])
    #expect(try hub.tensorIfPresent("b.weight") == nil)
    #expect(hub.shape(ofTensor: "a.weight") == [1])
    #expect(hub.elementTypeName(ofTensor: "a.weight") == "F32")
  }

  @Test func saysWhatWasExpectedOfAnythingElse() throws {
    let expected = "a GGUF file or a Hugging Face folder with config.json"
    let absent = openFailure(folder.path("absent"))
    #expect(absent?.expected == expected)
    #expect(absent?.found == "nothing there")
    let bare = openFailure()
    #expect(bare?.expected == expected)
    #expect(bare?.found == "a folder without config.json")
    let text = openFailure(try folder.write("# A model\n", as: "README.md"))
    #expect(text?.expected == expected)
    #expect(text?.found == "a file that begins '# A mode'")
    #expect(openFailure(try folder.write([0], as: "short"))?.expected == expected)
    #expect(openFailure(try folder.write([], as: "empty"))?.found == "0 bytes")
  }

  @Test func refusesDirectoriesAndPipesAsFiles() throws {
    let directory = #expect(throws: CheckpointError.self) { try GGUFFile(path: folder.url.path) }
    #expect(directory?.found == "a directory")
    let pipe = folder.path("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    let error = #expect(throws: CheckpointError.self) { try GGUFFile(path: pipe) }
    #expect(error?.found == "a device, pipe or socket")
    let absent = #expect(throws: CheckpointError.self) { try MappedFile(path: folder.path("x")) }
    #expect(absent?.found == "no such file")
  }

  @Test func readsShardsThroughTheirIndex() throws {
    try folder.write("{}", as: "config.json")
    try folder.write(weights("a", "extra", value: 1), as: "model-1.safetensors")
    try folder.write(weights("b", value: 2), as: "model-2.safetensors")
    try folder.write(
      #"""
      {"metadata": {"total_size": 8},
       "weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
      """#, as: "model.safetensors.index.json")
    let model = try HuggingFaceFolder(path: folder.url.path)
    #expect(model.tensorNames == ["a", "b"])
    #expect(model.weightFiles.count == 2)
    #expect(try model.tensor("a").dequantized() == [1])
    #expect(try model.tensor("b").dequantized() == [2])
    #expect(try model.tensorIfPresent("extra") == nil)
    let error = #expect(throws: CheckpointError.self) { try model.tensor("extra") }
    #expect(error?.place == .tensor("extra"))
  }

  @Test(arguments: [
    "../secret.safetensors", "/etc/secret.safetensors", "sub/secret.safetensors", "", "..", "x.bin",
    "a\\u0000.safetensors",
  ])
  func refusesAnIndexThatLeavesTheFolder(name: String) throws {
    try folder.write("{}", as: "config.json")
    let index = "{\"weight_map\": {\"a.b\": \"\(name)\"}}"
    try folder.write(index, as: "model.safetensors.index.json")
    let error = openFailure()
    #expect(error?.place == .json("weight_map.a.b"))
    #expect(error?.expected == "the plain name of a .safetensors file in the folder")
  }

  @Test func refusesAnIndexThatContradictsItsShards() throws {
    try folder.write("{}", as: "config.json")
    try folder.write(weights("a"), as: "one.safetensors")
    let index = "model.safetensors.index.json"
    try folder.write("{\"weight_map\": {\"b\": \"one.safetensors\"}}", as: index)
    #expect(openFailure()?.place == .tensor("b"))
    #expect(openFailure()?.found == "no such tensor")
    try folder.write("{\"weight_map\": {\"a\": \"two.safetensors\"}}", as: index)
    #expect(openFailure()?.file == folder.path("two.safetensors"))
    #expect(openFailure()?.found == "no such file")
    try folder.write("{\"weight_map\": {\"a\": 7}}", as: index)
    #expect(openFailure()?.place == .json("weight_map.a"))
    try folder.write("{\"weight_map\": {}}", as: index)
    #expect(openFailure()?.expected == "at least one tensor")
    try folder.write("{\"metadata\": {}}", as: index)
    #expect(openFailure()?.place == .json("weight_map"))
    try folder.write("[]", as: index)
    #expect(openFailure()?.expected == "a JSON object")
  }

  @Test func saysThatSafetensorsAreNeeded() throws {
    try folder.write("{}", as: "config.json")
    #expect(openFailure()?.found == "neither")
    try folder.write([1], as: "pytorch_model.bin")
    #expect(openFailure()?.expected.contains("model.safetensors") == true)
    #expect(openFailure()?.found == "only pytorch_model.bin, which AIS does not read from a folder")
    let tokenizerOnly = try HuggingFaceFolder(path: folder.url.path, weights: false)
    #expect(tokenizerOnly.tensorNames.isEmpty)
  }

  @Test func saysWhereTheTokenizerFilesAre() throws {
    try folder.write("{}", as: "config.json")
    try folder.write("{}", as: "tokenizer.json")
    try folder.write("hi", as: "chat_template.jinja")
    let model = try HuggingFaceFolder(path: folder.url.path, weights: false)
    #expect(model.tokenizerURL?.path == folder.path("tokenizer.json"))
    #expect(model.chatTemplateURL?.lastPathComponent == "chat_template.jinja")
    #expect(model.tokenizerConfigURL == nil)
    #expect(model.generationConfigURL == nil)
  }

  private struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }
}
