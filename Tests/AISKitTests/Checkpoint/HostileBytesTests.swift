import AISKit
import Foundation
import TestSupport
import Testing

/// For any bytes, a reader gives a typed error or a usable file.
///
/// It never crashes.
@Suite struct HostileBytesTests {
  static let gguf: [UInt8] = {
    var builder = GGUFBuilder()
    builder.alignment = 8
    builder.set("general.architecture", .string("llama"))
    builder.set("block_count", .uint16(2))
    builder.set("eps", .float32(1e-5))
    builder.set("flags", .bools([true, false]))
    builder.set("tokens", .strings(["a", "bc", ""]))
    builder.set("scores", .float32s([1, 2]))
    builder.add("norm", shape: [4], floats: [1, 2, 3, 4])
    builder.add("up", shape: [2, 32], type: .q4_1, data: Array(0..<40))
    builder.add("cube", shape: [1, 2, 2], type: .f16, data: Array(0..<8))
    return builder.bytes()
  }()

  static let safetensors: [UInt8] = {
    var builder = SafetensorsBuilder()
    builder.setMetadata(["format": "pt"])
    builder.add("a.weight", shape: [2, 2], floats: [1, 2, 3, 4])
    builder.add("b.weight", dtype: "BF16", shape: [3], data: [1, 2, 3, 4, 5, 6])
    return builder.bytes()
  }()

  static let index = Array(
    #"{"metadata":{"total_size":38},"weight_map":{"a.weight":"s.safetensors"}}"#.utf8)

  private func use(_ tensor: TensorView?) {
    guard let tensor, tensor.elementCount <= 4096 else { return }
    #expect(tensor.dequantized().count == tensor.elementCount)
    tensor.releasePages()
  }

  private func useGGUF(_ path: String) throws {
    let file = try GGUFFile(path: path)
    for key in file.metadataKeys {
      #expect(file.describe(key) != nil)
      _ = try? file.integer(key)
      _ = try? file.bool(key)
      _ = try? file.integers(key)
      _ = try? file.numbers(key)
      _ = (try? file.strings(key))??.map(\.description)
    }
    for name in file.tensorNames { use(try file.tensorIfPresent(name)) }
  }

  private func useSafetensors(_ path: String) throws {
    let file = try SafetensorsFile(path: path)
    for name in file.tensorNames { use(try file.tensorIfPresent(name)) }
  }

  /// Opens `bytes`.
  ///
  /// True if that succeeded; an untyped error is a test failure.
  private func survives(
    _ bytes: [UInt8], as name: String, in folder: TemporaryFolder, _ open: (String) throws -> Void
  ) throws -> Bool {
    let path = try folder.write(bytes, as: name)
    do {
      try open(path)
      return true
    } catch let error as CheckpointError {
      #expect(!error.description.utf8.contains(UInt8(ascii: "\n")))
      return false
    }
  }

  @Test func aGGUFFileCutAnywhereIsRefused() throws {
    let folder = try TemporaryFolder(inMemory: true)
    for length in 0..<Self.gguf.count {
      let cut = Array(Self.gguf[..<length])
      #expect(try !survives(cut, as: "x", in: folder, useGGUF), "cut to \(length) bytes")
    }
    #expect(try survives(Self.gguf, as: "x", in: folder, useGGUF))
  }

  @Test func aSafetensorsFileCutAnywhereIsRefused() throws {
    let folder = try TemporaryFolder(inMemory: true)
    for length in 0..<Self.safetensors.count {
      let cut = Array(Self.safetensors[..<length])
      #expect(try !survives(cut, as: "x", in: folder, useSafetensors), "cut to \(length) bytes")
    }
    #expect(try survives(Self.safetensors, as: "x", in: folder, useSafetensors))
  }

  @Test func anIndexCutAnywhereIsRefused() throws {
    let folder = try TemporaryFolder(inMemory: true)
    try folder.write(Self.safetensors, as: "s.safetensors")
    try folder.write("{}", as: "config.json")
    let name = "model.safetensors.index.json"
    func open(_: String) throws { _ = try HuggingFaceFolder(path: folder.url.path) }
    for length in 0..<Self.index.count {
      let cut = Array(Self.index[..<length])
      #expect(try !survives(cut, as: name, in: folder, open), "cut to \(length) bytes")
    }
    #expect(try survives(Self.index, as: name, in: folder, open))
  }

  @Test func changedBytesOfAGGUFFileNeverCrash() throws {
    let folder = try TemporaryFolder(inMemory: true)
    var generator = SeededGenerator(seed: 1)
    var refused = 0
    for _ in 0..<6000 {
      let bytes = generator.mutated(Self.gguf)
      if try !survives(bytes, as: "x", in: folder, useGGUF) { refused += 1 }
    }
    // Both outcomes must occur, or the test is void.
    #expect(refused > 1000 && refused < 5900, "\(refused) of 6000 refused")
  }

  @Test func changedBytesOfASafetensorsFileNeverCrash() throws {
    let folder = try TemporaryFolder(inMemory: true)
    var generator = SeededGenerator(seed: 2)
    var refused = 0
    for _ in 0..<4000 {
      let bytes = generator.mutated(Self.safetensors)
      if try !survives(bytes, as: "x", in: folder, useSafetensors) { refused += 1 }
    }
    #expect(refused > 1000 && refused < 3990, "\(refused) of 4000 refused")
  }

  @Test func changedBytesOfAnIndexNeverCrash() throws {
    let folder = try TemporaryFolder(inMemory: true)
    try folder.write(Self.safetensors, as: "s.safetensors")
    try folder.write("{}", as: "config.json")
    func open(_: String) throws { _ = try HuggingFaceFolder(path: folder.url.path) }
    var generator = SeededGenerator(seed: 3)
    var refused = 0
    for _ in 0..<3000 {
      let bytes = generator.mutated(Self.index)
      let name = "model.safetensors.index.json"
      if try !survives(bytes, as: name, in: folder, open) { refused += 1 }
    }
    #expect(refused > 1000 && refused < 2990, "\(refused) of 3000 refused")
  }
}
