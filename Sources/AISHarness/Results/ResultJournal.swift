import Foundation
import Glibc

/// The side file of a run in progress: every row as soon as it is made.
///
/// HDF5 files don't survive being killed in the middle of a write; lines of text do. A line is
/// sixteen hexadecimal digits of FNV-1a over the rest, a space, and one JSON object. The first line
/// holds provenance and columns; each later one a row or repeat times, with the seconds of work so
/// far. What follows the last intact line is what a kill tore, and is cut off.
///
/// A line reaches the kernel before `append` returns, so a killed process loses nothing. It reaches
/// the disk within half a second of work, so a power cut loses no more than that.
final class ResultJournal {
  struct Header: Codable {
    var schemaVersion = Provenance.schemaVersion
    var provenance: Provenance
    var columns: [ColumnDescription]
  }

  struct Timing: Codable {
    var name: String
    var seconds: [Double]
  }

  struct Entry: Codable {
    var elapsed: Double
    var row: [ColumnValue]?
    var timing: Timing?
  }

  struct Contents {
    var header: Header
    var entries: [Entry] = []
  }

  let path: String
  private let descriptor: CInt
  private var length: Int
  private var lastSync = ContinuousClock.now

  /// Opens or makes the journal at `path`, for this process alone.
  ///
  /// Throws `ResultError` where the folder is missing or unwritable, or another run writes it.
  init(path: String) throws {
    self.path = path
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o644)
    guard descriptor >= 0 else {
      throw ResultError(file: path, problem: "cannot create: \(Self.reason())")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw ResultError(file: path, problem: "expected a regular file, found something else")
    }
    // The lock goes with the process, however it ends. A journal without a name is one whose run
    // finished between the two calls.
    guard FileLock.take(descriptor), fstat(descriptor, &status) == 0, status.st_nlink > 0
    else {
      close(descriptor)
      throw ResultError(file: path, problem: "another run is writing this result")
    }
    self.descriptor = descriptor
    self.length = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Whether nothing has been written.
  var isEmpty: Bool { length == 0 }

  /// What the intact lines say, or `nil` where not even the first is; nothing is changed.
  ///
  /// Throws `ResultError` where the file isn't a journal or of another layout.
  func contents() throws -> Contents? {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ResultError(file: path, problem: "cannot read: \(Self.reason())")
    }
    return try parse(data).contents
  }

  /// Cuts off what follows the last intact line.
  ///
  /// Throws `ResultError` as `contents` does, `ResultWriteError` where the file can't be cut.
  func cutTornTail() throws {
    let data = FileManager.default.contents(atPath: path) ?? Data()
    try cut(to: try parse(data).intactLength)
  }

  /// Starts anew with `header`, dropping every earlier line.
  ///
  /// Throws `ResultWriteError` where writing fails.
  func begin(_ header: Header) throws {
    try cut(to: 0)
    try write(line(header))
    try sync()
  }

  /// Adds `entries`, all or none.
  ///
  /// Throws `ResultWriteError` where writing fails; earlier lines stay as they were.
  func append(_ entries: [Entry]) throws {
    var bytes = Data()
    for entry in entries { bytes += try line(entry) }
    try write(bytes)
    if lastSync.duration(to: .now) > .milliseconds(500) { try sync() }
  }

  /// Forces what was written to the disk.
  ///
  /// Throws `ResultWriteError` where that fails.
  func sync() throws {
    guard fsync(descriptor) == 0 else {
      throw ResultWriteError(file: path, problem: Self.reason())
    }
    lastSync = .now
  }

  /// Removes the file; the journal is of no use afterwards.
  func remove() { unlink(path) }

  // MARK: - Lines

  private func line(_ record: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let json = try encoder.encode(record)
    return Data(Self.checksum(json).utf8) + [UInt8(ascii: " ")] + json + [UInt8(ascii: "\n")]
  }

  private func parse(_ data: Data) throws -> (contents: Contents?, intactLength: Int) {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    var contents: Contents?
    var start = data.startIndex
    while let end = data[start...].firstIndex(of: UInt8(ascii: "\n")) {
      guard let json = Self.payload(of: data[start..<end]) else { break }
      if contents == nil {
        contents = Contents(header: try header(json, decoder))
      } else {
        guard let entry = try? decoder.decode(Entry.self, from: json) else { break }
        contents?.entries.append(entry)
      }
      start = end + 1
    }
    // A first line of its full length that is none of ours belongs to somebody else.
    if contents == nil, data.contains(UInt8(ascii: "\n")) {
      throw ResultError(file: path, problem: "expected a result journal, found another file")
    }
    return (contents, start - data.startIndex)
  }

  private func header(_ json: Data, _ decoder: JSONDecoder) throws -> Header {
    let header: Header
    do {
      header = try decoder.decode(Header.self, from: json)
    } catch {
      throw ResultError(
        file: path,
        problem: "expected a journal of layout \(Provenance.schemaVersion), "
          + "found another layout")
    }
    guard header.schemaVersion == Provenance.schemaVersion else {
      throw ResultError(
        file: path,
        problem: "expected schema_version \(Provenance.schemaVersion), "
          + "found \(header.schemaVersion)")
    }
    return header
  }

  private static func payload(of line: Data) -> Data? {
    guard line.count > 17, line[line.startIndex + 16] == UInt8(ascii: " ") else { return nil }
    let json = Data(line.dropFirst(17))
    return Data(checksum(json).utf8) == line.prefix(16) ? json : nil
  }

  /// FNV-1a, 64 bits, as sixteen hexadecimal digits.
  private static func checksum(_ bytes: Data) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  // MARK: - Bytes

  private func write(_ bytes: Data) throws {
    do {
      try FileBytes.write(bytes, to: descriptor, file: path)
    } catch {
      // Half a line would hide every later one.
      ftruncate(descriptor, off_t(length))
      throw error
    }
    length += bytes.count
  }

  private func cut(to length: Int) throws {
    guard ftruncate(descriptor, off_t(length)) == 0 else {
      throw ResultWriteError(file: path, problem: Self.reason())
    }
    self.length = length
  }

  private static func reason() -> String { String(cString: strerror(errno)) }
}
