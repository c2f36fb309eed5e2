import AISKit
import Foundation
import HDF5

/// A result as a user names it: a file, or `file@revision`, the file as a commit of its repository
/// holds it.
public enum ResultAddress {
  /// Reads the result at an address.
  ///
  /// A file whose own name is the address is read as it is. Otherwise the address is split at the
  /// first `@` that is followed by a revision; both file names and revisions may contain others.
  ///
  /// - Parameter address: a path, relative to the current folder or absolute, with or without a
  ///   revision in any of git's spellings: `HEAD~2`, a tag, the beginning of a commit's digest.
  /// - Returns: the result.
  /// - Throws: `ResultError` if there is no such file, repository or revision, or as
  ///   `ResultFile.read` does.
  public static func read(_ address: String) throws -> StoredResult {
    let parts = splits(address)
    guard !FileManager.default.fileExists(atPath: address), let first = parts.first else {
      return try ResultFile.read(address)
    }
    try checkRepository(of: first.file, address)
    for (file, revision) in parts {
      if let commit = try commit(revision, besides: file) {
        return try read(file, in: commit, revision, address)
      }
    }
    let names = parts.map(\.revision).joined(separator: " or ")
    throw error(address, "there is no such file, and git knows no revision \(names)")
  }

  private static func error(_ address: String, _ problem: String) -> ResultError {
    ResultError(file: address, problem: oneLine(problem, limit: 400))
  }

  /// Every way to take an address as a file and a revision, with the shortest file first.
  private static func splits(_ address: String) -> [(file: String, revision: String)] {
    address.indices.filter { address[$0] == "@" }
      .map { (String(address[..<$0]), String(address[address.index(after: $0)...])) }
      .filter { !$0.0.isEmpty && !$0.1.isEmpty }
  }

  private static func checkRepository(of file: String, _ address: String) throws {
    let folder = place(of: file).folder
    let output = try Git.output(["rev-parse", "--show-prefix"], in: folder)
    switch output.ending {
    case .exited(0): return
    case .exited(127): throw error(address, "there is no such file, and git is not installed")
    default:
      let name = folder == "." ? "the current folder" : folder
      throw error(address, "there is no such file, and \(name) is in no git repository")
    }
  }

  /// The digest of a revision's commit, in the repository that a file lies or lay in.
  private static func commit(_ revision: String, besides file: String) throws -> String? {
    Git.text(
      ["rev-parse", "--verify", "--quiet", "--end-of-options", "\(revision)^{commit}"],
      in: place(of: file).folder)
  }

  /// The file as it is in a commit; a copy for the reader lives only during the call.
  private static func read(
    _ file: String, in commit: String, _ revision: String, _ address: String
  ) throws -> StoredResult {
    let (folder, rest) = place(of: file)
    // With `./` git takes the path from the folder, not from the repository's root.
    let blob = try Git.output(
      ["cat-file", "blob", "\(commit):./\(rest)"], in: folder, limit: HDF5ContentsLimits.bytes)
    switch blob.ending {
    case .exited(0): break
    case .exited:
      throw error(address, "there is no file \(file) in revision \(revision)")
    default: throw error(address, "git ended with \(blob.ending)")
    }
    let copy = FileManager.default.temporaryDirectory
      .appendingPathComponent("ais-\(UUID().uuidString).h5").path
    defer { unlink(copy) }
    try FileBytes.replace(copy, with: blob.bytes)
    do {
      return try ResultFile.read(copy)
    } catch let error as ResultError {
      throw ResultError(file: address, problem: error.problem)
    }
  }

  /// A file's place as git needs it: a folder that exists, and the path from there.
  ///
  /// The file's own folder may be gone since the commit.
  private static func place(of file: String) -> (folder: String, rest: String) {
    var folder = (file as NSString).deletingLastPathComponent
    var rest = (file as NSString).lastPathComponent
    while !folder.isEmpty, !isFolder(folder) {
      rest = (folder as NSString).lastPathComponent + "/" + rest
      folder = (folder as NSString).deletingLastPathComponent
    }
    return (folder.isEmpty ? "." : folder, rest)
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}
