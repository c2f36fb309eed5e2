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
    (keptRows, group) = (nil, nil)
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
  var computed: BlockRows {
    group?.rows
      ?? BlockRows(count: rows.count, hidden: hidden, normed: normed, queries: wide, table: table)
  }

  /// Applies one action to all computed rows.
  private func perform(_ action: LayerAction) throws {
    switch action {
    case .skip: break
    case .run, .skipAttention, .skipFeedForward: try runBlock(action.parts)
    case .replace(let map):
      try map.apply(to: StateRows(self))
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
    let (rows, copy) = (computed, arena.buffer(.before, rowBytes: stateBytes))
    let map = keptRows.map { self.map($0) } ?? .identity(rows.count)
    stream.move(rows.hidden, by: map, rowBytes: stateBytes, into: copy)
    return copy
  }

  /// The computed rows at position 0.
  var firstRows: [Int] {
    let runs = group.map { rows.runs(of: $0.members) } ?? rows.runs
    return runs.filter { $0.position == 0 }.map(\.firstRow)
  }

  /// Runs halves of the step's block on the computed rows.
  ///
  /// `down` replaces the down-projection.
  func runBlock(_ parts: BlockParts, down: WeightMatrix? = nil) throws {
    let block = model.blocks[step.layer]
    // A group's queries were projected together with those of other groups.
    precondition(
      !parts.contains(.attention) || group?.hasQueries ?? true,
      "a map says beforehand which parts of its block it runs")
    if parts.contains(.attention), group == nil {
      try enter(step, runs: rows.runs)
      try block.project(computed, self, slot: step.cacheSlot, exited: exitedEntries)
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
    let groups = StepAction.groups(actions, hasExited: rows.hasExited)
    if groups.count == 1, rows.exitedCount == 0, groups[0].action.runsAttention || !fills {
      return try perform(groups[0].action)
    }
    // Rows of a sequence attend to earlier ones, so keys and values of all rows are computed before
    // any attention.
    let storing = actions.indices.filter {
      !rows.hasExited[$0] && (fills || actions[$0].runsAttention)
    }
    if !storing.isEmpty { try project(storing) }
    let filled = storing.count { !actions[$0].runsAttention }
    if filled > 0 { try observer?.filled(layer: step.layer, rows: filled) }
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
    var own = gathered(members)
    own.queries = groupQueries
    try model.blocks[step.layer].project(own, self, slot: step.cacheSlot)
  }

  /// Copies rows into the group that the next action computes.
  ///
  /// `places` are their places among the projected queries; `nil` if the action needs none.
  private func gather(_ members: [Int], queriesAt places: [Int]?) {
    if let places {
      stream.move(groupQueries, by: map(places), rowBytes: queryBytes, into: queries)
    }
    group = RowGroup(rows: gathered(members), members: members, hasQueries: places != nil)
  }

  /// Copies of rows, side by side.
  private func gathered(_ members: [Int]) -> BlockRows {
    let (states, map) = (arena.buffer(.group, rowBytes: stateBytes), map(members))
    stream.move(hidden, by: map, rowBytes: stateBytes, into: states)
    stream.move(table, by: map, into: groupTable)
    return BlockRows(
      count: members.count, hidden: states, normed: normed, queries: queries, table: groupTable)
  }

  /// Copies the group's states back to their rows.
  private func scatter(_ members: [Int]) {
    guard let own = group?.rows else { return }
    stream.move(
      own.hidden, by: map(Array(members.indices), to: members), rowBytes: stateBytes, into: hidden)
    group = nil
  }

  /// Queries of all rows whose groups are still to be computed.
  private var groupQueries: any DeviceBuffer { arena.buffer(.groupQueries, rowBytes: queryBytes) }
}

/// Rows that one action computes separately from the others.
struct RowGroup {
  var rows: BlockRows
  /// Their places among all computed rows.
  let members: [Int]
  /// Whether their queries have been projected.
  let hasQueries: Bool
}
