/// What a step does to a pass's rows.
extension Pass {
  /// Runs a step.
  ///
  /// - Parameters:
  ///   - step: the step.
  ///   - action: what it does.
  ///   - fills: whether rows that skip the attention by their own action still store keys and
  ///     values.
  ///   - narrows: whether only rows that get logits are computed.
  /// - Throws: an error of the device, of the cache, or of a map.
  func take(_ step: Step, _ action: StepAction, fills: Bool, narrows: Bool) throws {
    self.step = step
    keptRows = nil
    switch action {
    case .all(let action):
      if narrows { keptRows = rowsToKeep() }
      try perform(action)
    case .rows(let actions):
      try perform(actions, fills: fills)
    }
    if rows.exitedCount > 0 { restoreExitedRows() }
  }

  /// The rows that the current action computes: the group, or all.
  private var computed: BlockRows {
    group
      ?? BlockRows(count: rows.count, hidden: hidden, normed: normed, queries: wide, table: table)
  }

  /// Applies one action to all computed rows.
  private func perform(_ action: LayerAction) throws {
    switch action {
    case .skip: break
    case .run, .skipAttention, .skipFeedForward: try runBlock(action.parts)
    case .replace(let map):
      let rows = computed
      try map.apply(
        to: StateRows(
          rows.hidden, count: rows.count, firstRows: firstRows, model, stream, arena, pass: self))
    case .blend(let alpha):
      let before = copyOfInput()
      try runBlock(.both)
      let rows = computed
      stream.blend(
        rows.hidden, with: before, alpha: alpha, count: rows.count * model.config.hiddenSize)
    }
  }

  /// A copy of the input states of the rows whose output is needed.
  private func copyOfInput() -> any DeviceBuffer {
    let (rows, rowBytes) = (computed, model.config.hiddenSize * 4)
    let copy = arena.buffer(.before, rowBytes: rowBytes)
    let map = keptRows.map { self.map($0) } ?? .identity(rows.count)
    stream.move(rows.hidden, by: map, rowBytes: rowBytes, into: copy)
    return copy
  }

  /// The computed rows at position 0.
  private var firstRows: [Int] {
    (groupMembers.map { rows.runs(of: $0) } ?? rows.runs).filter { $0.position == 0 }.map(
      \.firstRow)
  }

  /// Runs halves of the step's block on the computed rows.
  ///
  /// `down` replaces the down-projection.
  func runBlock(_ parts: BlockParts, down: WeightMatrix? = nil) throws {
    let block = model.blocks[step.layer]
    // A group's queries were projected together with those of other groups.
    if parts.contains(.attention), group == nil {
      try enter(step, runs: rows.runs)
      try block.project(computed, self, slot: step.cacheSlot)
    }
    var hasNormed = group == nil
    var queries = computed.queries
    if let kept = keptRows {
      keptRows = nil
      keep(kept, movesQueries: parts.contains(.attention))
      (hasNormed, queries) = (false, self.queries)
    }
    var own = computed
    own.queries = queries
    guard own.count > 0 else { return }
    try block.run(own, self, step, parts, down: down, hasNormed: hasNormed)
    try reportActivations(parts)
  }

  private func reportActivations(_ parts: BlockParts) throws {
    guard let observer, group == nil, parts.contains(.feedForward), activationBytes == 4,
      observer.readsActivations(of: step.layer), model.downProjection(of: step.layer) != nil
    else { return }
    try observer.activated(
      layer: step.layer,
      inner: HiddenStates(stream, inner, width: model.config.intermediateSize, rows: rows))
  }

  /// Applies each row's own action.
  ///
  /// Rows with the same action are computed together.
  private func perform(_ actions: [LayerAction], fills: Bool) throws {
    precondition(actions.count == rows.count, "an action for each computed row")
    let active = actions.indices.filter { !rows.hasExited[$0] }
    var groups: [(action: LayerAction, rows: [Int])] = []
    for row in active {
      if let place = groups.firstIndex(where: { $0.action == actions[row] }) {
        groups[place].rows.append(row)
      } else {
        groups.append((actions[row], [row]))
      }
    }
    if groups.count == 1, rows.exitedCount == 0, groups[0].action.runsAttention || !fills {
      return try perform(groups[0].action)
    }
    // Rows of a sequence attend to earlier ones, so keys and values of all rows are computed before
    // any attention.
    let storing = active.filter { fills || actions[$0].runsAttention }
    if !storing.isEmpty { try project(storing) }
    let places = Dictionary(uniqueKeysWithValues: zip(storing, storing.indices))
    for (action, members) in groups where action != .skip {
      gather(members, queriesAt: action.runsAttention ? members.map { places[$0] ?? 0 } : nil)
      try perform(action)
      scatter(members)
    }
  }

  /// Stores keys and values of some rows in the cache, and keeps their queries for their groups.
  private func project(_ members: [Int]) throws {
    try enter(step, runs: rows.runs(of: members))
    gather(members, queriesAt: nil)
    guard var own = group else { return }
    own.queries = arena.buffer(.groupQueries, rowBytes: model.config.qkvWidth * 4)
    group = nil
    groupMembers = nil
    try model.blocks[step.layer].project(own, self, slot: step.cacheSlot)
  }

  /// Copies rows into the group that the next action computes.
  private func gather(_ members: [Int], queriesAt places: [Int]?) {
    let (config, map) = (model.config, map(members))
    let states = arena.buffer(.group, rowBytes: config.hiddenSize * 4)
    stream.move(hidden, by: map, rowBytes: config.hiddenSize * 4, into: states)
    stream.move(table, by: map, into: groupTable)
    if let places {
      stream.move(
        arena.buffer(.groupQueries, rowBytes: config.qkvWidth * 4), by: self.map(places),
        rowBytes: config.qkvWidth * 4, into: queries)
    }
    group = BlockRows(
      count: members.count, hidden: states, normed: normed, queries: queries, table: groupTable)
    groupMembers = members
  }

  /// Copies the group's states back to their rows.
  private func scatter(_ members: [Int]) {
    guard let own = group else { return }
    stream.move(
      own.hidden, by: map(Array(members.indices), to: members),
      rowBytes: model.config.hiddenSize * 4, into: hidden)
    group = nil
    groupMembers = nil
  }
}
