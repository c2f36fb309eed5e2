import CAISKernels

/// Packs a matrix into panels: blocks of `width` outputs that lie side by side.
struct PanelPacking: Sendable {
  let outputs: Int
  let inputs: Int
  /// Outputs in a panel.
  let width: Int
  let panelBytes: Int

  /// Bytes written between two claims of memory: enough to be worth a call, few enough for the
  /// caches.
  private static let claimedBytes = 262_144

  var count: Int { ais_panel_count(outputs, width) }

  /// The outputs of a panel.
  ///
  /// The last panel may have fewer than `width`.
  func outputs(of panel: Int) -> Range<Int> {
    panel * width..<min((panel + 1) * width, outputs)
  }

  /// Writes panels into a new buffer, on all threads.
  ///
  /// `body` gets a range of panels and a pointer to the first.
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

  /// Writes panels from the float32 rows of a matrix.
  ///
  /// `pack` gets a panel's index, the rows of its outputs and a pointer to the panel.
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
