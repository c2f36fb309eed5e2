import Foundation

/// Makes a safetensors file of float32 tensors.
package struct SafetensorsWriter {
  private var header = SafetensorsHeader()
  private var data = Data()

  /// A file without tensors.
  package init() {}

  /// Adds a tensor.
  ///
  /// Shape: `values` has the product of `shape` numbers, in row-major order.
  package mutating func add(_ name: String, shape: [Int], _ values: [Float]) {
    precondition(shape.reduce(1, *) == values.count, "the shape fits the numbers")
    header.add(name, dtype: "F32", elementBytes: MemoryLayout<Float>.size, shape: shape)
    values.withUnsafeBytes { data.append(contentsOf: $0) }
  }

  /// Writes a temporary file in the same folder and renames it to `path`.
  ///
  /// - Throws: `CheckpointError` if the file cannot be written.
  package func write(to path: String, metadata: [String: String]) throws {
    do {
      var file = try header.bytes(metadata: metadata)
      file.append(data)
      try file.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw CheckpointError(
        file: path, expected: "a file that can be written", found: error.localizedDescription)
    }
  }
}
