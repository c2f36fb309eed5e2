import Foundation

/// Takes chosen files out of a tar archive.
///
/// Source: POSIX.1-1988, ustar: blocks of 512 bytes; a header, then the content, padded.
enum TarArchive {
  private static let block = 512
  /// The most bytes of a file; only tables of text are extracted.
  private static let maximumFileLength = 64_000_000

  /// Passes the content of every wanted regular file to `take`, in the archive's order.
  ///
  /// - Throws: `HubError` if the archive can't be read or is not an archive, and what `take`
  ///   throws.
  static func read(
    _ archive: URL, isWanted: (String) -> Bool, take: (String, [UInt8]) throws -> Void
  ) throws {
    guard let file = fopen(archive.path, "rbe") else {
      throw HubError.disk(path: archive.path, reason: String(cString: strerror(errno)))
    }
    defer { fclose(file) }
    var offset = 0
    while let header = try block(of: file, archive, offset) {
      if header.allSatisfy({ $0 == 0 }) { return }
      let sum = header.indices.reduce(0) {
        $0 + ((148..<156).contains($1) ? 32 : Int(header[$1]))
      }
      guard sum == number(header[148..<156]), let size = number(header[124..<136]) else {
        throw damaged(archive, offset, "a header with a right checksum")
      }
      offset += block
      let prefix = header[257..<262].elementsEqual("ustar".utf8) ? text(header[345..<500]) : ""
      let name = (prefix.isEmpty ? "" : prefix + "/") + text(header[0..<100])
      let isFile = header[156] == 0 || header[156] == UInt8(ascii: "0")
      if isFile, size <= maximumFileLength, isWanted(name) {
        var content = [UInt8](repeating: 0, count: size)
        guard fread(&content, 1, size, file) == size else {
          throw damaged(archive, offset, "\(size) bytes of \(name)")
        }
        try take(name, content)
      }
      offset += (size + block - 1) / block * block
      fseek(file, offset, SEEK_SET)
    }
  }

  private static func block(
    of file: UnsafeMutablePointer<FILE>, _ archive: URL, _ offset: Int
  ) throws -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: block)
    let count = fread(&bytes, 1, block, file)
    if count == 0 { return nil }
    guard count == block else { throw damaged(archive, offset, "a header") }
    return bytes
  }

  /// Octal digits between spaces and zeros.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    Int(text(field).trimmingCharacters(in: .whitespaces), radix: 8).flatMap { $0 < 0 ? nil : $0 }
  }

  private static func text(_ field: ArraySlice<UInt8>) -> String {
    String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func damaged(_ archive: URL, _ offset: Int, _ expected: String) -> HubError {
    .unexpected(
      "\(archive.lastPathComponent): at byte \(offset)", expected: expected, found: "other bytes")
  }
}
