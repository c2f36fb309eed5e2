import CAISKernels

/// A bridge packed for the backend of the model that crosses it.
///
/// Two are equal where the bridges and the models are.
public final class PackedBridge: Sendable, Hashable {
  /// What is packed.
  public let bridge: Bridge
  private let model: ObjectIdentifier
  private let map: PackedMap
  private let firstShift: DeviceBuffer?
  /// What the block before the run runs with.
  let graft: PackedGraft?

  private enum PackedMap: Sendable {
    case none
    case full(WeightMatrix)
    case factors(down: WeightMatrix, up: WeightMatrix)
  }

  /// Packs a bridge.
  ///
  /// - Throws: `DepthError` where it is another model's, or grafts on a block whose feed-forward
  ///   network is a mixture or has a norm behind it; `EngineError`.
  public init(_ bridge: Bridge, _ model: DecoderModel) throws {
    try model.validate(bridge)
    self.bridge = bridge
    self.model = ObjectIdentifier(model)
    let backend = model.backend
    func pack(
      _ values: [Float], outputs: Int, inputs: Int, bias: [Float]?
    ) throws -> WeightMatrix {
      try backend.pack(
        WeightSource(values, outputs: outputs, inputs: inputs, bias: bias))
    }
    let width = bridge.width
    switch bridge.map {
    case .none: map = .none
    case .full(let values):
      map = .full(try pack(values, outputs: width, inputs: width, bias: bridge.bias))
    case .factors(let up, let down, let rank):
      map = .factors(
        down: try pack(down, outputs: rank, inputs: width, bias: nil),
        up: try pack(up, outputs: width, inputs: rank, bias: bridge.bias))
    }
    if case .shifted(let shift) = bridge.firstPosition {
      firstShift = DeviceBuffer(shift)
    } else {
      firstShift = nil
    }
    // Without a map, the bias is the grafted matrix's.
    let noBias = [Float](repeating: 0, count: width)
    graft = try bridge.graft.map { down in
      try PackedGraft(
        Graft(
          layer: bridge.run.first - 1, down: down, bias: bridge.map == .none ? bridge.bias : noBias),
        model)
    }
  }

  /// Takes the workspace's rows over the bridge.
  func cross(_ workspace: Workspace) throws {
    let first = workspace.passRows.runs.filter { $0.position == 0 }.map(\.firstRow)
    try cross(workspace, workspace.hidden, rows: workspace.rows, firstRows: first)
  }

  /// Takes states over the bridge; `firstRows` are those at position 0.
  ///
  /// Shape: states [rows, width].
  func cross(
    _ workspace: Workspace, _ states: DeviceBuffer, rows: Int, firstRows: [Int]
  ) throws {
    let (stream, width) = (workspace.stream, bridge.width)
    guard let firstShift, !firstRows.isEmpty else {
      return try add(workspace, to: states, rows: rows)
    }
    // Position 0 is set aside, and put back as it was.
    let before = workspace.before(rows: firstRows.count)
    stream.gather(states, rows: firstRows, rowBytes: width * 4, into: before)
    try add(workspace, to: states, rows: rows)
    stream.gather(
      before, rows: Array(firstRows.indices), rowBytes: width * 4, into: states, at: firstRows)
    for row in firstRows {
      stream.addRows(firstShift, width: width, scales: [1], to: states, rows: [row])
    }
  }

  /// h ← h + W·h + c, every row.
  private func add(_ workspace: Workspace, to states: DeviceBuffer, rows: Int) throws {
    let stream = workspace.stream
    switch map {
    case .none: return
    case .full(let matrix):
      stream.convert(states, count: rows * bridge.width, into: workspace.normed)
      try stream.multiply(
        workspace.normed, rows: rows, by: matrix, into: states, accumulate: true)
    case .factors(let down, let up):
      let buffers = workspace.scores(rows: rows, bottleneck: down.outputs)
      stream.convert(states, count: rows * bridge.width, into: workspace.normed)
      try stream.multiply(
        workspace.normed, rows: rows, by: down, into: buffers.wide, accumulate: false)
      stream.convert(buffers.wide, count: rows * down.outputs, into: buffers.inner)
      try stream.multiply(
        buffers.inner, rows: rows, by: up, into: states, accumulate: true)
    }
  }

  /// True of packings of equal bridges for one model.
  public static func == (left: PackedBridge, right: PackedBridge) -> Bool {
    left.model == right.model && left.bridge == right.bridge
  }

  /// Of the run alone: bridges are large.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(model)
    hasher.combine(bridge.run)
  }
}

extension DecoderModel {
  /// Throws where a bridge is another model's.
  fileprivate func validate(_ bridge: Bridge) throws {
    let name = "bridge \(bridge.run.text)"
    guard bridge.width == config.hiddenSize else {
      throw DepthError(
        name, expected: "width \(config.hiddenSize), the model's", found: "\(bridge.width)")
    }
    guard bridge.run.last < config.layerCount else {
      throw DepthError(
        name, expected: "layers 0 to \(config.layerCount - 1)", found: "layer \(bridge.run.last)")
    }
  }
}
