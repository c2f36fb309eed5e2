/// A weight matrix packed once into the layout that its engine multiplies from.
///
/// Shape: `outputs` × `inputs`; y = x·Wᵀ + bias. Several projections that read the same input are
/// packed as one matrix, their outputs one after the other. The packed form is the only copy: the
/// checkpoint's pages are released after packing.
package final class WeightMatrix: Sendable {
  package let outputs: Int
  package let inputs: Int
  package let type: ComputeType
  package let bias: DeviceBuffer?
  let packed: DeviceBuffer
  /// What the engine must remember about the layout.
  let layout: any Sendable

  init(
    outputs: Int, inputs: Int, type: ComputeType, bias: DeviceBuffer?, packed: DeviceBuffer,
    layout: any Sendable
  ) {
    self.outputs = outputs
    self.inputs = inputs
    self.type = type
    self.bias = bias
    self.packed = packed
    self.layout = layout
  }

  /// Bytes of the packed weights.
  package var byteCount: Int { packed.byteCount }
}

/// The float32 source of a weight matrix: fills rows of the unpacked [outputs, inputs] matrix.
package struct WeightSource: Sendable {
  package let outputs: Int
  package let inputs: Int
  package let bias: [Float]?
  /// Writes rows `range` to the pointer, row after row.
  package let fill: @Sendable (Range<Int>, UnsafeMutablePointer<Float>) throws -> Void
  /// Called once the rows have been packed.
  package let release: @Sendable () -> Void

  package init(
    outputs: Int, inputs: Int, bias: [Float]? = nil,
    fill: @escaping @Sendable (Range<Int>, UnsafeMutablePointer<Float>) throws -> Void,
    release: @escaping @Sendable () -> Void = {}
  ) {
    self.outputs = outputs
    self.inputs = inputs
    self.bias = bias
    self.fill = fill
    self.release = release
  }
}
