/// An exit rule whose decisions a device can make while it runs recorded passes.
package protocol RecordableExitRule: ExitRule {
  /// Equal only for rules that decide alike after the same layers, or whose decisions are data.
  var recordingKey: AnyHashable { get }

  /// How the device decides.
  var recording: ExitRecording { get }
}

/// How a device decides which rows exit.
package enum ExitRecording {
  /// Rows exit whose score before a sigmoid is above the bound. `hidden` adds the operations that
  /// compute the last hidden layer of all rows, and returns it with the output's weights.
  ///
  /// Shape: hidden [rows, inputs] compute type.
  case network(
    above: Float, hidden: (Step, Pass) throws -> (any DeviceBuffer, WeightMatrix))
  /// Whether the row at a position of a sequence exits after a layer is known before the pass.
  case schedule((_ layer: Int, _ sequence: Int, _ position: Int) -> Bool)
}

/// What recorded passes do about exits.
struct RecordedExits {
  let exit: RowExit
  let rule: any RecordableExitRule
  let memory: PassExits
  /// The first step that each row of each pass does not run, if that is known.
  ///
  /// Shape: [passes, rows] Int32.
  let schedule: any DeviceBuffer
  /// Steps between the places where rows may exit.
  let stretches: [Range<Int>]
  /// The stretches that run or are left out together.
  let segments: [Range<Int>]

  /// The steps of a segment.
  func steps(of segment: Int) -> Range<Int> {
    let own = stretches[segments[segment]]
    return (own.first?.lowerBound ?? 0)..<(own.last?.upperBound ?? 0)
  }

  /// What recorded operations access.
  var memoryParts: [AnyObject?] {
    [memory.steps, memory.states, memory.filled, memory.fillTable, memory.fillStates, schedule]
  }

  /// Stretches of a pass: rows may exit after the last step of each but the last.
  static func stretches(_ steps: [Step], _ exit: RowExit) -> [Range<Int>] {
    let last = steps.count - 1
    let ends = steps.filter { $0.index < last && exit.mayExit(after: $0.layer) }.map(\.index)
    return zip([0] + ends.map { $0 + 1 }, ends.map { $0 + 1 } + [steps.count]).map { $0..<$1 }
  }
}

extension DecoderModel {
  /// Whether a device can decide about exits while it runs recorded passes.
  ///
  /// Rows that have exited stay in place, so each block must add to the residual stream and change it
  /// in no other way.
  func canRecord(_ exit: RowExit, _ plan: DepthPlan, _ stream: any RecordingStream) -> Bool {
    let addsOnly = config.normPlacement.isDisjoint(with: [.output, .residual])
    let isSimple = (0..<config.layerCount).allSatisfy { layer in
      switch plan[layer] {
      case .run, .skip, .skipAttention, .skipFeedForward: true
      case .blend, .replace: false
      }
    }
    return stream.recordsSegments && addsOnly && isSimple && config.experts == nil
      && exit.exitMaps.isEmpty && exit.rule is any RecordableExitRule
  }
}

extension Pass {
  /// What later steps of a recorded pass store for rows that have exited.
  var exitedEntries: ExitedEntries {
    guard let exits = recordedExits, rowsMayHaveExited else { return .nothing }
    return exits.exit.fill == .project ? .own : .zeros
  }

  /// Whether a row may have exited before the step that is being recorded.
  private var rowsMayHaveExited: Bool {
    recordedExits.map { step.index >= $0.stretches[0].upperBound } ?? false
  }

  /// The rows to whose states blocks add; `nil`: all.
  var activeRows: ActiveRows? {
    guard rowsMayHaveExited else { return nil }
    return ActiveRows(table, scratch: arena.buffer(.branch, rowBytes: stateBytes))
  }

  /// Prepares exits of recorded passes from the open one on.
  ///
  /// - Throws: `RequestError` if positions exited with another fill.
  func recordedExits(
    _ exit: RowExit, _ key: ProgramKey, _ recording: RecordMemory
  ) throws -> RecordedExits? {
    guard let rule = exit.rule as? any RecordableExitRule else { return nil }
    let stretches = RecordedExits.stretches(steps, exit)
    // Where no row can exit, nothing has to be kept.
    guard stretches.count > 1 else { return nil }
    try cache.rememberExits(fill: exit.fill)
    guard let ledger = cache.exits else { return nil }
    let branches =
      branchChoices[key]
      ?? BranchChoice(
        stretches.map { stretch in
          steps[stretch].filter { !key.plan[$0.layer].leavesOutBlock }.map {
            model.blocks[$0.layer].weights.matrices.reduce(0) { $0 + $1.byteCount }
          }
        })
    branchChoices[key] = branches
    let own = recording.exits(model, stream, segments: stretches.count)
    let memory = PassExits(
      rows: table, log: recording.log, steps: ledger.deviceSteps, states: ledger.states,
      capacity: cache.capacity, width: model.config.hiddenSize, filled: own.filled,
      fillTable: own.fillTable, fillStates: own.fillStates)
    return RecordedExits(
      exit: exit, rule: rule, memory: memory, schedule: own.schedule, stretches: stretches,
      segments: branches.segments)
  }

  /// Adds the operations that decide which rows exit after a step, and whether a segment runs.
  func decide(
    after step: Step, before segment: Int?, _ exits: RecordedExits, _ stream: any RecordingStream
  ) throws {
    let choice: ExitChoice
    switch exits.rule.recording {
    case .network(let bound, let hidden):
      let (x, weights) = try hidden(step, self)
      choice = .product(x, weights, above: bound)
    case .schedule: choice = .steps(exits.schedule)
    }
    try stream.exit(hidden, by: choice, at: step.index + 1, before: segment, exits.memory)
  }

  /// Adds the operations that fill the cache slots of some steps for rows that exited before.
  func fillOwed(_ steps: ArraySlice<Step>, _ plan: DepthPlan, _ exits: RecordedExits) throws {
    let count = PassExits.fillRows
    let rows = BlockRows(
      count: count, hidden: exits.memory.fillStates,
      normed: arena.buffer(
        .fillNormed, rowBytes: model.config.hiddenSize * activationBytes, rows: count),
      queries: arena.buffer(.fillWide, rowBytes: queryBytes, rows: count),
      table: exits.memory.fillTable)
    for step in steps where plan[step.layer].runsAttention {
      if exits.exit.fill == .project {
        try model.blocks[step.layer].project(rows, self, slot: step.cacheSlot)
      } else {
        stream.clear(rows: rows.table, of: cache.device, slot: step.cacheSlot)
      }
    }
  }

  /// Sets what recorded passes read: the schedule of exits, and that nothing has exited yet.
  func uploadExits(_ exits: RecordedExits, passes: Int) {
    stream.clear(exits.memory.filled, count: exits.segments.count)
    guard case .schedule(let rowExits) = exits.rule.recording else { return }
    let ends = exits.stretches.dropLast().map { steps[$0.upperBound - 1] }
    let numbers = (0..<passes).flatMap { pass in
      (0..<rowCount).map { row in
        let (sequence, position) = place(of: row)
        let end = ends.first { rowExits($0.layer, sequence, position + pass) }
        return end.map { Int32($0.index + 1) } ?? RowState.active
      }
    }
    stream.upload(numbers, into: exits.schedule)
  }

  /// Counts keys and values of recorded passes as stored, from what the log says about their exits.
  ///
  /// Shape: exitSteps [passes][rows].
  func noteRecorded(
    _ exitSteps: [[Int32]], _ plan: DepthPlan, _ key: ProgramKey, _ exits: RecordedExits?
  ) {
    let depths = exitSteps.map { $0.max() ?? 0 }
    let segments = exits.map { exits in exits.segments.indices.map { exits.steps(of: $0) } }
    let filled = (segments ?? [steps.indices]).flatMap { segment -> [(slot: Int, positions: Int)] in
      let last = depths.lastIndex { $0 > Int32(segment.lowerBound) }
      return steps[segment].filter { plan[$0.layer].runsAttention }.map {
        ($0.cacheSlot, last.map { $0 + 1 } ?? 0)
      }
    }
    if let exits {
      branchChoices[key]?.learn(
        depths.map { depth in exits.stretches.count { Int32($0.lowerBound) < depth } })
    }
    for (pass, own) in exitSteps.enumerated() {
      for (row, step) in own.enumerated() where step != RowState.active {
        let (sequence, position) = place(of: row)
        cache.noteExit(sequence: sequence, position: position + pass, at: step)
      }
    }
    cache.extend(by: exitSteps.count, filled)
  }
}
