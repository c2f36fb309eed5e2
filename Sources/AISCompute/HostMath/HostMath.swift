import CAISKernels

/// Arithmetic on arrays in host memory, by the C kernels.
///
/// Models compute on their device. Routers, classifiers and bridges are trained on the host, and
/// logits are compared there.
package enum HostMath {
  /// The comparison of two rows of logits.
  package typealias Comparison = ais_comparison

  /// Replaces every number x by SiLU(x) = x / (1 + e^−x).
  ///
  /// Shape: `numbers` begins with [rows, width].
  package static func silu(_ numbers: inout [Float], rows: Int, width: Int) {
    precondition(numbers.count >= rows * width, "whole rows")
    numbers.withUnsafeMutableBufferPointer {
      ais_activate_f32(AIS_SILU, 0, $0.baseAddress, $0.baseAddress, AIS_F32, rows, width)
    }
  }

  /// Σ a·b, added up in order in float32.
  ///
  /// Shape: [width] each.
  package static func dot(_ a: Span<Float>, _ b: Span<Float>) -> Float {
    precondition(a.count == b.count, "vectors of one width")
    var sum: Float = 0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }

  /// out = a·b, number by number, written from `start` on.
  ///
  /// Shape: [width] each.
  package static func multiply(
    _ a: Span<Float>, _ b: Span<Float>, into out: inout [Float], at start: Int
  ) {
    let width = a.count
    precondition(b.count == width, "vectors of one width")
    out.withUnsafeMutableBufferPointer { out in
      let target = out.extracting(start..<start + width)
      for index in 0..<width { target[index] = a[index] * b[index] }
    }
  }

  /// out += factor·a, from `start` on.
  ///
  /// Shape: [width] each.
  package static func add(
    _ a: Span<Float>, times factor: Float, to out: inout [Float], at start: Int
  ) {
    let width = a.count
    out.withUnsafeMutableBufferPointer { out in
      let target = out.extracting(start..<start + width)
      for index in 0..<width { target[index] += factor * a[index] }
    }
  }

  /// out = out·(factor·a), number by number, from `start` on.
  ///
  /// Shape: [width] each.
  package static func scale(
    _ out: inout [Float], at start: Int, by a: Span<Float>, times factor: Float
  ) {
    let width = a.count
    out.withUnsafeMutableBufferPointer { out in
      let target = out.extracting(start..<start + width)
      for index in 0..<width { target[index] *= factor * a[index] }
    }
  }

  /// log Σ e^x of each row, in float64; NaN for a row that has a NaN or +∞, or only −∞.
  ///
  /// Shape: rows [any, width]; the result has an element for each row. Units: nats.
  package static func logSumExp(_ rows: UnsafeBufferPointer<Float>, width: Int) -> [Double] {
    precondition(width > 0 && rows.count.isMultiple(of: width), "whole rows")
    let count = rows.count / width
    return [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      ais_log_sum_exp_f32(rows.baseAddress, buffer.baseAddress, count, width)
      initialized = count
    }
  }

  /// Compares each row of logits with its baseline.
  ///
  /// Shape: base and other [rows, width]; the result has an element for each row.
  package static func compare(
    base: UnsafeBufferPointer<Float>, other: UnsafeBufferPointer<Float>, width: Int
  ) -> [Comparison] {
    precondition(base.count == other.count, "rows over one vocabulary")
    precondition(width > 0 && base.count.isMultiple(of: width), "whole rows")
    let rows = base.count / width
    return [Comparison](unsafeUninitializedCapacity: rows) { buffer, initialized in
      ais_compare_f32(base.baseAddress, other.baseAddress, buffer.baseAddress, rows, width)
      initialized = rows
    }
  }
}
