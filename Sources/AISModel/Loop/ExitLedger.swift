/// What a cache stores about positions that exited early: the first step that each did not run, and
/// the hidden state with which it exited.
///
/// It takes memory only once a pass lets rows exit. The steps are stored twice: on the host to find
/// gaps, and on the device, where the attention finds holes.
struct ExitLedger {
  /// What the layers that a position did not run hold for it in the cache.
  var fill: KVFill
  private let capacity: Int
  /// The first step that each position did not run; `RowState.active` if it ran all.
  ///
  /// Shape: [sequences · capacity].
  private var steps: [Int32]
  /// The device's copy of `steps`.
  let deviceSteps: any DeviceBuffer
  /// The states with which positions exited; undefined for other positions.
  ///
  /// Shape: [sequences · capacity, width].
  let states: any DeviceBuffer

  init(
    fill: KVFill, sequences: Int, capacity: Int, width: Int, _ backend: any Backend,
    _ stream: any ComputeStream
  ) {
    self.fill = fill
    self.capacity = capacity
    steps = Array(repeating: RowState.active, count: sequences * capacity)
    deviceSteps = backend.makeBuffer(byteCount: steps.count * 4)
    states = backend.makeBuffer(byteCount: steps.count * width * 4)
    stream.upload(steps, into: deviceSteps)
  }

  /// Whether no position has exited.
  var isEmpty: Bool { steps.allSatisfy { $0 == RowState.active } }

  /// The index of a position in `steps` and `states`.
  func place(sequence: Int, position: Int) -> Int { sequence * capacity + position }

  /// The first step that a position did not run.
  func exitStep(sequence: Int, position: Int) -> Int32 {
    steps[place(sequence: sequence, position: position)]
  }

  /// Marks positions as exited at a step, or with `RowState.active` as not exited.
  ///
  /// The targets of `map` must be `places`.
  mutating func set(_ places: [Int], to step: Int32, by map: RowMap, _ stream: any ComputeStream) {
    for place in places { steps[place] = step }
    stream.fill(deviceSteps, by: map, with: step)
  }

  /// Notes on the host that a position exited, as the device has done.
  mutating func note(sequence: Int, position: Int, at step: Int32) {
    steps[place(sequence: sequence, position: position)] = step
  }

  /// Forgets every exit.
  ///
  /// Memory is kept for reuse.
  mutating func forgetAll(_ stream: any ComputeStream) {
    for place in steps.indices { steps[place] = RowState.active }
    stream.upload(steps, into: deviceSteps)
  }

  /// Copies the first positions of another ledger's sequence.
  ///
  /// `map` pairs the other ledger's places with this one's.
  mutating func adopt(
    _ other: ExitLedger, sequence: Int, positions: Int, into target: Int, by map: RowMap,
    width: Int, _ stream: any ComputeStream
  ) {
    for position in 0..<positions {
      steps[place(sequence: target, position: position)] = other.exitStep(
        sequence: sequence, position: position)
    }
    stream.move(other.deviceSteps, by: map, rowBytes: 4, into: deviceSteps)
    stream.move(other.states, by: map, rowBytes: width * 4, into: states)
  }
}
