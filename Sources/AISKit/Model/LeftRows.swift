/// What a cache remembers of positions that left the model early: the first layer that each did not
/// run, and the hidden state with which it left.
///
/// Takes memory only once a position leaves.
struct LeftRows {
  /// What the layers that a position did not run hold for it.
  var fill: KVFill
  private let capacity: Int
  private let width: Int
  /// The first layer that a position did not run; `Int32.max` of one that ran all.
  ///
  /// Shape: [sequences, capacity].
  private let layers: DeviceBuffer
  /// The states with which positions left; undefined of others.
  ///
  /// Shape: [sequences, capacity, width].
  let states: DeviceBuffer

  init(fill: KVFill, sequences: Int, capacity: Int, width: Int) {
    self.fill = fill
    self.capacity = capacity
    self.width = width
    layers = DeviceBuffer(byteCount: sequences * capacity * 4)
    states = DeviceBuffer(byteCount: sequences * capacity * width * 4)
    for sequence in 0..<sequences { forget(0..<capacity, of: sequence) }
  }

  /// The first layers that a sequence's positions did not run.
  ///
  /// Shape: [capacity].
  func exitLayers(of sequence: Int) -> UnsafeMutablePointer<Int32> {
    layers.pointer.assumingMemoryBound(to: Int32.self) + sequence * capacity
  }

  /// Where a position's state lies among all.
  func stateRow(sequence: Int, position: Int) -> Int { sequence * capacity + position }

  /// Positions are about to be computed anew.
  func forget(_ positions: Range<Int>, of sequence: Int) {
    let layers = exitLayers(of: sequence)
    for position in positions { layers[position] = .max }
  }

  /// A position leaves with a state; `layer` is the first that it does not run.
  func leave(sequence: Int, position: Int, layer: Int, state: UnsafePointer<Float>) {
    exitLayers(of: sequence)[position] = Int32(layer)
    (states.floats + stateRow(sequence: sequence, position: position) * width)
      .update(from: state, count: width)
  }

  /// Takes over the first positions of another cache's sequence.
  func adopt(_ other: LeftRows, sequence: Int, positions: Int, into target: Int) {
    exitLayers(of: target).update(from: other.exitLayers(of: sequence), count: positions)
    (states.floats + stateRow(sequence: target, position: 0) * width).update(
      from: other.states.floats + other.stateRow(sequence: sequence, position: 0) * width,
      count: positions * width)
  }
}
