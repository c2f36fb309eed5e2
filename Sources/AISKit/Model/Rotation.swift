import CAISKernels
import Foundation

/// The angles by which one rotary embedding turns a batch's rows.
struct Rotation {
  private let rotary: RotaryEmbedding
  /// Radians per position of sequences within the original context, and of longer ones.
  private var frequencies: [Bool: [Float]] = [:]
  private var cosineStorage = ReusableBuffer()
  private var sineStorage = ReusableBuffer()
  private(set) var table: RotaryTable

  init(_ rotary: RotaryEmbedding) {
    self.rotary = rotary
    let empty = DeviceBuffer(byteCount: 0)
    table = RotaryTable(cosines: empty, sines: empty)
  }

  /// Computes the angles of a batch's rows, in sequences that will come to these lengths.
  mutating func prepare(rows: Int, spans: [ais_span], lengths: [Int]) {
    let pairs = rotary.dimension / 2
    table = RotaryTable(
      cosines: cosineStorage.holding(byteCount: rows * pairs * 4),
      sines: sineStorage.holding(byteCount: rows * pairs * 4))
    for (span, length) in zip(spans, lengths) {
      let inverseFrequencies = inverseFrequencies(length: length)
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

  private mutating func inverseFrequencies(length: Int) -> [Float] {
    let key = rotary.isBeyondOriginal(length)
    if let known = frequencies[key] { return known }
    let computed = rotary.inverseFrequencies(positions: length)
    frequencies[key] = computed
    return computed
  }
}
