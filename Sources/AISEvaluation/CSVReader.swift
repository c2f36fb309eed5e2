/// Reads comma-separated values.
///
/// A field in quotation marks may contain commas, line breaks and doubled quotation marks. Lines end
/// in LF, CR LF or CR. Blank lines and a byte order mark are skipped. A quotation mark in a field that
/// does not begin with one is an ordinary character.
///
/// Source: RFC 4180.
struct CSVReader {
  /// One row and the line on which it begins, counted from 1.
  struct Record: Equatable {
    let line: Int
    let fields: [String]
  }

  private let bytes: UnsafeRawBufferPointer
  private let file: String
  private var offset = 0
  private var line = 1

  /// The rows of the file at `path`.
  static func records(contentsOf path: String) throws -> [Record] {
    try MappedFile(path: path).withUnsafeBytes { try records(in: $0, file: path) }
  }

  private static func records(
    in bytes: UnsafeRawBufferPointer, file: String
  ) throws -> [Record] {
    var reader = CSVReader(bytes: bytes, file: file)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.offset = 3 }
    var records: [Record] = []
    while reader.offset < bytes.count {
      let record = try reader.parseRecord()
      if record.fields != [""] { records.append(record) }
    }
    return records
  }

  private init(bytes: UnsafeRawBufferPointer, file: String) {
    self.bytes = bytes
    self.file = file
  }

  private mutating func parseRecord() throws(DataFileError) -> Record {
    let first = line
    var fields: [String] = []
    repeat {
      let column = fields.count + 1
      fields.append(
        peek() == UInt8(ascii: "\"") ? try parseQuoted(column) : try parsePlain(column))
    } while skip(",")
    let hadReturn = skip("\r")
    let hadFeed = skip("\n")
    if hadReturn || hadFeed {
      line += 1
    } else if let next = peek() {
      throw error(
        fields.count, "',' or the end of the line after a closing quotation mark",
        next < 0x80 ? "'\(Unicode.Scalar(next).escaped(asASCII: true))'" : "byte \(next)")
    }
    return Record(line: first, fields: fields)
  }

  private mutating func parsePlain(_ column: Int) throws(DataFileError) -> String {
    let start = offset
    while let byte = peek(), byte != UInt8(ascii: ","), byte != UInt8(ascii: "\n"),
      byte != UInt8(ascii: "\r")
    {
      offset += 1
    }
    return try text(bytes[start..<offset], column)
  }

  private mutating func parseQuoted(_ column: Int) throws(DataFileError) -> String {
    let opening = line
    var decoded: [UInt8] = []
    offset += 1
    while let byte = peek() {
      offset += 1
      if byte == UInt8(ascii: "\n") { line += 1 }
      // A quotation mark ends the field unless another follows: two mean one.
      if byte == UInt8(ascii: "\""), !skip("\"") { return try text(decoded, column) }
      decoded.append(byte)
    }
    line = opening
    throw error(column, "a closing quotation mark", "the end of the file")
  }

  private func text(
    _ utf8: some Sequence<UInt8>, _ column: Int
  ) throws(DataFileError) -> String {
    guard let text = String(validating: utf8, as: UTF8.self) else {
      throw error(column, "UTF-8", "bytes that are not")
    }
    return text
  }

  private func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private func error(_ column: Int, _ expected: String, _ found: String) -> DataFileError {
    DataFileError(
      file: file, line: line, field: "column \(column)", expected: expected, found: found)
  }
}
