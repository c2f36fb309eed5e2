import Foundation

/// Makes a safetensors file of float32 tensors.
///
/// Source: the safetensors format (README of huggingface/safetensors).
package struct SafetensorsWriter {
  private struct Entry: Encodable {
    let dtype = "F32"
    let shape: [Int]
    let dataOffsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype
      case shape
      case dataOffsets = "data_offsets"
    }
  }

  private enum Member: Encodable {
    case tensor(Entry)
    case metadata([String: String])

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .tensor(let entry): try entry.encode(to: encoder)
      case .metadata(let texts): try texts.encode(to: encoder)
      }
    }
  }

  private var members: [String: Member] = [:]
  private var data = Data()

  /// A file without tensors.
  package init() {}

  /// Adds a tensor.
  ///
  /// Shape: `values` has the product of `shape` numbers, in row-major order.
  package mutating func add(_ name: String, shape: [Int], _ values: [Float]) {
    precondition(shape.reduce(1, *) == values.count, "the shape fits the numbers")
    let begin = data.count
    values.withUnsafeBytes { data.append(contentsOf: $0) }
    members[name] = .tensor(Entry(shape: shape, dataOffsets: [begin, data.count]))
  }

  /// Writes a temporary file in the same folder and renames it to `path`.
  ///
  /// - Throws: `CheckpointError` if the file cannot be written.
  package func write(to path: String, metadata: [String: String]) throws {
    var members = members
    members["__metadata__"] = .metadata(metadata)
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      var header = try encoder.encode(members)
      // Readers may map the numbers, so they begin at a multiple of their size.
      while !header.count.isMultiple(of: 8) { header.append(UInt8(ascii: " ")) }
      var file = Data()
      withUnsafeBytes(of: UInt64(header.count).littleEndian) { file.append(contentsOf: $0) }
      file.append(header)
      file.append(data)
      try file.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw CheckpointError(
        file: path, expected: "a file that can be written", found: error.localizedDescription)
    }
  }
}
