import CAISKernels

/// A product of zeros with q8_0 blocks as a file stores them.
///
/// It measures the speed of the `native` type.
package final class StoredProduct {
  private let rows: Int
  private let inputs: Int
  private let outputs: Int
  private let workers = Threads.count
  private let input: HostBuffer
  private let output: HostBuffer
  private let weights: HostBuffer
  private let rounded: HostBuffer
  private let scratch: HostBuffer

  /// A product of `rows` rows; `inputs` is a multiple of 32.
  package init(rows: Int, inputs: Int, outputs: Int) {
    (self.rows, self.inputs, self.outputs) = (rows, inputs, outputs)
    input = HostBuffer([Float](repeating: 0, count: rows * inputs))
    output = HostBuffer([Float](repeating: 0, count: rows * outputs))
    weights = HostBuffer([Float](repeating: 0, count: outputs * inputs / 32 * 34 / 4))
    rounded = HostBuffer(byteCount: ais_byte_rows_size(rows, inputs))
    scratch = HostBuffer(byteCount: workers * ais_blocks_scratch(inputs))
  }

  /// Multiplies once.
  package func run() {
    let x = ais_round_rows(input.floats, rows, inputs, rounded.pointer)
    let segment = ais_block_segment(
      type: AIS_BLOCKS_Q8_0, outputs: outputs, blocks: weights.pointer,
      width: ais_stored_width(AIS_BLOCKS_Q8_0))
    ais_blocks_product(
      [segment], 1, x, nil, output.floats, 0, scratch.pointer, Int32(workers))
  }
}
