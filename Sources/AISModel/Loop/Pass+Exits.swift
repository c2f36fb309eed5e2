/// Rows that exit: their removal from the batch, what the cache holds for them in layers that they
/// do not run, and their logits at the end.
extension Pass {
  /// Marks the rows that the rule names as exited after a step.
  ///
  /// Once enough rows have exited, they are removed from the batch.
  func exit(after step: Step, _ exit: RowExit) throws {
    let decision = try exit.rule.exits(after: step, self)
    precondition(decision.exits.count == rows.count, "a decision for each computed row")
    if !decision.scores.isEmpty {
      try observer?.scored(layer: step.layer, rows: rows.batchRows, scores: decision.scores)
    }
    let exiting = rows.batchRows.indices.filter { !rows.hasExited[$0] && decision.exits[$0] }
    guard !exiting.isEmpty else { return }
    try cache.rememberExits(fill: exit.fill)
    guard let ledger = cache.exits else { return }
    let places = exiting.map { ledgerPlace(ofBatchRow: rows.batchRows[$0], ledger) }
    let map = map(exiting, to: places)
    stream.move(hidden, by: map, rowBytes: stateBytes, into: ledger.states)
    cache.setExits(places, to: Int32(step.index + 1), by: map)
    try observer?.exited(layer: step.layer, rows: exiting.map { rows.batchRows[$0] })
    markExited(exiting, by: map, at: step.index + 1)
    let exited = Double(rows.exitedCount)
    if rows.activeCount > 0, exited >= exit.compactionThreshold * Double(rows.count) {
      keep(rows.batchRows.indices.filter { !rows.hasExited[$0] })
    }
    noteExitedRows(ledger)
  }

  /// Notes where the states of rows lie that have exited and are still computed, for later steps.
  private func noteExitedRows(_ ledger: ExitLedger) {
    let places = rows.hasExited.indices.filter { rows.hasExited[$0] }
    let states = places.map { ledgerPlace(ofBatchRow: rows.batchRows[$0], ledger) }
    exitedMap = RowMap.upload(states, to: places, arena, stream, use: .exitedPairs)
  }

  /// Where the ledger keeps the state of a batch row.
  private func ledgerPlace(ofBatchRow row: Int, _ ledger: ExitLedger) -> Int {
    let (sequence, position) = rows.place(ofBatchRow: row)
    return ledger.place(sequence: sequence, position: position)
  }

  /// Gives rows that have exited and are still computed the states with which they exited.
  func restoreExitedRows() {
    guard let ledger = cache.exits else { return }
    stream.move(ledger.states, by: exitedMap, rowBytes: stateBytes, into: hidden)
  }

  /// Prepares a step's cache slot for the rows that run it: fills the gaps of positions that exited
  /// before.
  func enter(_ step: Step, runs: [RowRun]) throws {
    let gaps = try cache.gaps(step, runs: runs)
    if !gaps.isEmpty { try fill(gaps, [step]) }
    cache.fill(slot: step.cacheSlot, runs: runs)
  }

  /// Fills the gaps of several steps' slots before the open pass runs them, so that it finds none.
  func fillGaps(of steps: [Step]) throws {
    let gaps = try steps.map { try cache.gaps($0, runs: rows.runs) }
    var first = 0
    // Neighbouring steps mostly lack the same positions.
    while first < steps.count {
      let end = gaps[first...].firstIndex { $0 != gaps[first] } ?? steps.count
      try fill(gaps[first], Array(steps[first..<end]))
      for step in steps[first..<end] { cache.fillGaps(slot: step.cacheSlot, runs: rows.runs) }
      first = end
    }
  }

  /// Fills gaps that some steps share, a limited number of positions at a time.
  private func fill(_ gaps: [KVCache.Gap], _ steps: [Step]) throws {
    guard let ledger = cache.exits, !gaps.isEmpty else { return }
    var rest = gaps[...]
    while !rest.isEmpty {
      var states: [RowState] = []
      while states.count < fillRows, var gap = rest.popFirst() {
        let taken = gap.positions.prefix(fillRows - states.count)
        states += taken.map {
          RowState(
            token: 0, sequence: gap.sequence, position: $0,
            length: cache.expectedLengths[gap.sequence])
        }
        if taken.count < gap.positions.count {
          gap.positions = taken.upperBound..<gap.positions.upperBound
          rest = [gap] + rest
        }
      }
      stream.upload(states, into: fillTable)
      switch ledger.fill {
      case .project: try project(states, ledger, steps)
      case .hole, .zero:
        for step in steps {
          stream.clear(rows: fillTable, of: cache.device, slot: step.cacheSlot)
        }
      }
    }
    guard ledger.fill == .project else { return }
    for step in steps {
      try observer?.filled(
        layer: step.layer, rows: gaps.reduce(0) { $0 + $1.positions.count })
    }
  }

  /// Computes keys and values of positions from the states with which they exited.
  private func project(
    _ positions: [RowState], _ ledger: ExitLedger, _ steps: [Step]
  ) throws {
    let (config, count) = (model.config, fillRows)
    let states = arena.buffer(.fill, rowBytes: stateBytes, rows: count)
    let places = positions.map {
      ledger.place(sequence: Int($0.sequence), position: Int($0.position))
    }
    stream.move(ledger.states, by: map(places), rowBytes: stateBytes, into: states)
    let rows = BlockRows(
      count: positions.count, hidden: states,
      normed: arena.buffer(
        .fillNormed, rowBytes: config.hiddenSize * activationBytes, rows: count),
      queries: arena.buffer(.fillWide, rowBytes: queryBytes, rows: count),
      table: fillTable)
    for step in steps {
      try model.blocks[step.layer].project(rows, self, slot: step.cacheSlot)
    }
  }

  /// Computes the logits of the wanted rows.
  func computeLogits(_ exitMaps: [Int: any ResidualMap]) throws {
    guard !wantedRows.isEmpty else { return }
    var source = hidden
    if rows.exitedCount > 0 || rows.batchRows != wantedRows {
      source = arena.buffer(.gathered, rowBytes: stateBytes, rows: wantedRows.count)
      gatherFinalStates(into: source)
      if !exitMaps.isEmpty { try cross(exitMaps, source) }
    }
    let logitBytes = model.config.vocabularySize * 4
    let target = arena.buffer(.logits, rowBytes: logitBytes, rows: wantedRows.count)
    try model.readout.readOut(source, rows: wantedRows.count, into: target, arena, stream)
    logits = try stream.download(target, byteCount: wantedRows.count * logitBytes)
    logitRows = wantedRows.count
  }

  /// Gathers the last states of the wanted rows, also of rows that exited.
  private func gatherFinalStates(into gathered: any DeviceBuffer) {
    guard rows.someHaveExited, let ledger = cache.exits else {
      return stream.move(hidden, by: map(wantedRows), rowBytes: stateBytes, into: gathered)
    }
    var places = [Int?](repeating: nil, count: rows.batchCount)
    for (row, batchRow) in rows.batchRows.enumerated() where !rows.hasExited[row] {
      places[batchRow] = row
    }
    var stayed: (rows: [Int], places: [Int]) = ([], [])
    var exited: (rows: [Int], places: [Int]) = ([], [])
    for (index, batchRow) in wantedRows.enumerated() {
      if let row = places[batchRow] {
        stayed.rows.append(row)
        stayed.places.append(index)
      } else {
        exited.rows.append(ledgerPlace(ofBatchRow: batchRow, ledger))
        exited.places.append(index)
      }
    }
    stream.move(
      hidden, by: map(stayed.rows, to: stayed.places), rowBytes: stateBytes, into: gathered)
    stream.move(
      ledger.states, by: map(exited.rows, to: exited.places), rowBytes: stateBytes, into: gathered)
  }

  /// Maps the states of rows that exited to the final state, each by the map of the layer after
  /// which it exited.
  private func cross(_ maps: [Int: any ResidualMap], _ gathered: any DeviceBuffer) throws {
    guard rows.someHaveExited, let ledger = cache.exits else { return }
    var members: [Int: [(index: Int, isFirst: Bool)]] = [:]
    for (index, batchRow) in wantedRows.enumerated() {
      let (sequence, position) = rows.place(ofBatchRow: batchRow)
      let next = Int(ledger.exitStep(sequence: sequence, position: position))
      guard next < steps.count else { continue }
      members[steps[next - 1].layer, default: []].append((index, position == 0))
    }
    for (layer, own) in members.sorted(by: { $0.key < $1.key }) {
      guard let exitMap = maps[layer] else { continue }
      let states = arena.buffer(.branch, rowBytes: stateBytes, rows: own.count)
      let indices = own.map(\.index)
      stream.move(gathered, by: map(indices), rowBytes: stateBytes, into: states)
      try exitMap.apply(
        to: StateRows(
          states, count: own.count, firstRows: own.indices.filter { own[$0].isFirst }, model,
          stream, arena))
      stream.move(
        states, by: map(Array(own.indices), to: indices), rowBytes: stateBytes, into: gathered)
    }
  }
}
