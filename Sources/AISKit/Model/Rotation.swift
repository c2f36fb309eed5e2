import CAISKernels
import Foundation

/// The angles by which one rotary embedding turns positions: computed once for each position.
struct Rotation {
  private let rotary: RotaryEmbedding
  /// Of sequences within the original context, and of longer ones: with LongRoPE they differ.
  private var tables: [Bool: Table] = [:]

  private struct Table {
    let inverseFrequencies: [Float]
    var positions = 0
    /// Shape: [positions, dimension / 2].
    var cosines = DeviceBuffer(byteCount: 0)
    var sines = DeviceBuffer(byteCount: 0)
  }

  init(_ rotary: RotaryEmbedding) { self.rotary = rotary }

  /// The angles of a sequence that will come to `length` positions, those of the first `positions`
  /// at the least; valid until more are asked for.
  mutating func angles(positions: Int, length: Int) -> (cosines: DeviceBuffer, sines: DeviceBuffer)
  {
    let key = rotary.isBeyondOriginal(length)
    var table =
      tables[key] ?? Table(inverseFrequencies: rotary.inverseFrequencies(positions: length))
    if table.positions < positions {
      grow(&table, to: positions)
      tables[key] = table
    }
    return (table.cosines, table.sines)
  }

  private func grow(_ table: inout Table, to wanted: Int) {
    // Decoding asks for one more each time.
    let positions = max(wanted, table.positions * 2, 64)
    let pairs = rotary.dimension / 2
    let cosines = DeviceBuffer(byteCount: positions * pairs * 4)
    let sines = DeviceBuffer(byteCount: positions * pairs * 4)
    cosines.floats.update(from: table.cosines.floats, count: table.positions * pairs)
    sines.floats.update(from: table.sines.floats, count: table.positions * pairs)
    for position in table.positions..<positions {
      for pair in 0..<pairs {
        let angle = Float(position) * table.inverseFrequencies[pair]
        cosines.floats[position * pairs + pair] = rotary.magnitude * cosf(angle)
        sines.floats[position * pairs + pair] = rotary.magnitude * sinf(angle)
      }
    }
    (table.positions, table.cosines, table.sines) = (positions, cosines, sines)
  }
}
