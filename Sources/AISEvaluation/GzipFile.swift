import CZlib

/// A file that gzip has compressed.
enum GzipFile {
  /// The most bytes that a file may become; the largest data file of a suite has some tens of millions.
  private static let mostBytes = 1 << 31

  /// The bytes that were compressed.
  ///
  /// - Parameters:
  ///   - bytes: the file's bytes.
  ///   - file: its path, for errors.
  /// - Returns: what `gzip -d` makes of them.
  /// - Throws: `DataFileError` for bytes that are not whole gzip data.
  static func inflate(_ bytes: UnsafeRawBufferPointer, file: String) throws -> [UInt8] {
    var stream = z_stream()
    guard ais_begin_gunzip(&stream) == Z_OK else {
      throw DataFileError(file: file, expected: "memory to decompress it", found: "none")
    }
    defer { inflateEnd(&stream) }
    stream.next_in = UnsafeMutablePointer(
      mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.avail_in = UInt32(clamping: bytes.count)
    var result: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    var status = Z_OK
    while status == Z_OK, result.count <= mostBytes {
      piece.withUnsafeMutableBufferPointer {
        stream.next_out = $0.baseAddress
        stream.avail_out = UInt32($0.count)
        status = CZlib.inflate(&stream, Z_NO_FLUSH)
      }
      result += piece.prefix(piece.count - Int(stream.avail_out))
    }
    guard status == Z_STREAM_END else {
      throw DataFileError(
        file: file, expected: "whole data that gzip has compressed",
        found: status == Z_OK ? "more than \(mostBytes) bytes" : "damaged or cut off data")
    }
    return result
  }
}
