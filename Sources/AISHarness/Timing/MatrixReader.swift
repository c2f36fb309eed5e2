import AISKit

/// Reads a device's memory by products of one row with a matrix, each of whose numbers is read once.
package final class MatrixReader: DeviceReader {
  /// Inputs of the product; the rest of the matrix's size is outputs.
  private static let inputs = 8_192

  package let bytes: Int
  private let stream: any ComputeStream
  private let input: any DeviceBuffer
  private let output: any DeviceBuffer
  private let weights: WeightMatrix

  /// A matrix of about so many bytes in the memory of a backend for float32.
  ///
  /// - Throws: `EngineError`.
  package init(_ backend: any Backend, bytes: Int) throws {
    let outputs = max(1, bytes / (4 * Self.inputs))
    input = backend.makeBuffer([Float](repeating: 0, count: Self.inputs))
    output = backend.makeBuffer([Float](repeating: 0, count: outputs))
    weights = try backend.pack(
      WeightSource(outputs: outputs, inputs: Self.inputs) { rows, target in
        target.update(repeating: 0, count: rows.count * Self.inputs)
      })
    self.bytes = weights.byteCount
    stream = backend.makeStream()
  }

  package func read() throws {
    try stream.multiply(input, rows: 1, by: weights, into: output, accumulate: false)
    _ = try stream.download(output, byteCount: 4)
  }
}
