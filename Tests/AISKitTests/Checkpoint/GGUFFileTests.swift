import AISKit
import Foundation
import TestSupport
import Testing

@Suite struct GGUFFileTests {
  /// Written by the `gguf` Python package; see Fixtures/make_quant_blocks.py.
  static let fixture = ReferenceFiles.repository
    .appendingPathComponent("Tests/Fixtures/quant_blocks.gguf").path

  @Test func readsEveryMetadataTypeOfAFileWrittenByTheReferenceWriter() throws {
    let file = try GGUFFile(path: Self.fixture)
    #expect(file.version == 3)
    #expect(file.alignment == 32)
    #expect(file.metadataKeys.first == "general.architecture")
    #expect(try file.string("general.architecture") == "fixture")
    #expect(try file.integer("value.uint8") == 200)
    #expect(try file.integer("value.int8") == -100)
    #expect(try file.integer("value.uint16") == 60_000)
    #expect(try file.integer("value.int16") == -30_000)
    #expect(try file.integer("value.uint32") == 4_000_000_000)
    #expect(try file.integer("value.int32") == -2_000_000_000)
    #expect(try file.integer("value.int64") == -(1 << 62))
    #expect(try file.number("value.uint64") == 0x1p64)
    #expect(try file.number("value.int8") == -100)
    #expect(try file.number("value.float32") == Double(Float(1e-6)))
    #expect(try file.number("value.float64") == 1e-300)
    #expect(try file.bool("value.bool") == true)
    #expect(try file.string("value.string") == "Grüße, 世界 🙂")
    #expect(try file.integers("value.integers") == [3, -1, 2])
    #expect(try file.numbers("value.integers") == [3, -1, 2])
    #expect(try file.numbers("value.floats") == [0.5, -1.25])
    #expect(file.describe("value.strings") == "array of 5 strings")
    #expect(file.describe("value.float32") == "1e-06")
    #expect(file.describe("value.string") == "\"Grüße, 世界 🙂\"")
  }

  @Test func givesStringsAsBytesAndAsText() throws {
    let strings = try #require(try GGUFFile(path: Self.fixture).strings("value.strings"))
    #expect(strings.map(\.description) == ["", "a", "Ġthe", "▁of", "🙂"])
    #expect(strings.map(\.count) == [0, 1, 5, 5, 4])
    #expect(strings[3].withUnsafeBytes { Array($0) } == Array("▁of".utf8))
    #expect(strings.withUnsafeBytes(at: 4) { Array($0) } == Array("🙂".utf8))
    #expect(strings[1] == strings[1])
    #expect(strings[1] != strings[2])
  }

  @Test func comparesStringsByTheirBytes() throws {
    let folder = try TemporaryFolder()
    var builder = GGUFBuilder()
    builder.set("tokens", .strings(["é", "e\u{301}", "é"]))
    let file = try GGUFFile(path: folder.write(builder.bytes(), as: "tokens.gguf"))
    let strings = try #require(try file.strings("tokens"))
    #expect(strings[0] != strings[1], "one letter and a letter with an accent are two tokens")
    #expect(strings[0] == strings[2])
    #expect(Set(strings).count == 2)
  }

  @Test func givesNilForAbsentKeysAndAnErrorForOtherTypes() throws {
    let file = try GGUFFile(path: Self.fixture)
    #expect(try file.string("absent") == nil)
    #expect(try file.strings("absent") == nil)
    #expect(try file.integers("absent") == nil)
    #expect(file.describe("absent") == nil)
    let error = #expect(throws: CheckpointError.self) { try file.integer("value.string") }
    #expect(error?.place == .metadata("value.string"))
    #expect(error?.expected == "an integer below 2^63")
    #expect(error?.found == "string \"Grüße, 世界 🙂\"")
    #expect(throws: CheckpointError.self) { try file.integer("value.uint64") }
    #expect(throws: CheckpointError.self) { try file.integer("value.float32") }
    #expect(throws: CheckpointError.self) { try file.integer("value.bool") }
    #expect(throws: CheckpointError.self) { try file.string("value.strings") }
    #expect(throws: CheckpointError.self) { try file.bool("value.uint8") }
    #expect(throws: CheckpointError.self) { try file.strings("value.integers") }
    #expect(throws: CheckpointError.self) { try file.integers("value.floats") }
    #expect(throws: CheckpointError.self) { try file.numbers("value.strings") }
    #expect(throws: CheckpointError.self) { try file.number("value.string") }
  }

  @Test(arguments: [2, 3] as [UInt32], [1, 8, 32, 4096])
  func readsTensorsOfBothVersionsAtAnyAlignment(version: UInt32, alignment: Int) throws {
    let folder = try TemporaryFolder()
    var builder = GGUFBuilder()
    builder.version = version
    builder.alignment = alignment
    builder.set("odd", .string("moves what follows"))
    builder.add("one", shape: [3], floats: [1, 2, 3])
    builder.add("two", shape: [2, 3], floats: [4, 5, 6, 7, 8, 9])
    let file = try GGUFFile(path: folder.write(builder.bytes(), as: "model.gguf"))
    #expect(file.version == Int(version))
    #expect(file.alignment == alignment)
    #expect(file.tensorNames == ["one", "two"])
    let two = try file.tensor("two")
    #expect(two.shape == [2, 3], "outermost first, although stored innermost first")
    #expect(two.rowCount == 2)
    #expect(two.rowElements == 3)
    #expect(two.dequantized() == [4, 5, 6, 7, 8, 9])
    #expect(try file.tensor("one").dequantized() == [1, 2, 3])
  }

  @Test func namesTheTensorThatIsMissing() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(GGUFBuilder().bytes(), as: "empty.gguf")
    let file = try GGUFFile(path: path)
    #expect(file.tensorNames.isEmpty)
    #expect(try file.tensorIfPresent("output.weight") == nil)
    let error = #expect(throws: CheckpointError.self) { try file.tensor("output.weight") }
    let line = "\(path): tensor 'output.weight': expected a tensor of this name, found none among 0"
    #expect(error?.description == line)
  }

  @Test(arguments: [(20, "IQ4_NL", 18), (34, "TQ1_0", 54), (24, "I8", 256), (4242, "4242", 1)])
  func refusesATensorOfAnotherEncodingOnlyWhenAskedForIt(
    number: Int, name: String, bytes: Int
  ) throws {
    let folder = try TemporaryFolder()
    var builder = GGUFBuilder()
    builder.add("norm", shape: [2], floats: [1, 2])
    builder.add(
      "odd", shape: [256], typeNumber: UInt32(number), data: Array(repeating: 0, count: bytes * 8))
    let file = try GGUFFile(path: folder.write(builder.bytes(), as: "model.gguf"))
    #expect(try file.tensor("norm").dequantized() == [1, 2])
    #expect(file.shape(ofTensor: "odd") == [256])
    for ask in [{ _ = try file.tensor("odd") }, { try file.validateElementTypes() }] {
      let error = #expect(throws: CheckpointError.self) { try ask() }
      #expect(error?.place == .tensor("odd"))
      #expect(error?.found.contains(name) == true)
      #expect(error?.expected.contains("Q4_K") == true)
    }
  }

  @Test func keepsTheFileMappedAsLongAsATensorIsInUse() throws {
    let folder = try TemporaryFolder()
    var builder = GGUFBuilder()
    builder.add("weight", shape: [2, 2048], floats: (0..<4096).map(Float.init))
    let path = try folder.write(builder.bytes(), as: "model.gguf")
    let tensor = try GGUFFile(path: path).tensor("weight")
    try FileManager.default.removeItem(atPath: path)
    #expect(tensor.dequantized().last == 4095)
    tensor.releasePages()
    #expect(tensor.dequantized() == (0..<4096).map(Float.init), "read anew after release")
  }

  @Test func describesErrorsInOneLineWhateverTheNames() throws {
    let error = CheckpointError(
      file: "a\nb", place: .tensor("x\u{2028}\ry" + String(repeating: "z", count: 5000)),
      expected: "one\u{0}line", found: "two\nlines")
    #expect(error.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "\u{2028}" })
    #expect(error.description.count < 400)
    #expect(error.description.hasPrefix(#"a\nb: tensor 'x\u{2028}\ryzzz"#))
  }
}
