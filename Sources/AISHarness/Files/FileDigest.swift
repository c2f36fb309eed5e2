import AISKit
import Foundation

/// The SHA-256 of a file, computed once and remembered as long as the file is unchanged.
public enum FileDigest {
  /// The digest of a file's contents.
  ///
  /// - Parameters:
  ///   - file: a regular file.
  ///   - cache: where digests are remembered, under the file's path and the size and times it had.
  ///     A digest that cannot be written there is computed again next time.
  /// - Returns: 64 lowercase hexadecimal digits.
  /// - Throws: `FileDigestError` for a file that cannot be read.
  public static func sha256(
    of file: URL, cache: URL = CacheFolder.location()
  ) throws -> String {
    let path = file.resolvingSymlinksInPath().path
    let stamp = try Stamp(path: path)
    let folder = cache.appendingPathComponent("digests", isDirectory: true)
    let note = folder.appendingPathComponent(SHA256.hexDigest(of: path))
    if let known = try? String(contentsOf: note, encoding: .utf8) {
      let parts = known.split(separator: " ", maxSplits: 1)
      if parts.count == 2, parts[0].count == 64, parts[1] == stamp.text { return String(parts[0]) }
    }
    let digest = try compute(path: path)
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try? "\(digest) \(stamp.text)".write(to: note, atomically: true, encoding: .utf8)
    return digest
  }

  /// The digest of a model: of its file, or of what its folder holds.
  ///
  /// A folder's digest is that of a list, sorted by name, of the names and digests of the files in
  /// it that a model consists of: weights, configuration, tokenizer, templates.
  ///
  /// - Parameters:
  ///   - model: a file or a folder.
  ///   - cache: where digests are remembered.
  /// - Returns: 64 lowercase hexadecimal digits.
  /// - Throws: `FileDigestError` for a file that cannot be read.
  public static func sha256(
    ofModel model: URL, cache: URL = CacheFolder.location()
  ) throws -> String {
    try sha256(of: model, kinds: ["safetensors", "json", "model", "jinja"], cache: cache)
  }

  /// The digest of a data file, or of what a folder of CSV files holds.
  ///
  /// - Parameters:
  ///   - data: a file or a folder, whose digest is made like a model's.
  ///   - cache: where digests are remembered.
  /// - Returns: 64 lowercase hexadecimal digits.
  /// - Throws: `FileDigestError` for a file that cannot be read.
  public static func sha256(
    ofData data: URL, cache: URL = CacheFolder.location()
  ) throws -> String {
    try sha256(of: data, kinds: ["csv"], cache: cache)
  }

  private static func sha256(
    of place: URL, kinds: Set<String>, cache: URL
  ) throws -> String {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder)
    guard exists, isFolder.boolValue else { return try sha256(of: place, cache: cache) }
    let names = try FileManager.default.contentsOfDirectory(atPath: place.path)
      .filter { kinds.contains(($0 as NSString).pathExtension) }.sorted()
    let list = try names.map {
      "\(try sha256(of: place.appendingPathComponent($0), cache: cache))  \($0)\n"
    }
    return SHA256.hexDigest(of: list.joined())
  }

  /// The digest of a file, computed without remembering it.
  static func compute(path: String) throws -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileDigestError(path: path, errno: errno) }
    defer { close(descriptor) }
    var hash = SHA256()
    return try withUnsafeTemporaryAllocation(byteCount: 1 << 20, alignment: 64) { buffer in
      while true {
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        guard count >= 0 else { throw FileDigestError(path: path, errno: errno) }
        if count == 0 { return hash.finish() }
        hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      }
    }
  }

  /// A stamp that changes with a file's content: its size, and when it and its inode changed.
  private struct Stamp {
    let text: String

    init(path: String) throws {
      var status = stat()
      guard stat(path, &status) == 0 else { throw FileDigestError(path: path, errno: errno) }
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw FileDigestError(path: path, errno: EISDIR)
      }
      let changed = status.st_mtim
      let inodeChanged = status.st_ctim
      text =
        "\(status.st_size) \(changed.tv_sec).\(changed.tv_nsec) "
        + "\(inodeChanged.tv_sec).\(inodeChanged.tv_nsec)"
    }
  }
}

/// A file that cannot be read, so that it has no digest.
public struct FileDigestError: InputError, Equatable {
  /// The file.
  public let path: String
  /// The system's reason.
  public let errno: Int32

  /// What is wrong, in one line.
  public var description: String {
    "cannot read \(path): \(String(cString: strerror(errno))), expected a readable file"
  }
}
