import AISKit
import Foundation
import TestSupport
import Testing

@Suite struct SafetensorsFileTests {
  @Test func readsTensorsAndMetadata() throws {
    let folder = try TemporaryFolder()
    var builder = SafetensorsBuilder()
    builder.setMetadata(["format": "pt"])
    builder.add("half", dtype: "F16", shape: [3], data: [0x00, 0x3C, 0x00, 0xC0, 0x01, 0x00])
    builder.add("weight", shape: [2, 2, 2], floats: [1, 2, 3, 4, 5, 6, 7, 8])
    builder.add("brain", dtype: "BF16", shape: [2, 1], data: [0x80, 0x3F, 0x40, 0xC0])
    builder.add("scalar", shape: [], floats: [9])
    builder.add("empty", shape: [4, 0], floats: [])
    let file = try SafetensorsFile(path: folder.write(builder.bytes(), as: "model.safetensors"))
    #expect(file.metadata == ["format": "pt"])
    #expect(file.tensorNames == ["half", "weight", "brain", "scalar", "empty"])
    #expect(try file.tensor("half").dequantized() == [1, -2, 0x1p-24])
    #expect(try file.tensor("half").elementType == .f16)
    let weight = try file.tensor("weight")
    #expect(weight.shape == [2, 2, 2])
    #expect(weight.rowCount == 4)
    #expect(weight.rowElements == 2)
    #expect(weight.dequantized() == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(try file.tensor("brain").dequantized() == [1, -3])
    #expect(try file.tensor("scalar").dequantized() == [9])
    #expect(try file.tensor("scalar").shape.isEmpty)
    #expect(try file.tensor("empty").dequantized().isEmpty)
    #expect(try file.tensorIfPresent("absent") == nil)
  }

  @Test func refusesATensorOfAnotherTypeOnlyWhenAskedForIt() throws {
    let folder = try TemporaryFolder()
    var builder = SafetensorsBuilder()
    builder.add("mask", dtype: "BOOL", shape: [4], data: [0, 1, 1, 0])
    builder.add("weight", shape: [1], floats: [2])
    builder.add("future", dtype: "F7_X", shape: [4], data: [1, 2])
    let file = try SafetensorsFile(path: folder.write(builder.bytes(), as: "model.safetensors"))
    #expect(try file.tensor("weight").dequantized() == [2])
    for (name, type) in [("mask", "BOOL"), ("future", "F7_X")] {
      let error = #expect(throws: CheckpointError.self) { try file.tensor(name) }
      #expect(error?.place == .tensor(name))
      #expect(error?.expected == "one of F32, F16, BF16")
      #expect(error?.found == type)
      #expect(file.elementTypeName(ofTensor: name) == type)
    }
  }

  /// A header entry of the tensor `w`.
  static func entry(
    _ dtype: String = "\"F32\"", shape: String = "[2]", offsets: String = "[0,8]"
  ) -> String {
    "{\"w\":{\"dtype\":\(dtype),\"shape\":\(shape),\"data_offsets\":\(offsets)}}"
  }

  static func header(
    _ name: String, _ place: CheckpointError.Place, expected: String, found: String,
    _ header: String, data: Int = 8, length: UInt64? = nil
  ) -> Malformation {
    Malformation(name, place, expected: expected, found: found) {
      SafetensorsBuilder.file(
        header: header, data: Array(repeating: 0, count: data), length: length)
    }
  }

  static let headers: [Malformation] = [
    Malformation("five bytes", .offset(0), expected: "header's length (8", found: "5 bytes") {
      [1, 2, 3, 4, 5]
    },
    header("length 0", .offset(0), expected: "2 to 10 bytes", found: "0", "{}", length: 0),
    header("length past end", .offset(0), expected: "2 to 10", found: "11", "{}", length: 11),
    header(
      "length of 2^64-1", .offset(0), expected: "2 to 10", found: "\(UInt64.max)", "{}",
      length: .max),
    header("array", .offset(8), expected: "begins with '{'", found: "byte 91", "[]"),
    header("not JSON", .offset(9), expected: "quotation marks", found: "'w'", "{w:1}"),
    header("twice", .offset(15), expected: "each name once", found: "\"w\"", "{\"w\":1,\"w\":2}"),
    header("text behind", .offset(11), expected: "end of the JSON", found: "'x'", "{} x"),
    header(
      "metadata of a number", .json("__metadata__.a"), expected: "a string", found: "1",
      "{\"__metadata__\":{\"a\":1}}"),
    header(
      "metadata is a text", .json("__metadata__"), expected: "an object", found: "\"a\"",
      "{\"__metadata__\":\"a\"}"),
    header("number for a tensor", .json("w"), expected: "an object", found: "1", "{\"w\":1}"),
    header(
      "deep", .offset(77), expected: "at most 64", found: "deeper",
      "{\"w\":" + String(repeating: "[", count: 90_000)),
  ]

  static let entries: [Malformation] = [
    header("no dtype", .json("w.dtype"), expected: "a string", found: "nothing", "{\"w\":{}}"),
    header("dtype 3", .json("w.dtype"), expected: "a string", found: "3", entry("3")),
    header(
      "negative", .json("w.shape"), expected: "0 or more", found: "array of 2",
      entry(shape: "[-1,-2]")),
    header(
      "fraction", .json("w.shape[0]"), expected: "an integer", found: "2.5", entry(shape: "[2.5]")),
    header(
      "product of 2^64", .json("w.shape"), expected: "product below 2^63", found: "array of 2",
      entry(shape: "[4294967296,4294967296]")),
    header(
      "bits of 2^64", .tensor("w"), expected: "F32 of shape", found: "8",
      entry(shape: "[576460752303423488]")),
    header(
      "size", .tensor("w"), expected: "as many bytes as F32 of shape [3]", found: "8",
      entry(shape: "[3]")),
    header(
      "half a byte", .tensor("w"), expected: "as many bytes as F4", found: "8",
      entry("\"F4\"", shape: "[15]")),
    header(
      "end before begin", .tensor("w"), expected: "begin ≤ end", found: "[8, 0]",
      entry(offsets: "[8,0]")),
    header(
      "end past data", .tensor("w"), expected: "end ≤ 8", found: "[0, 12]",
      entry(shape: "[3]", offsets: "[0,12]")),
    header(
      "negative begin", .tensor("w"), expected: "0 ≤ begin", found: "[-8, 0]",
      entry(offsets: "[-8,0]")),
    header(
      "three offsets", .tensor("w"), expected: "[begin, end]", found: "[0, 8, 8]",
      entry(offsets: "[0,8,8]")),
    header(
      "offset of 2^64", .json("w.data_offsets[1]"), expected: "an integer", found: "1.844",
      entry(offsets: "[0,18446744073709551616]")),
    header(
      "hole at the start", .tensor("w"), expected: "the last tensor ends", found: "byte",
      entry(offsets: "[4,12]"), data: 12),
    header(
      "hole at the end", .offset(70), expected: "the end of the file", found: "4 bytes more",
      entry(), data: 12),
  ]

  static let overlap = Malformation(
    "overlap", .tensor("v"), expected: "the last tensor ends", found: "byte"
  ) {
    let u = "\"u\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}"
    let v = "\"v\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[2,6]}"
    return SafetensorsBuilder.file(header: "{\(u),\(v)}", data: [0, 0, 0, 0, 0, 0])
  }

  @Test(arguments: headers + entries + [overlap])
  func refusesMalformedFilesWithPlaceAndReason(_ malformation: Malformation) throws {
    try malformation.check(as: "model.safetensors") { _ = try SafetensorsFile(path: $0) }
  }
}
