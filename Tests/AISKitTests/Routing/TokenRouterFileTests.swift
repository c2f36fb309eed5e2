import AISKit
import Foundation
import TestSupport
import Testing

/// Router files: a written file is read back unchanged, other programs can read it, and errors name
/// what is wrong.
struct TokenRouterFileTests {
  private static func router(_ layer: Int, width: Int = 6, bottleneck: Int = 3) -> TokenRouter {
    TokenRouter(
      layer: layer, width: width, down: (0..<width * bottleneck).map { Float($0) / 7 - 1 },
      up: (0..<bottleneck).map { Float($0) - 1.5 })
  }

  @Test func whatIsWrittenIsRead() throws {
    let folder = try TemporaryFolder()
    var configuration = TokenExitConfiguration()
    configuration.exitThreshold = 0.7
    configuration.minLayers = 2
    configuration.kvCacheStrategy = .hole
    configuration.routerBottleneckDim = 3
    let routers = try TokenRouters(
      [Self.router(7), Self.router(3)], configuration: configuration,
      notes: ["label": "agreement, with \"quotes\"\nand a line"])
    let path = folder.path("r.safetensors")
    try routers.write(to: path)
    #expect(routers.layers == [3, 7])
    let read = try TokenRouters(path: path)
    #expect(read.routers == routers.routers && read.configuration == configuration)
    #expect(read == routers)
    let metadata = try SafetensorsFile(path: path).metadata
    #expect(metadata["hidden_dim"] == "6" && metadata["bottleneck_dim"] == "3")
    // Writing a file that was read gives the same file.
    let again = folder.path("again.safetensors")
    try read.write(to: again)
    #expect(FileManager.default.contentsEqual(atPath: path, andPath: again))
  }

  @Test func aFileOfTheOtherSystemNeedsNoSettings() throws {
    let folder = try TemporaryFolder()
    var builder = SafetensorsBuilder()
    builder.setMetadata(["kv_cache_strategy": "zero_pad", "exit_threshold": "0.5"])
    builder.add("router.1.down.weight", shape: [2, 4], floats: [Float](repeating: 0.5, count: 8))
    builder.add("router.1.up.weight", shape: [1, 2], floats: [1, -1])
    let read = try TokenRouters(path: folder.write(builder.bytes(), as: "r.safetensors"))
    #expect(read.layers == [1] && read.configuration.routerBottleneckDim == 2)
    #expect(read.configuration.kvCacheStrategy == .zero)
    #expect(read.configuration.exitThreshold == 0.5 && read.configuration.minLayers == 8)
  }

  @Test(arguments: [
    ("router.x.down.weight", [2, 4], [1, 2], "router.x.down.weight"),
    ("router.1.down.weight", [8], [1, 2], "[bottleneck, width]"),
    ("router.1.down.weight", [2, 4], [2, 1], "[1, 2]"),
    ("router.1.sideways.weight", [2, 4], [1, 2], "sideways"),
  ])
  func aWrongFileIsNamed(name: String, down: [Int], up: [Int], says: String) throws {
    let folder = try TemporaryFolder()
    var builder = SafetensorsBuilder()
    builder.add(name, shape: down, floats: [Float](repeating: 1, count: down.reduce(1, *)))
    builder.add("router.1.up.weight", shape: up, floats: [Float](repeating: 1, count: 2))
    let path = try folder.write(builder.bytes(), as: "wrong.safetensors")
    let error = #expect(throws: CheckpointError.self) { try TokenRouters(path: path) }
    #expect(error?.description.contains(says) == true && error?.file == path)
  }

  @Test func settingsWithoutMeaningAreNamed() throws {
    let folder = try TemporaryFolder()
    for (name, value) in [
      ("exit_threshold", "-1"), ("exit_threshold", "nan"), ("min_layers", "many"),
      ("checkpoint_interval", "0"), ("kv_cache_strategy", "copy"), ("compaction_threshold", "-0.5"),
    ] {
      var builder = SafetensorsBuilder()
      builder.setMetadata([name: value])
      builder.add("router.1.down.weight", shape: [1, 1], floats: [1])
      builder.add("router.1.up.weight", shape: [1, 1], floats: [1])
      let path = try folder.write(builder.bytes(), as: "wrong.safetensors")
      let error = #expect(throws: (any Error).self) { try TokenRouters(path: path) }
      #expect("\(error as Any)".contains(name))
    }
  }

  @Test func checkpointsStandBeforeTheLastLayer() {
    var configuration = TokenExitConfiguration()
    #expect(configuration.checkpoints(layerCount: 30) == [3, 7, 11, 15, 19, 23, 27])
    // TIDE also has a router after the last layer, where nothing can be saved.
    #expect(configuration.checkpoints(layerCount: 32) == [3, 7, 11, 15, 19, 23, 27])
    #expect(configuration.exits(layerCount: 30) == [7, 11, 15, 19, 23, 27])
    configuration.minLayers = 9
    #expect(configuration.exits(layerCount: 30) == [11, 15, 19, 23, 27])
    configuration.checkpointInterval = 40
    #expect(configuration.checkpoints(layerCount: 30) == [])
  }
}
