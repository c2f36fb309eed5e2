import Foundation
import Glibc

/// The journal of a run in progress: a file beside the result that gets every row at once.
///
/// An HDF5 file does not survive a kill in the middle of a write; lines of text do. The first line
/// holds provenance and columns; each later one a row, a fact or repeat times, with the seconds of
/// work so far (`JournalLine` gives the form). Everything after the last intact line in order is cut off; a
/// repeated line counts once.
///
/// A line reaches the kernel before `append` returns, so a killed process loses nothing. It reaches
/// the disk within half a second of work, so a power cut loses no more than that.
final class ResultJournal {
  struct Header: Codable {
    var schemaVersion = Provenance.schemaVersion
    var provenance: Provenance
    var columns: [ColumnDescription]
    /// The columns of the raw tables, by name.
    var raw: [String: [ColumnDescription]]?
    /// Whether the run ignores the rows of the result's file, even if it has none of its own yet.
    var beginsAnew: Bool?
  }

  struct Timing: Codable {
    var name: String
    var seconds: [Double]
  }

  struct Entry: Codable {
    var elapsed: Double
    /// The raw table that the row belongs to; `nil`: the main rows.
    var table: String?
    var row: [ColumnValue]?
    var fact: SummaryValue?
    var timing: Timing?
  }

  struct Contents {
    var header: Header
    var entries: [Entry] = []
    /// What was wrong with the file except a torn last line, in one line without the path.
    var remark: String?
  }

  let path: String
  private let descriptor: CInt
  private var length: Int
  /// The number of the next line.
  private var nextNumber = 0
  private var lastSync = ContinuousClock.now

  /// Opens or makes the journal at `path`, for this process alone.
  ///
  /// Throws `ResultError` if the folder is missing or unwritable, or another run writes it.
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
    // The lock ends with the process, however that ends.
    guard FileLock.take(descriptor) else {
      let holder = LockHolder.clause(of: descriptor)
      close(descriptor)
      throw ResultError(file: path, problem: "another run is writing this result" + holder)
    }
    // A journal without a name was removed by a run that finished between the two calls.
    guard fstat(descriptor, &status) == 0, status.st_nlink > 0 else {
      close(descriptor)
      throw ResultError(file: path, problem: "another run has just written this result")
    }
    self.descriptor = descriptor
    self.length = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Whether nothing has been written.
  var isEmpty: Bool { length == 0 }

  /// The contents of the intact lines, or `nil` if the first is not intact; nothing is changed.
  ///
  /// Throws `ResultError` if the file isn't a journal or of another layout.
  func contents() throws -> Contents? { try Self.contents(of: path) }

  /// The contents of the journal at `path`, which another process may be writing.
  ///
  /// Throws `ResultError` as `contents()` does, and if there is no such file.
  static func contents(of path: String) throws -> Contents? {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ResultError(file: path, problem: "cannot read: \(reason())")
    }
    return try parse(data, path).contents
  }

  /// Cuts off what follows the last line that `contents` reads; the next one goes there.
  ///
  /// Throws `ResultError` as `contents` does, `ResultWriteError` if the file can't be cut.
  func cutTornTail() throws {
    let data = FileManager.default.contents(atPath: path) ?? Data()
    let (contents, keptLength) = try Self.parse(data, path)
    try cut(to: keptLength)
    nextNumber = contents.map { $0.entries.count + 1 } ?? 0
  }

  /// Starts anew with `header`, dropping every earlier line.
  ///
  /// Throws `ResultWriteError` if writing fails.
  func begin(_ header: Header) throws {
    try cut(to: 0)
    try write(line(header, 0))
    nextNumber = 1
    try sync()
  }

  /// Adds `entries`, all or none.
  ///
  /// Throws `ResultWriteError` if writing fails; earlier lines stay as they were.
  func append(_ entries: [Entry]) throws {
    var bytes = Data()
    for (index, entry) in entries.enumerated() { bytes += try line(entry, nextNumber + index) }
    try write(bytes)
    nextNumber += entries.count
    if lastSync.duration(to: .now) > .milliseconds(500) { try sync() }
  }

  /// Forces what was written to the disk.
  ///
  /// Throws `ResultWriteError` if that fails.
  func sync() throws {
    guard fsync(descriptor) == 0 else {
      throw ResultWriteError(file: path, problem: Self.reason())
    }
    lastSync = .now
  }

  /// Removes the file; the journal is of no use afterwards.
  func remove() { unlink(path) }

  // MARK: - Lines

  private func line(_ record: some Encodable, _ number: Int) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return JournalLine.bytes(number: number, json: try encoder.encode(record))
  }

  private static func parse(
    _ data: Data, _ path: String
  ) throws -> (contents: Contents?, keptLength: Int) {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    var reader = JournalReader(data)
    var contents: Contents?
    while let json = reader.next() {
      if contents == nil {
        contents = Contents(header: try header(json, decoder, path))
      } else {
        guard let entry = try? decoder.decode(Entry.self, from: json) else {
          reader.refuseLast()
          break
        }
        contents?.entries.append(entry)
      }
    }
    // A complete but invalid first line means that this is another program's file.
    if contents == nil, data.contains(UInt8(ascii: "\n")) {
      throw ResultError(file: path, problem: "expected a result journal, found another file")
    }
    contents?.remark = reader.remark
    return (contents, reader.keptLength)
  }

  private static func header(
    _ json: Data, _ decoder: JSONDecoder, _ path: String
  ) throws -> Header {
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

  // MARK: - Bytes

  private func write(_ bytes: Data) throws {
    do {
      try FileBytes.write(bytes, to: descriptor, file: path)
    } catch {
      // Half a line would make all later ones unreadable.
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
