/// Bridge files: safetensors with, for each bridge over layers FIRST to LAST, `bridge.FIRST-LAST.` and
///
/// - `bias` [width];
/// - `map` [width, width], or `up` [width, rank] and `down` [rank, width], or neither;
/// - `first` [width], if position 0 is shifted by constants;
/// - `graft` [width, intermediate], if the block before the run has another down-projection.
extension Bridges {
  private static let partNames: Set = ["bias", "map", "up", "down", "first", "graft"]

  /// Reads a bridge file.
  ///
  /// Every name is checked before any weight is read. With `layerCount`, the number of a model's
  /// layers, a bridge over other layers is an error.
  ///
  /// - Throws: `CheckpointError` for a file that is not a bridge file, `RequestError`.
  public init(path: String, layerCount: Int? = nil) throws {
    let file = try SafetensorsFile(path: path)
    let runs = try Set(file.tensorNames.map { try Self.run(of: $0, file.path, layerCount) })
    guard !runs.isEmpty else {
      throw CheckpointError(
        file: path, expected: "bridge.<first>-<last>.bias", found: "no tensor")
    }
    try self.init(try runs.map { try Self.bridge($0, in: file) }, notes: file.metadata)
  }

  /// Writes the file.
  ///
  /// An existing file is replaced only once the new one is complete.
  ///
  /// - Throws: `CheckpointError` if it cannot be written.
  public func write(to path: String) throws {
    var writer = SafetensorsWriter()
    for bridge in bridges {
      let (name, width) = (Self.prefix(bridge.run), bridge.width)
      writer.add("\(name)bias", shape: [width], bridge.bias)
      switch bridge.map {
      case .none: break
      case .full(let values): writer.add("\(name)map", shape: [width, width], values)
      case .factors(let up, let down, let rank):
        writer.add("\(name)up", shape: [width, rank], up)
        writer.add("\(name)down", shape: [rank, width], down)
      }
      if case .shifted(let shift) = bridge.firstPosition {
        writer.add("\(name)first", shape: [width], shift)
      }
      if let graft = bridge.graft {
        writer.add("\(name)graft", shape: [width, graft.count / width], graft)
      }
    }
    try writer.write(to: path, metadata: notes)
  }

  private static func prefix(_ run: LayerRun) -> String { "bridge.\(run.first)-\(run.last)." }

  /// A million layers is more than any model has.
  private static let mostLayers = 1_000_000

  private static func run(
    of name: String, _ path: String, _ layerCount: Int?
  ) throws -> LayerRun {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let ends = parts.count == 3 ? parts[1].split(separator: "-").map { Int($0) ?? -1 } : []
    guard parts.count == 3, parts[0] == "bridge", partNames.contains(String(parts[2])),
      ends.count == 2, ends.allSatisfy({ (0..<mostLayers).contains($0) }), ends[0] <= ends[1]
    else {
      throw CheckpointError(
        file: path, place: .tensor(name),
        expected:
          "bridge.<first>-<last>.<part>, parts \(partNames.sorted().joined(separator: ", "))",
        found: name)
    }
    if let layerCount, ends[1] >= layerCount {
      throw CheckpointError(
        file: path, place: .tensor(name), expected: "layers below \(layerCount), as the model has",
        found: "\(ends[1])")
    }
    return LayerRun(ends[0], ends[1])
  }

  private static func bridge(_ run: LayerRun, in file: SafetensorsFile) throws -> Bridge {
    let name = prefix(run)
    let bias = try file.tensor("\(name)bias")
    guard bias.shape.count == 1, bias.shape[0] > 0 else {
      throw CheckpointError(
        file: file.path, place: .tensor(bias.name), expected: "a shape [width]",
        found: "\(bias.shape)")
    }
    let width = bias.shape[0]
    func part(_ part: String, columns: Int? = nil, rows: Int? = nil) throws -> TensorView? {
      guard file.contains(name + part) else { return nil }
      let tensor = try file.tensor(name + part)
      guard tensor.shape.count == 2, tensor.shape.allSatisfy({ $0 > 0 }),
        columns.map({ $0 == tensor.shape[1] }) ?? true, rows.map({ $0 == tensor.shape[0] }) ?? true
      else {
        let shape = [rows, columns].map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
        throw CheckpointError(
          file: file.path, place: .tensor(tensor.name), expected: "a shape [\(shape)]",
          found: "\(tensor.shape)")
      }
      return tensor
    }
    var first: [Float]?
    if file.contains("\(name)first") {
      first = try file.tensor("\(name)first").dequantized()
    }
    return try Bridge(
      run: run, width: width,
      map: map(
        try part("map", columns: width, rows: width), try part("up", rows: width),
        try part("down", columns: width), name, file.path),
      bias: bias.dequantized(), firstPosition: first.map { .shifted($0) } ?? .mapped,
      graft: try part("graft", rows: width)?.dequantized())
  }

  private static func map(
    _ full: TensorView?, _ up: TensorView?, _ down: TensorView?, _ name: String, _ path: String
  ) throws -> Bridge.Map {
    switch (full, up, down) {
    case (nil, nil, nil): return .none
    case (let full?, nil, nil): return .full(full.dequantized())
    case (nil, let up?, let down?) where up.shape[1] == down.shape[0]:
      return .factors(up: up.dequantized(), down: down.dequantized(), rank: down.shape[0])
    default:
      throw CheckpointError(
        file: path, expected: "\(name)map, or \(name)up and \(name)down of one rank",
        found: [full, up, down].compactMap { $0.map { "\($0.name) \($0.shape)" } }
          .joined(separator: ", "))
    }
  }
}
