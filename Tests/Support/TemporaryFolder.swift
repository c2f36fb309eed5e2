import Foundation

/// A new empty folder that is deleted with this object.
public final class TemporaryFolder: Sendable {
  /// The folder's location.
  public let url: URL

  /// Makes the folder; with `inMemory`, for many small files, in memory if the system allows.
  public init(inMemory: Bool = false) throws {
    let memory = URL(fileURLWithPath: "/dev/shm")
    let root =
      inMemory && FileManager.default.isWritableFile(atPath: memory.path)
      ? memory : FileManager.default.temporaryDirectory
    url = root.appendingPathComponent("ais-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of the folder's file called `name`.
  public func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// The bytes of the folder's file called `name`.
  public func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  /// Writes a file and returns its path.
  ///
  /// An older one of the same name is replaced, never changed: it may still be mapped.
  @discardableResult
  public func write(_ bytes: [UInt8], as name: String) throws -> String {
    let path = path(name)
    unlink(path)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// Writes a text file and returns its path.
  @discardableResult
  public func write(_ text: String, as name: String) throws -> String {
    try write(Array(text.utf8), as: name)
  }
}
