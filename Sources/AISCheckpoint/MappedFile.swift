import Foundation

/// A file mapped read-only into memory; the mapping lives as long as this object.
///
/// A page is read from disk on first access and belongs to the system's file cache. Truncating the
/// file while it is mapped makes later reads fail with a signal, so replace model files by renaming,
/// never in place.
public final class MappedFile: Sendable {
  /// The path, as the caller gave it.
  public let path: String
  /// The file's length in bytes, at least 1.
  public let count: Int
  /// The mapped bytes, valid only while this object lives, never written to.
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  /// Maps the file at `path`.
  ///
  /// Throws: `CheckpointError` when it is missing, unreadable, empty or not a regular file.
  public convenience init(path: String) throws {
    // Without O_NONBLOCK a named pipe would keep this call waiting for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let found = errno == ENOENT ? "no such file" : Self.reason(errno)
      throw CheckpointError(file: path, expected: "a readable file", found: found)
    }
    defer { close(descriptor) }
    try self.init(descriptor: descriptor, path: path)
  }

  /// Maps an open file, which may have no name any more and may be closed afterwards.
  ///
  /// Throws: `CheckpointError` as `init(path:)`, naming the given path.
  package init(descriptor: Int32, path: String) throws {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw CheckpointError(file: path, expected: "a readable file", found: Self.reason(errno))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let found = status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "a device, pipe or socket"
      throw CheckpointError(file: path, expected: "a regular file", found: found)
    }
    guard status.st_size > 0 else {
      throw CheckpointError(file: path, expected: "a file with content", found: "0 bytes")
    }

    let size = Int(status.st_size)
    let mapping = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let mapping, mapping != MAP_FAILED else {
      let found = "\(size) bytes that cannot be mapped (\(Self.reason(errno)))"
      throw CheckpointError(file: path, expected: "a file that fits in memory", found: found)
    }
    self.path = path
    count = size
    bytes = UnsafeRawBufferPointer(start: mapping, count: size)
  }

  deinit {
    munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), count)
  }

  /// Calls `body` with all bytes; the pointer must not leave it.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(bytes)
  }

  /// Releases the memory of the whole pages inside `range`; they are read again when needed.
  ///
  /// Pages that `range` covers only in part stay, because their other bytes may be in use.
  func releasePages(_ range: Range<Int>) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let first = (range.lowerBound + page - 1) / page * page
    // The last page of the file counts as whole, because nothing follows it.
    let last = range.upperBound == count ? count : range.upperBound / page * page
    guard first < last, let base = bytes.baseAddress else { return }
    madvise(UnsafeMutableRawPointer(mutating: base + first), last - first, MADV_DONTNEED)
  }

  private static func reason(_ code: Int32) -> String {
    String(cString: strerror(code)).lowercased()
  }
}
