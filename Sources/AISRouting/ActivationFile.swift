import Foundation

/// Rows of float32 numbers on disk, for more rows than fit in memory.
///
/// Rows are written once, in order, and then read in any order. The file has no name, so the system
/// deletes it with this object or when the process ends. Native byte order, no header. Not
/// thread-safe while it is written.
public final class ActivationFile {
  /// Numbers in a row.
  public let width: Int
  /// Rows written so far.
  public private(set) var rows = 0
  private let folder: String
  private let descriptor: Int32
  private var mapping: MappedFile?

  /// An empty file in a folder that exists.
  ///
  /// - Throws: `CheckpointError` if the file cannot be created.
  public init(width: Int, folder: String) throws {
    precondition(width > 0, "rows of numbers")
    self.width = width
    self.folder = folder
    var template = Array("\(folder)/activations-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      throw CheckpointError(
        file: folder, expected: "a folder to write to", found: String(cString: strerror(errno)))
    }
    unlink(template)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  deinit { close(descriptor) }

  /// Adds rows.
  ///
  /// Shape: [any, width].
  ///
  /// - Throws: `CheckpointError` if there is no room left.
  package func append(_ numbers: Span<Float>) throws {
    precondition(mapping == nil, "written before it is read")
    precondition(numbers.count.isMultiple(of: width), "whole rows")
    try numbers.withUnsafeBytes { bytes in
      var rest = bytes
      while !rest.isEmpty {
        let written = write(descriptor, rest.baseAddress, rest.count)
        if written < 0, errno == EINTR { continue }
        guard written > 0 else {
          throw CheckpointError(
            file: folder, expected: "room for activations", found: String(cString: strerror(errno)))
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
    }
    rows += numbers.count / width
  }

  /// Gives `body` all rows.
  ///
  /// After that no rows can be added.
  ///
  /// Shape: [rows, width].
  ///
  /// - Throws: `CheckpointError` if they cannot be mapped, and what `body` throws.
  package func withRows<Result>(_ body: (Span<Float>) throws -> Result) throws -> Result {
    let mapping = try self.mapping ?? MappedFile(descriptor: descriptor, path: folder)
    self.mapping = mapping
    return try mapping.withUnsafeBytes { bytes in
      guard !bytes.isEmpty else {
        throw CheckpointError(file: folder, expected: "activations", found: "none")
      }
      return try body(bytes.assumingMemoryBound(to: Float.self).span)
    }
  }
}
