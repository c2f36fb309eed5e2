import AISKit
import Foundation
import TestSupport
import Testing

/// Bridge files: a written file is read back unchanged, and errors name what is wrong.
struct BridgeFileTests {
  private static func numbers(_ count: Int) -> [Float] { (0..<count).map { Float($0) / 7 - 1 } }

  @Test func whatIsWrittenIsRead() throws {
    let folder = try TemporaryFolder()
    let bridges = try Bridges(
      [
        Bridge(
          run: LayerRun(8, 15), width: 4, map: .full(Self.numbers(16)), bias: Self.numbers(4),
          firstPosition: .shifted([1, 2, 3, 4]), graft: Self.numbers(24)),
        Bridge(
          run: LayerRun(20, 20), width: 4,
          map: .factors(up: Self.numbers(8), down: Self.numbers(8).reversed(), rank: 2),
          bias: Self.numbers(4),
          firstPosition: .mapped),
        Bridge(
          run: LayerRun(2, 3), width: 4, map: .none, bias: Self.numbers(4),
          firstPosition: .shifted(Self.numbers(4)), graft: Self.numbers(12)),
      ], notes: ["model_sha256": "abc", "fit_tokens": "17"])
    let path = folder.path("b.safetensors")
    try bridges.write(to: path)
    let read = try Bridges(path: path)
    #expect(read == bridges && read.notes["fit_tokens"] == "17")
    #expect(read.bridges.map(\.run.text) == ["2-3", "8-15", "20"])
    let again = folder.path("again.safetensors")
    try read.write(to: again)
    #expect(FileManager.default.contentsEqual(atPath: path, andPath: again))
    #expect(read[LayerRun(8, 15)]?.graft?.count == 24 && read[LayerRun(8, 14)] == nil)
  }

  private static func shaped(_ shape: [Int]) -> [Float] { numbers(shape.reduce(1, *)) }

  @Test(arguments: [
    ("bridge.8-15.sideways", [4], "bridge.<first>-<last>.<part>"),
    ("bridge.15-8.bias", [4], "bridge.<first>-<last>.<part>"),
    ("bridge.8-15.bias", [4, 1], "a shape [width]"),
    ("bridge.8-15.map", [4, 3], "a shape [4, 4]"),
    ("bridge.8-15.map", [16], "a shape [4, 4]"),
    ("bridge.8-15.up", [4, 2], "bridge.8-15.up and bridge.8-15.down"),
    ("bridge.8-15.first", [3], "4 numbers"),
    ("bridge.8-15.graft", [3, 4], "a shape [4, any]"),
    ("layers.1.weight", [4], "bridge.<first>-<last>.<part>"),
  ])
  func aWrongFileIsNamed(name: String, shape: [Int], says: String) throws {
    let folder = try TemporaryFolder()
    var builder = SafetensorsBuilder()
    if name != "bridge.8-15.bias" {
      builder.add("bridge.8-15.bias", shape: [4], floats: Self.numbers(4))
    }
    builder.add(name, shape: shape, floats: Self.shaped(shape))
    let path = try folder.write(builder.bytes(), as: "b.safetensors")
    do {
      _ = try Bridges(path: path)
      Issue.record("it was read")
    } catch { #expect("\(error)".contains(says), "\(error)") }
  }

  @Test func whatIsNoBridgeFileIsNamed() throws {
    let folder = try TemporaryFolder()
    #expect(throws: CheckpointError.self) { try Bridges(path: folder.path("missing")) }
    let path = try folder.write(SafetensorsBuilder().bytes(), as: "empty.safetensors")
    #expect(throws: CheckpointError.self) { try Bridges(path: path) }
  }

  @Test func aModelsLayersBoundTheBridges() throws {
    let folder = try TemporaryFolder()
    var builder = SafetensorsBuilder()
    for layer in 0..<8_000 {
      builder.add("bridge.\(layer)-\(layer).bias", shape: [1], floats: [1])
    }
    let path = try folder.write(builder.bytes(), as: "b.safetensors")
    let start = ContinuousClock.now
    #expect(try Bridges(path: path, layerCount: 8_000).bridges.count == 8_000)
    #expect(ContinuousClock.now - start < .seconds(10))
    let error = #expect(throws: CheckpointError.self) {
      try Bridges(path: path, layerCount: 30)
    }
    #expect(error?.expected == "layers below 30, as the model has")
  }
}
