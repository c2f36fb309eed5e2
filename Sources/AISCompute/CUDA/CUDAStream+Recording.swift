import CAISCUDA

/// Recorded passes.
extension CUDAStream: RecordingStream {
  /// Counters that recorded operations may need.
  private static let recordedCounters = 65_536

  func record(_ body: () throws -> Void) throws -> (any DeviceProgram)? {
    try device.record(body)
  }

  func run(_ program: any DeviceProgram) {
    let program: CUDAProgram = own(program, "a program")
    device.run(program)
  }

  func advance(
    _ rows: any RowTable, chosen: any DeviceBuffer, given: any DeviceBuffer, log: PassLog
  ) {
    var arguments = ais_advance_arguments()
    arguments.chosen = chosen.gpu.address
    arguments.given = given.gpu.address
    arguments.table = rows.gpu.memory.address
    arguments.log = log.entries.gpu.address
    arguments.rows = Int32(rows.gpu.count)
    device.launch("ais_advance", columns: 1, threads: 1_024, arguments)
  }

  func expect(_ rows: any RowTable, toReach position: Int) {
    rows.gpu.lastPosition = max(rows.gpu.lastPosition, position)
    // Cleared now: what is recorded runs later, or never.
    _ = counters(Self.recordedCounters)
  }

  // MARK: Exits

  var recordsSegments: Bool { device.canBranch }

  func record(
    segments: Int, _ exits: PassExits, fill: (Int) throws -> Void, body: (Int) throws -> Void
  ) throws {
    segmentConditions = (0..<segments).map {
      $0 == 0 ? 0 : device.makeCondition(ais_segment_skipped)
    }
    try body(0)
    for segment in 1..<max(segments, 1) {
      try device.record(.choice, on: segmentConditions[segment], bodies: 2) { choice in
        if choice == ais_segment_owes {
          let hasMore = device.makeCondition(1)
          try device.record(.loop, on: hasMore, bodies: 1) { _ in
            gatherOwed(segment, exits, hasMore)
            try fill(segment)
          }
        }
        try body(segment)
      }
    }
  }

  func exit(
    _ states: any DeviceBuffer, by choice: ExitChoice, at step: Int, before segment: Int?,
    _ exits: PassExits
  ) throws {
    var arguments = ais_exit_arguments()
    arguments.table = exits.rows.gpu.memory.address
    switch choice {
    case .product(let x, let weights, let bound):
      try set(x, weights, rows: exits.rows.gpu.count, &arguments)
      arguments.bound = bound
    case .steps(let list): arguments.schedule = list.gpu.address
    }
    arguments.states = states.gpu.address
    arguments.kept = exits.states.gpu.address
    arguments.exit_steps = exits.steps.gpu.address
    arguments.log = exits.log.entries.gpu.address
    if let segment {
      arguments.filled = exits.filled(segment)
      arguments.arrivals = counters(1).address
      arguments.condition = segmentConditions[segment]
    }
    arguments.width = Int32(exits.width)
    arguments.capacity = Int32(exits.capacity)
    arguments.step = Int32(step)
    device.launch("ais_exit", columns: exits.rows.gpu.count, startsEarly: true, arguments)
  }

  /// Sets the product that decides: the kernel computes it itself if it can in the same order.
  private func set(
    _ x: any DeviceBuffer, _ weights: WeightMatrix, rows: Int,
    _ arguments: inout ais_exit_arguments
  ) throws {
    if rows <= Self.fewRows, weights.bias == nil, let packed = weights.layout as? CUDAWeights,
      case .dense(let dense) = packed.layout, dense.matrix.stride == dense.matrix.inputs
    {
      arguments.x = x.gpu.address
      arguments.weights = dense.matrix.address
      arguments.inputs = Int32(weights.inputs)
    } else {
      let scores = scratch(.scores, byteCount: rows * 4)
      try multiply(x, rows: rows, by: weights, into: scores, accumulate: false)
      arguments.scores = scores.address
    }
  }

  /// Puts the next rows that a segment owes into the table of `exits`.
  private func gatherOwed(_ segment: Int, _ exits: PassExits, _ hasMore: UInt64) {
    precondition(PassExits.fillRows == ais_owed_rows, "one number of rows")
    var arguments = ais_owed_arguments()
    arguments.table = exits.rows.gpu.memory.address
    arguments.kept = exits.states.gpu.address
    arguments.log = exits.log.entries.gpu.address
    arguments.filled = exits.filled(segment)
    arguments.arrivals = counters(1).address
    arguments.owed = exits.fillTable.gpu.memory.address
    arguments.owed_states = exits.fillStates.gpu.address
    arguments.condition = hasMore
    arguments.rows = Int32(exits.rows.gpu.count)
    arguments.width = Int32(exits.width)
    arguments.capacity = Int32(exits.capacity)
    device.launch(
      "ais_gather_owed", columns: ais_owed_rows, startsEarly: true, arguments)
  }
}

extension PassExits {
  /// Where a segment's count of filled rows lies.
  fileprivate func filled(_ segment: Int) -> ais_cuda_address {
    filled.gpu.address + UInt64(segment * 4)
  }
}
