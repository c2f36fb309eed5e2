/// A file with one JSON object on each line, which may be compressed by gzip (`.gz`).
package enum JSONLines {
  /// The result of `read` for every line, in order; blank lines are skipped.
  ///
  /// Throws: `CheckpointError` for a file that cannot be read, `DataFileError` for a line that is not a
  /// JSON object, a line for which `read` throws `CheckpointError`, and a file of blank lines only.
  package static func map<Element>(
    _ path: String, _ read: (JSONSection) throws -> Element
  ) throws -> [Element] {
    func elements(_ bytes: UnsafeRawBufferPointer) throws -> [Element] {
      var elements: [Element] = []
      var (start, line) = (0, 0)
      while start < bytes.count {
        line += 1
        let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        let text = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        start = end + 1
        if text.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
        do {
          elements.append(try read(JSONSection(parsing: text, file: path, allowsAnyText: true)))
        } catch let error as CheckpointError {
          throw DataFileError(error, line: line)
        }
      }
      return elements
    }
    let file = try MappedFile(path: path)
    let elements = try file.withUnsafeBytes { bytes in
      guard path.hasSuffix(".gz") else { return try elements(bytes) }
      return try GzipFile.inflate(bytes, file: path).withUnsafeBytes(elements)
    }
    guard !elements.isEmpty else {
      throw DataFileError(file: path, expected: "a JSON object a line", found: "blank lines only")
    }
    return elements
  }
}
