import CAISKernels
import Foundation

/// The angles by which one rotary embedding turns a batch's rows.
struct Rotation {
  private let rotary: RotaryEmbedding
  private var inverseFrequencies: [Float] = []
  private var positions = -1
  private var cosineStorage = ReusableBuffer()
  private var sineStorage = ReusableBuffer()
  private(set) var table: RotaryTable

  init(_ rotary: RotaryEmbedding) {
    self.rotary = rotary
    let empty = DeviceBuffer(byteCount: 0)
    table = RotaryTable(cosines: empty, sines: empty)
  }

  /// Computes the angles of a batch's rows in a context of `positions` positions.
  mutating func prepare(rows: Int, spans: [ais_span], positions: Int) {
    if positions != self.positions {
      inverseFrequencies = rotary.inverseFrequencies(positions: positions)
      self.positions = positions
    }
    let pairs = inverseFrequencies.count
    table = RotaryTable(
      cosines: cosineStorage.holding(byteCount: rows * pairs * 4),
      sines: sineStorage.holding(byteCount: rows * pairs * 4))
    for span in spans {
      for row in 0..<span.row_count {
        let position = Float(span.position + row)
        let target = (span.row_start + row) * pairs
        for pair in 0..<pairs {
          let angle = position * inverseFrequencies[pair]
          table.cosines.floats[target + pair] = rotary.magnitude * cosf(angle)
          table.sines.floats[target + pair] = rotary.magnitude * sinf(angle)
        }
      }
    }
  }
}
