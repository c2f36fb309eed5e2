import AISKit
import TestSupport
import Testing

/// A way to damage a file, and the error that the reader must give.
struct Malformation: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let place: CheckpointError.Place
  let expected: String
  let found: String
  let bytes: @Sendable () -> [UInt8]

  init(
    _ name: String, _ place: CheckpointError.Place, expected: String, found: String,
    _ bytes: @escaping @Sendable () -> [UInt8]
  ) {
    testDescription = name
    self.place = place
    self.expected = expected
    self.found = found
    self.bytes = bytes
  }

  /// A GGUF file as the builder writes it after `change`.
  static func gguf(
    _ name: String, _ place: CheckpointError.Place, expected: String, found: String,
    _ change: @escaping @Sendable (inout GGUFBuilder) -> Void
  ) -> Malformation {
    Malformation(name, place, expected: expected, found: found) {
      var builder = GGUFBuilder()
      change(&builder)
      return builder.bytes()
    }
  }

  /// Checks that `open` refuses the file with place and reason.
  func check(as name: String, open: (String) throws -> Void) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes(), as: name)
    let error = #expect(throws: CheckpointError.self) { try open(path) }
    #expect(error?.file == path)
    #expect(error?.place == place)
    #expect(error?.expected.contains(expected) == true, "\(error?.expected ?? "")")
    #expect(error?.found.contains(found) == true, "\(error?.found ?? "")")
  }
}

@Suite struct MalformedGGUFTests {
  /// The bytes of an array's header: element type and count.
  static func arrayHeader(_ type: UInt32, count: UInt64) -> [UInt8] {
    var bytes = LittleEndianBytes()
    bytes.append(type)
    bytes.append(count)
    return bytes.bytes
  }

  static let eight = [UInt8](repeating: 0, count: 32)

  static let header: [Malformation] = [
    .gguf("wrong magic", .offset(0), expected: "GGUF", found: "'GGML'") {
      $0.magic = Array("GGML".utf8)
    },
    .gguf("version 1", .offset(4), expected: "2 or 3", found: "version 1, which is not supported") {
      $0.version = 1
    },
    .gguf("version 4", .offset(4), expected: "2 or 3", found: "version 4") { $0.version = 4 },
    .gguf("big-endian", .offset(4), expected: "little-endian", found: "big-endian") {
      $0.version = 3 << 24
    },
    .gguf("tensor count", .offset(8), expected: "a number of tensors", found: "1152921504606846976")
    { $0.tensorCount = 1 << 60 },
    .gguf("one tensor too many", .offset(8), expected: "a number of tensors", found: "1") {
      $0.tensorCount = 1
    },
    .gguf("metadata count", .offset(16), expected: "metadata entries", found: "\(UInt64.max)") {
      $0.metadataCount = .max
    },
    Malformation("cut in the version", .offset(4), expected: "version (4", found: "2 bytes") {
      Array("GGUF".utf8) + [3, 0]
    },
  ]

  static let metadata: [Malformation] = [
    .gguf("empty key", .offset(24), expected: "1 to 65535 bytes", found: "0 bytes") {
      $0.set("", .uint32(1))
    },
    .gguf("long key", .offset(24), expected: "1 to 65535 bytes", found: "70000 bytes") {
      $0.set(String(repeating: "k", count: 70_000), .uint32(1))
    },
    .gguf("duplicate key", .offset(41), expected: "once", found: "'k' again") {
      $0.set("k", .uint32(1))
      $0.set("k", .uint32(1))
    },
    .gguf("unknown type", .metadata("key"), expected: "0 to 12", found: "13") {
      $0.set("key", .raw(type: 13, [0, 0, 0, 0]))
    },
    .gguf("unknown element type", .metadata("key"), expected: "0 to 12", found: "99") {
      $0.set("key", .raw(type: 9, arrayHeader(99, count: 1)))
    },
    .gguf("bool of 2", .metadata("key"), expected: "0 or 1", found: "2") {
      $0.set("key", .raw(type: 7, [2]))
    },
    .gguf("bools of 2", .metadata("key"), expected: "0 or 1", found: "2") {
      $0.set("key", .raw(type: 9, arrayHeader(7, count: 3) + [0, 1, 2]))
    },
    .gguf("string longer than file", .offset(47), expected: "a string (4096 by", found: "1 bytes") {
      $0.set("key", .raw(type: 8, [0, 16, 0, 0, 0, 0, 0, 0, 65]))
    },
    .gguf("string of 2^64-1 bytes", .offset(47), expected: "\(UInt64.max)", found: "0 bytes") {
      $0.set("key", .raw(type: 8, Array(repeating: 255, count: 8)))
    },
    .gguf("array count", .offset(43), expected: "fits in the 8 bytes", found: "\(UInt64.max / 2)") {
      $0.set("key", .raw(type: 9, arrayHeader(4, count: .max / 2) + [1, 2, 3, 4, 5, 6, 7, 8]))
    },
    .gguf("one element too many", .offset(43), expected: "fits in the 8 bytes", found: "3") {
      $0.set("key", .raw(type: 9, arrayHeader(4, count: 3) + [1, 2, 3, 4, 5, 6, 7, 8]))
    },
    .gguf("string count", .offset(43), expected: "array elements", found: "4294967296") {
      $0.set("key", .raw(type: 9, arrayHeader(8, count: 1 << 32)))
    },
    .gguf("string in array", .offset(59), expected: "a string (255", found: "0 bytes") {
      $0.set("key", .raw(type: 9, arrayHeader(8, count: 1) + [255, 0, 0, 0, 0, 0, 0, 0]))
    },
    .gguf("deep arrays", .metadata("key"), expected: "at most 4 deep", found: "deeper") {
      let nest = (0..<5000).flatMap { _ in arrayHeader(9, count: 1) }
      $0.set("key", .raw(type: 9, nest + arrayHeader(4, count: 0)))
    },
    .gguf("split model", .metadata("split.count"), expected: "one file", found: "one part of 3") {
      $0.set("split.count", .uint16(3))
    },
  ]

  static let alignments: [Malformation] =
    [0, 3, 48, 1 << 21, UInt32.max].map { alignment in
      .gguf(
        "alignment \(alignment)", .metadata("general.alignment"), expected: "a power of two",
        found: "\(alignment)"
      ) { $0.set("general.alignment", .uint32(alignment)) }
    } + [
      .gguf("text", .metadata("general.alignment"), expected: "power of two", found: "string") {
        $0.set("general.alignment", .string("32"))
      }
    ]

  static let tensors: [Malformation] = [
    .gguf("duplicate tensor", .tensor("w"), expected: "each tensor name once", found: "second") {
      $0.add("w", shape: [8], data: eight)
      $0.add("w", shape: [8], data: eight)
    },
    .gguf("five dimensions", .tensor("w"), expected: "at most 4", found: "5") {
      $0.add("w", shape: [1, 1, 1, 1, 8], data: eight)
    },
    .gguf("dimension 0", .tensor("w"), expected: "from 1", found: "0") {
      $0.add("w", shape: [0, 8], data: eight)
    },
    .gguf("dimension of 2^63", .tensor("w"), expected: "2^63-1", found: "9223372036854775808") {
      $0.add("w", shape: [8], data: eight)
      $0.tensors[0].dimensions = [1 << 63]
    },
    .gguf("product of 2^64", .tensor("w"), expected: "product below 2^63", found: "4294967296") {
      $0.add("w", shape: [1 << 32, 1 << 32], data: eight)
    },
    .gguf("bytes of 2^63", .tensor("w"), expected: "product below 2^63", found: "[230584") {
      $0.add("w", shape: [1 << 61], data: eight)
    },
    .gguf("row of 48", .tensor("w"), expected: "multiple of 32 numbers for Q4_1", found: "48") {
      $0.add("w", shape: [2, 48], type: .q4_1, data: Array(repeating: 0, count: 60))
    },
    .gguf("row of 32", .tensor("w"), expected: "multiple of 256 numbers for Q4_K", found: "32") {
      $0.add("w", shape: [8, 32], type: .q4_K, data: Array(repeating: 0, count: 144))
    },
    .gguf("short data", .tensor("w"), expected: "36 bytes of F32", found: "32 bytes before") {
      $0.add("w", shape: [9], data: eight)
    },
    .gguf("short unsupported data", .tensor("w"), expected: "72 bytes of I64", found: "32 bytes") {
      $0.add("w", shape: [9], typeNumber: 27, data: eight)
    },
    .gguf("offset not aligned", .tensor("w"), expected: "multiple of 32", found: "4") {
      $0.add("w", shape: [1], typeNumber: 0, data: eight, offset: 4)
    },
    .gguf("offset past the end", .tensor("w"), expected: "within 32 bytes", found: "64") {
      $0.add("w", shape: [1], typeNumber: 0, data: eight, offset: 64)
    },
    .gguf("offset of 2^64-32", .tensor("w"), expected: "within 32 bytes", found: "184467440737") {
      $0.add("w", shape: [1], typeNumber: 0, data: eight, offset: 0 &- 32)
    },
    .gguf("overlap", .tensor("v"), expected: "after those of 'u'", found: "byte") {
      $0.add("u", shape: [16], typeNumber: 0, data: eight + eight)
      $0.add("v", shape: [8], typeNumber: 0, data: eight, offset: 32)
    },
    .gguf("no data at all", .tensor("w"), expected: "bytes of F32 data", found: "0 bytes before") {
      $0.add("w", shape: [8], data: [])
    },
  ]

  @Test(arguments: header + metadata + alignments + tensors)
  func isRefusedWithPlaceAndReason(_ malformation: Malformation) throws {
    try malformation.check(as: "model.gguf") { _ = try GGUFFile(path: $0) }
  }
}
