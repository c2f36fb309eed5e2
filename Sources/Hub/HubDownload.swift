import AISHarness
import Foundation

/// The download of one file from the hub into a folder.
///
/// Bytes are collected in `NAME.part`, which a later call continues, however this one ends. `NAME`
/// exists only once its length and digest are the published ones.
struct HubDownload {
  let file: HubFile
  let repository: HubRepository
  let folder: URL
  let session: HubSession
  let progress: ProgressMeter?

  private var target: String { folder.appendingPathComponent(file.name).path }
  private var part: String { target + ".part" }
  /// The file with the server's ETag for the part: a part of other content cannot be continued.
  private var tag: String { part + ".etag" }

  /// How many bytes of the file exist already.
  var bytesPresent: Int { Self.size(target) ?? min(Self.size(part) ?? 0, file.byteCount) }

  /// Fetches the rest of the file, checks it and gives it its name.
  ///
  /// - Throws: `HubError` if it does not arrive as published, `HubRequestError` if access is
  ///   refused.
  func run() throws {
    if Self.size(target) != nil {
      if try matches(target) == nil { return }
      progress?.advance(by: -bytesPresent)
      unlink(target)
    }
    let url = try repository.url(of: file.name, session)
    var difference: (expected: String, found: String)?
    for attempt in 1...2 {
      do {
        try session.patience.persist(say: session.say) { failures in
          try fill(from: url, failures: &failures)
        }
        difference = try matches(part)
      } catch is Overlong {
        difference = ("\(file.byteCount) bytes", "more")
      }
      guard let difference else { break }
      progress?.advance(by: -(Self.size(part) ?? 0))
      discardPart()
      guard attempt == 2 else {
        session.say("\(file.name) is not as published (\(difference.found)); fetching it again")
        continue
      }
      throw HubError.wrongBytes(
        file: "\(repository.name)/\(file.name)", expected: difference.expected,
        found: difference.found)
    }
    guard rename(part, target) == 0 else { throw Self.diskError(target) }
    unlink(tag)
  }

  // MARK: Transfer

  /// The server sends more bytes than the file has.
  private struct Overlong: Error {}

  /// Fetches the missing rest of the part; returns once it is as long as the file.
  private func fill(from url: URL, failures: inout Int) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let descriptor = open(part, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.diskError(part) }
    defer { close(descriptor) }
    var present = Self.size(part) ?? 0
    if present > file.byteCount {
      ftruncate(descriptor, 0)
      present = 0
    }
    if present == file.byteCount { return }
    let before = present
    defer { if present > before { failures = 0 } }
    var hasBegun = false
    let head = try session.send(url, about: repository, fields: rangeFields(from: present)) {
      head, bytes in
      if !hasBegun {
        hasBegun = true
        try begin(head, descriptor, &present)
      }
      guard present + bytes.count <= file.byteCount else { throw Overlong() }
      try write(bytes, to: descriptor)
      present += bytes.count
      progress?.advance(by: bytes.count)
    }
    if head.status == 416 {
      // The server has no such range, so the part is of other content.
      progress?.advance(by: -present)
      discardPart()
    }
    guard present == file.byteCount, head.status != 416, fsync(descriptor) == 0 else {
      throw Interruption(
        error: .connection(host: url.origin, reason: "the answer ended before the file did"))
    }
  }

  private func rangeFields(from start: Int) -> [String] {
    guard start > 0 else { return [] }
    let known = try? String(contentsOfFile: tag, encoding: .utf8)
    return ["Range: bytes=\(start)-"] + (known.map { ["If-Range: \($0)"] } ?? [])
  }

  /// Decides, when the first bytes arrive, whether they continue the part or restart it.
  private func begin(_ head: HTTPHead, _ descriptor: Int32, _ present: inout Int) throws {
    if head.status == 200, present > 0 {
      progress?.advance(by: -present)
      ftruncate(descriptor, 0)
      present = 0
    }
    if head.status == 206, head.fields["content-range"]?.hasPrefix("bytes \(present)-") != true {
      throw HubError.unexpected(
        "\(repository.name)/\(file.name)", expected: "the bytes from \(present) on",
        found: "others")
    }
    // A weak tag does not promise the same bytes, and a header field must stay one line.
    let name = head.fields["etag"] ?? ""
    if name.hasPrefix("\""), name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
      try? name.write(toFile: tag, atomically: true, encoding: .utf8)
    } else {
      unlink(tag)
    }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      let written = Glibc.write(descriptor, piece.baseAddress, piece.count)
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw Self.diskError(part) }
      rest = rest.dropFirst(written)
    }
  }

  private func discardPart() {
    unlink(part)
    unlink(tag)
  }

  // MARK: Check

  /// `nil` if a file's bytes are the published ones, else the difference.
  private func matches(_ path: String) throws -> (expected: String, found: String)? {
    let size = Self.size(path) ?? 0
    guard size == file.byteCount else { return ("\(file.byteCount) bytes", "\(size)") }
    switch file.digest {
    case .sha256(let expected):
      var hash = SHA256()
      try Self.read(path) { hash.update($0) }
      let found = hash.finish()
      return found == expected ? nil : ("SHA-256 \(expected)", "SHA-256 \(found)")
    case .gitBlob(let expected):
      var hash = SHA1()
      Array("blob \(size)\0".utf8).withUnsafeBytes { hash.update($0) }
      try Self.read(path) { hash.update($0) }
      let found = hash.finish()
      return found == expected ? nil : ("git blob \(expected)", "git blob \(found)")
    }
  }

  private static func read(_ path: String, _ body: (UnsafeRawBufferPointer) -> Void) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw diskError(path) }
    defer { close(descriptor) }
    try withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 64) { buffer in
      while true {
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        guard count >= 0 else { throw diskError(path) }
        if count == 0 { return }
        body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      }
    }
  }

  private static func size(_ path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  private static func diskError(_ path: String) -> HubError {
    .disk(path: path, reason: String(cString: strerror(errno)))
  }
}
