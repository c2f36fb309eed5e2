import Foundation
import Glibc

/// Probes on disk, appended as they are computed: rows of float32, little-endian.
///
/// A killed run leaves whole windows of rows and perhaps a torn one, which is cut off when the file
/// is opened again. A second file beside it identifies the probes; those of another model, number
/// format, data set or sample are never mixed in.
package final class ProbeFile {
  /// Everything the probes depend on; equal identities mean equal numbers.
  package struct Identity: Codable, Equatable {
    package var modelSHA256: String
    package var dtype: String
    /// What computed; `nil` for the processor, as in files that do not name a device.
    private var device: DeviceName?
    package var pivot: Int
    package var width: Int
    /// SHA-256 over all tokens in order.
    package var tokensSHA256: String
    package var rows: Int
    package var window: Int

    package init(
      modelSHA256: String, dtype: String, device: DeviceName = .cpu, pivot: Int, width: Int,
      tokensSHA256: String, rows: Int, window: Int
    ) {
      self.modelSHA256 = modelSHA256
      self.dtype = dtype
      self.device = device == .cpu ? nil : device
      self.pivot = pivot
      self.width = width
      self.tokensSHA256 = tokensSHA256
      self.rows = rows
      self.window = window
    }

    /// Whether the device computed the probes.
    func isOf(_ device: DeviceName) -> Bool { (self.device ?? .cpu) == device }
  }

  package let path: String
  private let identity: Identity
  private let descriptor: CInt
  /// Rows on disk, whole windows only.
  package private(set) var rows: Int

  /// Opens the probes of `identity` in a folder, which is made if missing.
  ///
  /// Probes of another identity are dropped; with `fresh` all are.
  ///
  /// Throws `ResultWriteError` if the folder or the file cannot be written, `ResultError` if
  /// another run is writing the same probes.
  package init(folder: URL, identity: Identity, fresh: Bool) throws {
    let path = folder.appendingPathComponent("probes.f32").path
    self.path = path
    self.identity = identity
    try FileBytes.makeFolder(folder)
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw ResultWriteError(file: path, problem: String(cString: strerror(errno)))
    }
    rows = 0
    guard FileLock.take(descriptor) else {
      throw ResultError(
        file: path,
        problem: "another run is writing these probes" + LockHolder.clause(of: descriptor))
    }
    let note = folder.appendingPathComponent("probes.json")
    let known = (try? Data(contentsOf: note)).flatMap {
      try? JSONDecoder().decode(Identity.self, from: $0)
    }
    if known == identity, !fresh {
      let bytes = Int(lseek(descriptor, 0, SEEK_END))
      let whole = bytes / (identity.width * 4)
      rows = whole >= identity.rows ? identity.rows : whole / identity.window * identity.window
    }
    try cut()
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try FileBytes.replace(note.path, with: try encoder.encode(identity))
  }

  deinit { close(descriptor) }

  /// Releases the lock on the file, once all rows are there.
  func release() {
    if rows == identity.rows { flock(descriptor, LOCK_UN) }
  }

  /// Adds rows; when this returns or throws, all of them are in the file or none.
  package func append(_ probes: [Float]) throws {
    precondition(probes.count.isMultiple(of: identity.width), "whole rows")
    do {
      try probes.withUnsafeBytes {
        try FileBytes.write(Data($0), to: descriptor, file: path)
      }
    } catch {
      try? cut()
      throw error
    }
    rows += probes.count / identity.width
  }

  /// Every row on disk.
  package func read() throws -> [Float] {
    let count = rows * identity.width
    return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      var rest = UnsafeMutableRawBufferPointer(buffer)[..<(count * 4)]
      lseek(descriptor, 0, SEEK_SET)
      while !rest.isEmpty {
        let part = UnsafeMutableRawBufferPointer(rebasing: rest)
        let got = Glibc.read(descriptor, part.baseAddress, part.count)
        if got < 0 && errno == EINTR { continue }
        guard got > 0 else {
          throw ResultError(file: path, problem: "cannot read: \(String(cString: strerror(errno)))")
        }
        rest = rest.dropFirst(got)
      }
      lseek(descriptor, 0, SEEK_END)
      initialized = count
    }
  }

  private func cut() throws {
    let bytes = rows * identity.width * 4
    guard ftruncate(descriptor, off_t(bytes)) == 0, lseek(descriptor, off_t(bytes), SEEK_SET) >= 0
    else { throw ResultWriteError(file: path, problem: String(cString: strerror(errno))) }
  }
}
