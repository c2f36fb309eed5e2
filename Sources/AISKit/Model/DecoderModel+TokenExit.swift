import CAISKernels

/// The loop's dealings with rows that leave: out of the batch, what the cache holds for them in layers
/// that they do not run, and back into their places at the end.
extension DecoderModel {
  /// Rows whose keys and values are computed together at most, so that buffers stay small.
  private static let fillRows = 256

  /// The rows that may leave behind a layer do; once enough have, the others close ranks.
  func leave(
    behind layer: Int, _ tokenExit: TokenExit, _ cache: inout KVCache, _ workspace: Workspace,
    _ observer: (any ForwardObserver)?
  ) throws {
    let leaving = try tokenExit.leavingRows(behind: layer, workspace, exit, observer)
    guard !leaving.isEmpty else { return }
    let places = try cache.leaving(fill: tokenExit.fill)
    workspace.stream.synchronize()
    for row in leaving {
      let place = workspace.passRows.place(ofBatchRow: workspace.passRows.batchRows[row])
      places.leave(
        sequence: place.sequence, position: place.position, layer: layer + 1,
        state: workspace.hidden.floats + row * config.hiddenSize)
    }
    try observer?.left(layer: layer, rows: leaving.map { workspace.passRows.batchRows[$0] })
    workspace.leave(leaving)
    let rows = workspace.passRows
    if rows.activeCount > 0,
      Double(rows.leftCount) >= tokenExit.compactionThreshold * Double(rows.count)
    {
      workspace.compact()
    }
  }

  /// Points the rows to a layer's cache, and gives it what it lacks of positions that left before it.
  func enter(
    _ layer: Int, _ cache: inout KVCache, _ workspace: Workspace,
    _ observer: (any ForwardObserver)?
  ) throws {
    let gaps = try cache.gaps(layer: layer, runs: workspace.passRows.runs)
    let rotary = config.layers[layer].rotary
    if let left = cache.leftRows, !gaps.isEmpty {
      switch left.fill {
      case .project:
        try project(gaps, left, layer, cache, workspace)
        try observer?.filled(layer: layer, rows: gaps.reduce(0) { $0 + $1.positions.count })
      case .hole, .zero:
        let runs = gaps.map {
          PassRows.Run(
            sequence: $0.sequence, firstRow: 0, count: $0.positions.count,
            position: $0.positions.lowerBound)
        }
        blocks[layer].clear(
          workspace, workspace.spans(runs, layer: layer, rotary: rotary, cache))
      }
    }
    cache.fill(layer: layer, runs: workspace.passRows.runs)
    workspace.pointSpans(layer: layer, rotary: rotary, cache)
  }

  /// Keys and values of positions from the states with which they left, some at a time.
  private func project(
    _ gaps: [KVCache.Gap], _ left: LeftRows, _ layer: Int, _ cache: borrowing KVCache,
    _ workspace: Workspace
  ) throws {
    var rest = gaps[...]
    while !rest.isEmpty {
      var runs: [PassRows.Run] = []
      var states: [Int] = []
      while states.count < Self.fillRows, var gap = rest.popFirst() {
        let taken = gap.positions.prefix(Self.fillRows - states.count)
        runs.append(
          PassRows.Run(
            sequence: gap.sequence, firstRow: states.count, count: taken.count,
            position: taken.lowerBound))
        states += taken.map { left.stateRow(sequence: gap.sequence, position: $0) }
        if taken.count < gap.positions.count {
          gap.positions = taken.upperBound..<gap.positions.upperBound
          rest = [gap] + rest
        }
      }
      let buffers = workspace.fill(rows: states.count)
      workspace.stream.gather(
        left.states, rows: states, rowBytes: config.hiddenSize * 4, into: buffers.states)
      try blocks[layer].project(
        workspace, buffers.states, rows: states.count, normed: buffers.normed, into: buffers.wide,
        workspace.spans(runs, layer: layer, rotary: config.layers[layer].rotary, cache))
    }
  }

  /// Rows that have left and are still computed keep the states with which they left.
  func restoreLeftRows(_ cache: borrowing KVCache, _ workspace: Workspace) {
    guard let left = cache.leftRows else { return }
    let rows = workspace.passRows
    let places = rows.hasLeft.indices.filter { rows.hasLeft[$0] }
    let states = places.map { row in
      let place = rows.place(ofBatchRow: rows.batchRows[row])
      return left.stateRow(sequence: place.sequence, position: place.position)
    }
    workspace.stream.gather(
      left.states, rows: states, rowBytes: config.hiddenSize * 4, into: workspace.hidden,
      at: places)
  }

  /// The last states of rows of the batch, wherever they left.
  func gatherFinalStates(
    _ batchRows: [Int], _ cache: borrowing KVCache, _ workspace: Workspace,
    into gathered: DeviceBuffer
  ) {
    let rows = workspace.passRows
    let rowBytes = config.hiddenSize * 4
    guard rows.someHaveLeft, let left = cache.leftRows else {
      return workspace.stream.gather(
        workspace.hidden, rows: batchRows, rowBytes: rowBytes, into: gathered)
    }
    var places = [Int?](repeating: nil, count: rows.batchCount)
    for (row, batchRow) in rows.batchRows.enumerated() where !rows.hasLeft[row] {
      places[batchRow] = row
    }
    var stayed: (rows: [Int], places: [Int]) = ([], [])
    var gone: (rows: [Int], places: [Int]) = ([], [])
    for (index, batchRow) in batchRows.enumerated() {
      if let row = places[batchRow] {
        stayed.rows.append(row)
        stayed.places.append(index)
      } else {
        let place = rows.place(ofBatchRow: batchRow)
        gone.rows.append(left.stateRow(sequence: place.sequence, position: place.position))
        gone.places.append(index)
      }
    }
    workspace.stream.gather(
      workspace.hidden, rows: stayed.rows, rowBytes: rowBytes, into: gathered, at: stayed.places)
    workspace.stream.gather(
      left.states, rows: gone.rows, rowBytes: rowBytes, into: gathered, at: gone.places)
  }

  /// Takes the states of rows that left to the final state, each from where it left.
  ///
  /// Shape: gathered [batchRows, hiddenSize], the rows' last states.
  func cross(
    _ bridges: ExitBridges, _ batchRows: [Int], _ cache: borrowing KVCache,
    _ workspace: Workspace, _ gathered: DeviceBuffer
  ) throws {
    guard workspace.passRows.someHaveLeft, let left = cache.leftRows else { return }
    var places: [Int: [(index: Int, isFirst: Bool)]] = [:]
    for (index, batchRow) in batchRows.enumerated() {
      let place = workspace.passRows.place(ofBatchRow: batchRow)
      let next = left.exitLayers(of: place.sequence)[place.position]
      guard next < config.layerCount else { continue }
      places[Int(next) - 1, default: []].append((index, place.position == 0))
    }
    let rowBytes = config.hiddenSize * 4
    for (layer, rows) in places.sorted(by: { $0.key < $1.key }) {
      let states = workspace.branch(rows: rows.count)
      workspace.stream.gather(
        gathered, rows: rows.map(\.index), rowBytes: rowBytes, into: states)
      try bridges.cross(
        states, rows: rows.count, firstRows: rows.indices.filter { rows[$0].isFirst }, from: layer,
        workspace)
      workspace.stream.gather(
        states, rows: Array(rows.indices), rowBytes: rowBytes, into: gathered,
        at: rows.map(\.index))
    }
  }
}
