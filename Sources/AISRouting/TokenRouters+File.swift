/// Router files: safetensors with `router.<layer>.down.weight` [bottleneck, width] and
/// `router.<layer>.up.weight` [1, bottleneck].
extension TokenRouters {
  /// Reads a router file, of this project or exported from TIDE.
  ///
  /// - Throws: `CheckpointError` for a file that is not a router file, `RequestError`.
  public init(path: String) throws {
    let file = try SafetensorsFile(path: path)
    let layers = try Set(file.tensorNames.map { try Self.layer(of: $0, file.path) }).sorted()
    guard !layers.isEmpty else {
      throw CheckpointError(file: path, expected: "router.<layer>.down.weight", found: "no tensor")
    }
    let routers = try layers.map { try Self.router($0, in: file) }
    var configuration = TokenExitConfiguration()
    configuration.routerBottleneckDim = routers[0].bottleneck
    try configuration.adopt(file.metadata, file: path)
    let own = Set(configuration.fields.map(\.name)).union(["hidden_dim", "bottleneck_dim"])
    try self.init(
      routers, configuration: configuration, notes: file.metadata.filter { !own.contains($0.key) })
  }

  /// Writes the file.
  ///
  /// An existing file is replaced only once the new one is complete.
  ///
  /// - Throws: `CheckpointError` if it cannot be written.
  public func write(to path: String) throws {
    var writer = SafetensorsWriter()
    for router in routers {
      writer.add(
        "router.\(router.layer).down.weight", shape: [router.bottleneck, router.width], router.down)
      writer.add("router.\(router.layer).up.weight", shape: [1, router.bottleneck], router.up)
    }
    var metadata = notes
    for field in configuration.fields { metadata[field.name] = field.value }
    metadata["hidden_dim"] = "\(routers[0].width)"
    metadata["bottleneck_dim"] = "\(routers[0].bottleneck)"
    try writer.write(to: path, metadata: metadata)
  }

  private static func layer(of name: String, _ path: String) throws -> Int {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "router", let layer = Int(parts[1]), layer >= 0,
      ["down", "up"].contains(parts[2]), parts[3] == "weight"
    else {
      throw CheckpointError(
        file: path, place: .tensor(name),
        expected: "router.<layer>.down.weight and router.<layer>.up.weight only", found: name)
    }
    return layer
  }

  private static func router(_ layer: Int, in file: SafetensorsFile) throws -> TokenRouter {
    let down = try file.tensor("router.\(layer).down.weight")
    let up = try file.tensor("router.\(layer).up.weight")
    guard down.shape.count == 2, down.shape.allSatisfy({ $0 > 0 }) else {
      throw CheckpointError(
        file: file.path, place: .tensor(down.name), expected: "a shape [bottleneck, width]",
        found: "\(down.shape)")
    }
    guard up.shape == [1, down.shape[0]] else {
      throw CheckpointError(
        file: file.path, place: .tensor(up.name), expected: "the shape [1, \(down.shape[0])]",
        found: "\(up.shape)")
    }
    let weights = [down, up].map { $0.dequantized() }
    if !weights.allSatisfy({ $0.allSatisfy(\.isFinite) }) {
      throw CheckpointError(
        file: file.path, place: .tensor(down.name), expected: "finite weights",
        found: "other numbers, there or in \(up.name)")
    }
    return TokenRouter(layer: layer, width: down.shape[1], down: weights[0], up: weights[1])
  }
}
