import CAISKernels

/// Panels of a matrix: how many outputs lie side by side in one, and how it is written into memory.
struct PanelPacking: Sendable {
  let outputs: Int
  let inputs: Int
  /// Outputs in a panel.
  let width: Int
  let panelBytes: Int

  /// What is written between two claims of memory: enough to be worth a call, little enough for caches.
  private static let claimedBytes = 262_144

  var count: Int { ais_panel_count(outputs, width) }

  /// The outputs of a panel; the last has fewer than `width` where they don't divide.
  func outputs(of panel: Int) -> Range<Int> {
    panel * width..<min((panel + 1) * width, outputs)
  }

  /// Writes panels into a new buffer, on all threads; `body` is given a run of them and where it begins.
  func write(_ body: (Range<Int>, UnsafeMutableRawPointer) throws -> Void) throws -> HostBuffer {
    let buffer = HostBuffer(byteCount: count * panelBytes)
    let step = max(1, Self.claimedBytes / max(panelBytes, 1))
    try Threads.ranges(count, grain: max(1, 65_536 / max(panelBytes, 1))) { range in
      for first in stride(from: range.lowerBound, to: range.upperBound, by: step) {
        let part = first..<min(first + step, range.upperBound)
        buffer.claim(part.lowerBound * panelBytes..<part.upperBound * panelBytes)
        try body(part, buffer.pointer + part.lowerBound * panelBytes)
      }
    }
    return buffer
  }

  /// Writes panels of the rows of a matrix in float32; `pack` is given a panel, the rows of its outputs, and
  /// where it begins.
  func write(
    _ source: WeightSource,
    pack: (Int, UnsafePointer<Float>, UnsafeMutableRawPointer) -> Void
  ) throws -> HostBuffer {
    let buffer = try write { panels, target in
      try withUnsafeTemporaryAllocation(of: Float.self, capacity: width * inputs) { rows in
        guard let base = rows.baseAddress else { return }
        for (place, panel) in panels.enumerated() {
          try source.fill(outputs(of: panel), base)
          pack(panel, base, target + place * panelBytes)
        }
      }
    }
    source.release()
    return buffer
  }
}
