/// Copies some rows of some layers' outputs, and of the last layer's, during a pass.
final class RowGatherer: ForwardObserver {
  /// The rows of the batch; set before each pass.
  var rows: [Int] = []
  private let layers: [Int]
  private let last: Int
  /// The rows of each layer.
  ///
  /// Shape: [layers], each of [rows, width].
  private(set) var hidden: [[Float]]
  /// Shape: [rows, width].
  private(set) var final: [Float] = []

  init(layers: [Int], last: Int) {
    self.layers = layers
    self.last = last
    hidden = layers.map { _ in [] }
  }

  func finished(
    _ step: Step, _ action: StepAction, hidden states: borrowing HiddenStates
  ) throws {
    if let place = layers.firstIndex(of: step.layer) { hidden[place] = try states.rows(rows) }
    if step.layer == last { final = try states.rows(rows) }
  }
}
