import Foundation

/// The head of a safetensors file: which tensors it has, and where each lies.
///
/// Source: the safetensors format (README of huggingface/safetensors).
package struct SafetensorsHeader {
  private struct Entry: Encodable {
    let dtype: String
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
  /// The bytes of the tensors so far, which is where the next one begins.
  package private(set) var dataByteCount = 0

  /// A header without tensors.
  package init() {}

  /// Adds a tensor behind the others.
  ///
  /// `dtype` is the format's name of the element type, whose elements have `elementBytes` bytes.
  package mutating func add(_ name: String, dtype: String, elementBytes: Int, shape: [Int]) {
    let begin = dataByteCount
    dataByteCount += shape.reduce(elementBytes, *)
    members[name] = .tensor(
      Entry(dtype: dtype, shape: shape, dataOffsets: [begin, dataByteCount]))
  }

  /// The file's beginning, up to the first byte of the first tensor.
  ///
  /// - Throws: what `JSONEncoder` throws.
  package func bytes(metadata: [String: String]) throws -> Data {
    var members = members
    members["__metadata__"] = .metadata(metadata)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var header = try encoder.encode(members)
    // Readers may map the numbers, so they begin at a multiple of their size.
    while !header.count.isMultiple(of: 8) { header.append(UInt8(ascii: " ")) }
    var file = Data()
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { file.append(contentsOf: $0) }
    file.append(header)
    return file
  }
}
