import Foundation
import Synchronization

/// The angles of a model's rotary embeddings, computed once for each position and shared by all passes.
final class RotaryTables: Sendable {
  private let rotaries: [RotaryEmbedding]
  private let backend: any Backend
  private let tables = Mutex<[RotaryAngles]>([])

  init(_ rotaries: [RotaryEmbedding], backend: any Backend) {
    self.rotaries = rotaries
    self.backend = backend
  }

  /// The angles of each rotary embedding, for at least `wanted` positions.
  ///
  /// Shape: [rotaries].
  func angles(positions wanted: Int) -> [RotaryAngles] {
    tables.withLock { tables in
      if tables.first.map({ $0.positions < wanted }) ?? !rotaries.isEmpty {
        // Decoding asks for one more position each time.
        let positions = max(wanted, 2 * (tables.first?.positions ?? 0), 64)
        tables = rotaries.map { make($0, positions: positions) }
      }
      return tables
    }
  }

  private func make(_ rotary: RotaryEmbedding, positions: Int) -> RotaryAngles {
    let original = rotary.originalContext
    let lengths = original.map { [0, $0 + 1] } ?? [0]
    var (cosines, sines) = ([Float](), [Float]())
    for length in lengths {
      let frequencies = rotary.inverseFrequencies(positions: length)
      for position in 0..<positions {
        for frequency in frequencies {
          let angle = Float(position) * frequency
          cosines.append(rotary.magnitude * cosf(angle))
          sines.append(rotary.magnitude * sinf(angle))
        }
      }
    }
    return RotaryAngles(
      cosines: backend.makeBuffer(cosines), sines: backend.makeBuffer(sines), positions: positions,
      pairs: rotary.dimension / 2, originalContext: original)
  }
}
