import HDF5
import Testing

@Suite struct DatasetTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("a.h5")
  }

  private func roundTrip<Element: HDF5Element & Equatable>(
    _ values: [Element], shape: [Int], _ storage: HDF5Storage
  ) throws {
    let file = try HDF5File.create(path)
    try file.write(values, shape: shape, to: "/deep/down/x", storage: storage)
    try file.close()
    let again = try HDF5File.open(path)
    #expect(try again.shape(of: "deep/down/x") == shape)
    #expect(try again.elementType(of: "/deep/down/x") == Element.hdf5Type)
    #expect(try again.read(Element.self, from: "/deep/down/x") == values)
    try again.close()
  }

  @Test(arguments: [HDF5Storage.compressed, .contiguous, .growing, HDF5Storage(chunk: [1, 2, 2])])
  func everyElementTypeComesBackAtRankThree(storage: HDF5Storage) throws {
    let numbers = (0..<24).map { $0 - 12 }
    let shape = [2, 3, 4]
    try roundTrip(numbers.map { Float($0) / 3 }, shape: shape, storage)
    try roundTrip(numbers.map { Double($0) / 3 }, shape: shape, storage)
    try roundTrip(numbers.map(Int32.init), shape: shape, storage)
    try roundTrip(numbers.map { Int64($0) << 40 }, shape: shape, storage)
    try roundTrip((0..<24).map(UInt8.init), shape: shape, storage)
  }

  @Test(arguments: [[], [0], [1], [0, 5], [5, 0], [2, 1, 3, 1, 4]])
  func everyRankAndEmptyShapesComeBack(shape: [Int]) throws {
    let count = shape.reduce(1, *)
    try roundTrip((0..<count).map(Float.init), shape: shape, .compressed)
  }

  @Test func valuesThatAreNotOrdinaryNumbersComeBackBitForBit() throws {
    let values = [-0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, .pi]
    let file = try HDF5File.create(path)
    try file.write(values, to: "x")
    let bits = try file.read(Double.self, from: "x").map(\.bitPattern)
    #expect(bits == values.map(\.bitPattern))
  }

  @Test func textOfAnyLengthAndScriptComesBack() throws {
    let strings = ["", "plain", "Grüße", "漢字", "👩‍🔬", String(repeating: "é", count: 70_000), "a\nb"]
    let file = try HDF5File.create(path)
    try file.write(strings, to: "text")
    try file.write(["one"], shape: [], to: "scalar")
    try file.write([String](), to: "none", storage: .growing)
    try file.close()
    let again = try HDF5File.open(path)
    #expect(try again.read(String.self, from: "text") == strings)
    #expect(try again.read(String.self, from: "text", rows: 2..<4) == ["Grüße", "漢字"])
    #expect(try again.read(String.self, from: "scalar") == ["one"])
    #expect(try again.read(String.self, from: "none") == [])
  }

  @Test func textWithNULIsRefusedAndLeavesNoRow() throws {
    let file = try HDF5File.create(path)
    let text = try file.createDataset("t", of: .string, shape: [0], storage: .growing)
    let error = #expect(throws: HDF5Error.self) { try text.append(["ok", "a\0b"]) }
    #expect(error?.found == "NUL at byte 1")
    #expect(try text.rowCount() == 0)
  }

  @Test func rowsAppendedOneByOneAreThoseReadBack() throws {
    let file = try HDF5File.create(path)
    let numbers = try file.createDataset("n", of: .int32, shape: [0, 3], storage: .growing)
    let texts = try file.createDataset("t", of: .string, shape: [0], storage: .growing)
    for row in 0..<5_000 {
      try numbers.append([Int32(row), Int32(-row), 7])
      try texts.append(["row \(row)"])
    }
    try numbers.append([Int32]())
    try file.close()
    let again = try HDF5File.open(path)
    #expect(try again.shape(of: "n") == [5_000, 3])
    #expect(
      try again.read(Int32.self, from: "n", rows: 4_998..<5_000)
        == [4_998, -4_998, 7, 4_999, -4_999, 7])
    #expect(try again.read(String.self, from: "t").last == "row 4999")
  }

  @Test func rowsWrittenOutOfOrderFillAPreallocatedDataset() throws {
    let (rows, width) = (7, 1_000)
    let file = try HDF5File.create(path)
    let logits = try file.createDataset("logits", of: .float32, shape: [rows, width])
    for row in (0..<rows).reversed() where row != 3 {
      let values = (0..<width).map { Float(row * width + $0) }
      try values.withUnsafeBufferPointer { try logits.write($0, firstRow: row) }
    }
    try file.close()
    let again = try HDF5File.open(path)
    let stored = try again.dataset("logits")
    var row = [Float](repeating: -1, count: width)
    try row.withUnsafeMutableBufferPointer { try stored.read(into: $0, rows: 6..<7) }
    #expect(row == (0..<width).map { Float(6 * width + $0) })
    #expect(try stored.read(Float.self, rows: 3..<4).allSatisfy { $0 == 0 })
  }

  @Test func wideRowsAreDividedIntoChunksThatFitTheCache() throws {
    let file = try HDF5File.create(path)
    let wide = try file.createDataset("w", of: .float32, shape: [2, 3_000_000])
    try wide.write([Float](repeating: 1.5, count: 3_000_000), firstRow: 1)
    try file.close()
    let again = try HDF5File.open(path)
    #expect(try again.read(Float.self, from: "w", rows: 1..<2).allSatisfy { $0 == 1.5 })
  }

  @Test func whatDoesNotFitSaysWhatWasExpectedAndFound() throws {
    let file = try HDF5File.create(path)
    try file.write([Int64(1), 2], to: "/n")
    let data = try file.createDataset("/m", of: .float32, shape: [2, 3])
    func message(_ body: () throws -> Void) -> String {
      do {
        try body()
        return "no error"
      } catch {
        return "\(error)".replacingOccurrences(of: path, with: "F")
      }
    }
    #expect(
      message { _ = try file.read(Float.self, from: "/n") }
        == "F: /n: cannot read: expected float32, found int64")
    #expect(
      message { _ = try file.read(String.self, from: "/n") }
        == "F: /n: cannot read: expected string, found int64")
    #expect(
      message { _ = try file.read(Int64.self, from: "/gone") }
        == "F: /gone: cannot open: expected an object of that name, found nothing")
    #expect(
      message { _ = try file.read(Int64.self, from: "/n", rows: 1..<3) }
        == "F: /n: cannot read: expected rows 1..<3, found 2 rows")
    #expect(
      message { try data.write([Float](repeating: 0, count: 4)) }
        == "F: /m: cannot write: expected whole rows of 3 elements, found 4 elements")
    #expect(
      message { try data.write([Float](repeating: 0, count: 3), firstRow: 2) }
        == "F: /m: cannot write: expected at most 2 rows, found 1 from row 2 on")
    #expect(message { try data.append([Float](repeating: 0, count: 3)) }.contains("append 1 rows"))
    #expect(
      message { try file.write([Float(1)], to: "/m") }
        == "F: /m: cannot create: expected nothing, found an object of that name")
    #expect(
      message { try file.write([Float(1)], shape: [2], to: "/k") }
        == "F: /k: cannot write: expected 1 elements for shape [2], found 1"
        .replacingOccurrences(of: "expected 1", with: "expected 2"))
    #expect(
      message { try file.write([Float(1)], shape: [-1], to: "/k") }.contains("shape [-1]"))
    #expect(
      message { try file.write([Float(1)], to: "/k", storage: HDF5Storage(chunk: [0])) }
        .contains("1 chunk extents above 0"))
  }
}
