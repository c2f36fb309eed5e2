import AISKit
import Foundation
import TestSupport
import Testing

/// Descriptions of model files.
struct InspectionTests {
  @Test func inspectionTellsFamilyShapeTensorsAndMemory() throws {
    let shape = SyntheticModel { $0.window = 7 }
    let folder = try TemporaryFolder()
    let path = try folder.write(shape.bytes(), as: "model.gguf")
    let inspection = ModelInspection(try Checkpoint.open(path: path))
    #expect(inspection.problem == nil)
    func fact(_ name: String) -> String? { inspection.facts.first { $0.name == name }?.text }
    #expect(fact("Family") == "Llama (general.architecture 'llama')")
    #expect(fact("Layers") == "5, each sees 7 positions")
    #expect(fact("Attention")?.hasPrefix("6 query heads, 2 key-value heads, 20 wide") == true)
    #expect(fact("Not read") == nil)
    let queries = inspection.tensors.first { $0.name == "blk.#.attn_q.weight" }
    #expect(queries?.shape == [120, 40] && queries?.count == 5 && queries?.elementType == "F32")
    // Five layers of 40 × (200 + 120 + 3 · 52) weights, and the head.
    #expect(
      inspection.memory.prefix(5).map(\.name)
        == ComputeType.allCases.map {
          "Packed weights, \($0.rawValue)"
        })
    #expect(inspection.memory[0].text == "393.12 kB")
    #expect(inspection.memory[1].text == "196.56 kB")
    #expect(inspection.memory[2].text == "196.56 kB")
    // int8 takes a byte for each weight, and a scale and a sum for each of 5 × (200 + 40 + 104 +
    // 40) + 77 outputs. Native is float32, as in the file.
    #expect(inspection.memory[3].text == "114.26 kB")
    #expect(inspection.memory[4].text == "393.12 kB")
    #expect(fact("Name") == "model")
  }

  @Test(arguments: [
    (#""_name_or_path": "owner/marble-1b", "#, "owner/marble-1b"),
    (#""_name_or_path": "/fsx/runs/17", "#, nil), (#""_name_or_path": "", "#, nil),
    (#""_name_or_path": 7, "#, nil), ("", nil),
    (#""_name_or_path": "a\u001b[2Jb", "#, #"a\u{1B}[2Jb"#),
  ])
  func inspectionTellsTheModelsOwnName(field: String, name: String?) throws {
    let folder = try FamilyFiles.folder(
      "{\(field)\"model_type\": \"llama\", \(FamilyFiles.sizes)}",
      ["model.embed_tokens.weight": [8, 32]])
    let inspection = ModelInspection(try Checkpoint.open(path: folder.url.path))
    #expect(inspection.facts.first?.name == "Name")
    #expect(inspection.facts.first?.text == name ?? folder.url.lastPathComponent)
  }

  @Test func aGGUFFilesOwnNameComesFirst() throws {
    var file = GGUFBuilder()
    file.set("general.architecture", .string("x"))
    file.set("general.name", .string("Marble 1B"))
    file.add("a", shape: [1], floats: [0])
    let folder = try TemporaryFolder()
    let path = try folder.write(file.bytes(), as: "other.gguf")
    #expect(ModelInspection(try Checkpoint.open(path: path)).facts.first?.text == "Marble 1B")
  }

  @Test func aMissingTensorIsFoundByInspection() throws {
    let folder = try FamilyFiles.folder(
      "{\"model_type\": \"llama\", \(FamilyFiles.sizes)}", ["model.embed_tokens.weight": [8, 32]])
    let inspection = ModelInspection(try Checkpoint.open(path: folder.url.path))
    #expect(inspection.facts.contains { $0.name == "Attention" })
    #expect("\(try #require(inspection.problem))".contains("model.norm.weight"))
  }

  @Test func namesThatWouldMoveTheCursorAreEscaped() throws {
    var file = GGUFBuilder()
    file.set("general.architecture", .string("x"))
    file.add("a\u{1B}[2Jb\n", shape: [1], floats: [0])
    let folder = try TemporaryFolder()
    let path = try folder.write(file.bytes(), as: "model.gguf")
    let inspection = ModelInspection(try Checkpoint.open(path: path))
    #expect(inspection.tensors.map(\.name) == ["a\\u{1B}[2Jb\\n"])
  }

  @Test func whatCannotBeLoadedIsStillListed() throws {
    let folder = try FamilyFiles.folder("{\"model_type\": \"marble\"}", FamilyFiles.llamaTensors)
    let inspection = ModelInspection(try Checkpoint.open(path: folder.url.path))
    #expect(inspection.problem is RequestError)
    #expect(inspection.memory.isEmpty)
    #expect(inspection.tensors.contains { $0.name == "model.layers.#.mlp.up_proj.weight" })
  }
}
