import CAISKernels

/// Multiplies rows of activations by packed weights.
///
/// An engine is shared by all forward passes. State of one pass is in its `MatrixPlans`.
package protocol MatrixEngine: Sendable {
  /// The library and its version, for display.
  var name: String { get }

  /// The type in which products are computed.
  var type: ComputeType { get }

  /// The type in which rows of activations must be stored.
  var inputType: ais_dtype { get }

  /// As `Backend.productRanges`.
  var productRanges: [ClosedRange<Int>] { get }

  /// Packs a matrix.
  func pack(_ source: WeightSource) throws -> WeightMatrix

  /// State of one forward pass: prepared products and scratch memory.
  func makePlans() -> any MatrixPlans
}

extension MatrixEngine {
  /// One order of sums for any number of rows.
  package var productRanges: [ClosedRange<Int>] { [1...Int.max] }
}

/// The prepared products of one forward pass.
///
/// Not thread-safe.
package protocol MatrixPlans: AnyObject {
  /// output = input·Wᵀ + bias, or output += input·Wᵀ + bias.
  ///
  /// Shape: input [rows, inputs] in the engine's input type, output [rows, outputs] float32, both dense.
  func multiply(
    _ input: UnsafeMutableRawPointer, rows: Int, by weights: WeightMatrix,
    into output: UnsafeMutablePointer<Float>, accumulate: Bool) throws
}

extension WeightSource {
  /// Writes the whole matrix, float32, row-major [outputs, inputs], by all threads.
  func unpack(to floats: UnsafeMutablePointer<Float>) throws {
    let grain = max(1, 65_536 / max(inputs, 1))
    let target = UncheckedPointer(floats)
    try Threads.ranges(outputs, grain: grain) { range in
      try fill(range, target.pointer + range.lowerBound * inputs)
    }
    release()
  }
}

/// Carries a pointer into closures that write to disjoint parts of it.
struct UncheckedPointer: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>

  init(_ pointer: UnsafeMutablePointer<Float>) { self.pointer = pointer }
}

/// Carries a pointer into closures that read or write disjoint parts of it.
struct UncheckedRawPointer: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer

  init(_ pointer: UnsafeMutableRawPointer) { self.pointer = pointer }
}
