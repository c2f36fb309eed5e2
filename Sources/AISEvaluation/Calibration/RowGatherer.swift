/// Copies some rows of some layers' outputs, and of the last layer's, out of a pass.
final class RowGatherer: ForwardObserver {
  /// The rows of the batch; set before each pass.
  var rows: [Int] = []
  private let layers: [Int]
  private let last: Int
  private var storage = ReusableBuffer()
  private var finalStorage = ReusableBuffer()
  /// Shape: [layers, rows, width].
  private(set) var hidden = DeviceBuffer(byteCount: 0)
  /// Shape: [rows, width].
  private(set) var final = DeviceBuffer(byteCount: 0)

  init(layers: [Int], last: Int) {
    self.layers = layers
    self.last = last
  }

  func embedded(_ states: borrowing HiddenStates) {
    let bytes = rows.count * states.width * 4
    hidden = storage.holding(byteCount: layers.count * bytes)
    final = finalStorage.holding(byteCount: bytes)
  }

  func finished(layer: Int, action: LayerAction, hidden states: borrowing HiddenStates) {
    if let place = layers.firstIndex(of: layer) {
      copy(states, to: hidden.floats + place * rows.count * states.width)
    }
    if layer == last { copy(states, to: final.floats) }
  }

  private func copy(_ states: borrowing HiddenStates, to target: UnsafeMutablePointer<Float>) {
    for (place, row) in rows.enumerated() {
      states.withRow(row) { numbers in
        if let base = numbers.baseAddress {
          (target + place * numbers.count).update(from: base, count: numbers.count)
        }
      }
    }
  }
}
