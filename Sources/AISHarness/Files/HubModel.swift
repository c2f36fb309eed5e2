import Foundation

/// A model on the Hugging Face hub, as `owner/name` or `owner/name@revision`, and its place in the
/// cache.
///
/// A fetched model lies at `models/hub/OWNER/NAME/COMMIT/NAME`: the commit keeps revisions apart,
/// and the last part is what results are named after. `refs/REVISION` beside the commits says which
/// commit a revision meant when it was fetched.
public struct HubModel: Sendable, Equatable, CustomStringConvertible {
  /// The user or organisation.
  public let owner: String
  /// The model's name, without the owner's.
  public let name: String
  /// A branch, a tag or a commit.
  public let revision: String

  /// The revision that is meant if none is named.
  public static let defaultRevision = "main"

  /// The model that `text` means, or `nil` if the hub has no names like it.
  public init?(_ text: String) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let names = parts[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard names.count == 2, names.allSatisfy(Self.isName) else { return nil }
    revision = parts.count == 2 ? String(parts[1]) : Self.defaultRevision
    guard Self.isRevision(revision) else { return nil }
    (owner, name) = (names[0], names[1])
  }

  /// Owner and name, without the revision.
  public var repository: String { "\(owner)/\(name)" }

  /// The text by which a user names this model.
  public var description: String {
    revision == Self.defaultRevision ? repository : "\(repository)@\(revision)"
  }

  /// The folder with all revisions of the model.
  public func home(cache: URL = CacheFolder.location()) -> URL {
    cache.appendingPathComponent("models/hub/\(owner)/\(name)", isDirectory: true)
  }

  /// Where the files of one commit lie once all of them are there.
  public func folder(ofCommit commit: String, cache: URL = CacheFolder.location()) -> URL {
    home(cache: cache).appendingPathComponent("\(commit)/\(name)", isDirectory: true)
  }

  /// The model's folder, or `nil` if this revision has not been fetched.
  public func fetchedFolder(cache: URL = CacheFolder.location()) -> URL? {
    let noted = try? String(contentsOf: note(cache: cache), encoding: .utf8)
    let commit = Self.isCommit(revision) ? revision : noted ?? ""
    guard Self.isCommit(commit) else { return nil }
    let folder = folder(ofCommit: commit, cache: cache)
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }

  /// Writes down which commit the revision means.
  ///
  /// - Throws: what Foundation throws if the cache cannot be written.
  public func remember(commit: String, cache: URL = CacheFolder.location()) throws {
    let note = note(cache: cache)
    try FileManager.default.createDirectory(
      at: note.deletingLastPathComponent(), withIntermediateDirectories: true)
    try commit.write(to: note, atomically: true, encoding: .utf8)
  }

  /// True for a whole commit's name: 40 lowercase hexadecimal digits.
  public static func isCommit(_ text: String) -> Bool {
    text.utf8.count == 40
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private func note(cache: URL) -> URL {
    // A branch may be called a/b; it must still become one file name.
    let plain = CharacterSet(charactersIn: "a"..."z").union(CharacterSet(charactersIn: "A"..."Z"))
      .union(CharacterSet(charactersIn: "0123456789-_"))
    let file = revision.addingPercentEncoding(withAllowedCharacters: plain) ?? revision
    return home(cache: cache).appendingPathComponent("refs/\(file)")
  }

  /// Owners and names become folder names: none may lead out of the folder, or be hidden.
  private static func isName(_ text: String) -> Bool {
    let allowed = text.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains($0)
    }
    return allowed && (1...96).contains(text.utf8.count) && text.first != "."
  }

  private static func isRevision(_ text: String) -> Bool {
    (1...200).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }
}
