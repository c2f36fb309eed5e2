import AISHarness
import AISKit
import Foundation

/// A repository on the hub at one revision.
///
/// Source: the hub's HTTP API as the `huggingface_hub` library uses it:
/// `/api/models/…/revision/…` gives the commit, `/api/models/…/tree/…` the files page by page,
/// `/…/resolve/…` a file.
public struct HubRepository: Sendable, Equatable, CustomStringConvertible {
  /// What a repository holds.
  public enum Kind: String, Sendable {
    /// A model.
    case model
    /// A data set.
    case dataset
  }

  /// Whether it holds a model or a data set.
  public let kind: Kind
  /// Owner and name, as `owner/name`.
  public let name: String
  /// A branch, a tag or a commit.
  public let revision: String

  /// A repository, which may or may not exist.
  public init(_ kind: Kind, _ name: String, revision: String) {
    self.kind = kind
    self.name = name
    self.revision = revision
  }

  /// The name as a user would write it.
  public var description: String { "\(name)@\(revision)" }

  private var owner: String { String(name.prefix { $0 != "/" }) }
  private var ownName: String { String(name.drop { $0 != "/" }.dropFirst()) }

  /// The same repository at the commit that the revision means now.
  ///
  /// Throws: `HubRequestError` if there is none or access is refused, else `HubError`.
  func pinned(_ session: HubSession) throws -> HubRepository {
    let url = try session.access.url("api", "\(kind)s", owner, ownName, "revision", revision)
    let answer = try session.document(url, about: self)
    let commit = try read(answer.bytes) { try $0.string("sha") }
      .lowercased()
    guard HubModel.isCommit(commit) else {
      throw HubError.unexpected("\(self)", expected: "the name of a commit", found: "another text")
    }
    return HubRepository(kind, name, revision: commit)
  }

  /// The files that lie in the repository's top folder.
  ///
  /// Throws: as `pinned` does.
  func files(_ session: HubSession) throws -> [HubFile] {
    var next: URL? = try session.access.url(
      "api", "\(kind)s", owner, ownName, "tree", revision, query: "recursive=false")
    var files: [HubFile] = []
    var names: Set<String> = []
    var byteCount = 0
    for _ in 0..<Self.maximumPages {
      guard let url = next else { return files }
      let answer = try session.document(url, about: self)
      byteCount += answer.bytes.count
      guard byteCount <= Self.maximumListLength else {
        throw HubError.unexpected(
          "\(self)", expected: "a list of files of at most \(Self.maximumListLength) bytes",
          found: "more")
      }
      // The response is an array, but the reader takes objects.
      let document = Array(#"{"entries":"#.utf8) + answer.bytes + Array("}".utf8)
      let list = try read(document) { entries in
        guard let list = entries["entries"]?.array else {
          throw entries.error("entries", expected: "a list of files")
        }
        return list
      }
      for file in try list.compactMap(\.object).compactMap({ try HubFile($0, in: self) }) {
        guard names.insert(file.name).inserted else {
          throw HubError.unexpected(
            "\(self)", expected: "each file once", found: "\(file.name) again")
        }
        files.append(file)
      }
      guard files.count <= Self.maximumFiles else {
        throw HubError.unexpected(
          "\(self)", expected: "at most \(Self.maximumFiles) files in its top folder", found: "more"
        )
      }
      next = try answer.head.fields["link"].flatMap { try nextPage($0, after: url, session) }
    }
    throw HubError.unexpected(
      "\(self)", expected: "at most \(Self.maximumPages) pages of files", found: "more")
  }

  /// The address of a file's bytes.
  func url(of file: String, _ session: HubSession) throws -> URL {
    switch kind {
    case .model: try session.access.url(owner, ownName, "resolve", revision, file)
    case .dataset: try session.access.url("datasets", owner, ownName, "resolve", revision, file)
    }
  }

  private static let maximumPages = 100
  private static let maximumFiles = 20_000
  private static let maximumListLength = 32_000_000

  /// Reads a response; an error in it is the hub's, not the user's.
  private func read<Value>(
    _ bytes: [UInt8], _ body: (JSONSection) throws -> Value
  ) throws(HubError) -> Value {
    let subject = "the hub's answer about \(self)"
    do {
      return try bytes.withUnsafeBytes { try body(JSONSection(parsing: $0, file: subject)) }
    } catch let error as CheckpointError {
      throw .unexpected(subject, expected: error.expected, found: error.found)
    } catch {
      throw .unexpected(subject, expected: "JSON", found: "\(error)")
    }
  }

  /// The address in `<address>; rel="next"`, one of the field's parts; it must be the hub's own.
  private func nextPage(_ field: String, after url: URL, _ session: HubSession) throws -> URL? {
    for part in field.split(separator: ",") where part.contains(#"rel="next""#) {
      guard let start = part.firstIndex(of: "<"), let end = part.firstIndex(of: ">"), start < end
      else { continue }
      let text = String(part[part.index(after: start)..<end])
      guard let next = HubAccess.address(text, from: url), session.access.isHub(next) else {
        throw HubError.unexpected(
          "\(self)", expected: "a next page of files on \(session.access.endpoint.origin)",
          found: "one elsewhere")
      }
      return next
    }
    return nil
  }
}

/// A file in a repository's top folder, with its length and digest.
struct HubFile: Sendable, Equatable {
  enum Digest: Sendable, Equatable {
    /// The SHA-256 of the bytes, for large files.
    case sha256(String)
    /// The SHA-1 that git gives the content, for small files.
    case gitBlob(String)

    /// True if it has the right number of lowercase hexadecimal digits.
    var isPlausible: Bool {
      let (text, length) =
        switch self {
        case .sha256(let text): (text, 64)
        case .gitBlob(let text): (text, 40)
        }
      return text.utf8.count == length
        && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
  }

  let name: String
  let byteCount: Int
  let digest: Digest

  init(name: String, byteCount: Int, digest: Digest) {
    self.name = name
    self.byteCount = byteCount
    self.digest = digest
  }

  /// Reads an entry of the hub's list; `nil` for folders, and for files in folders.
  init?(_ entry: JSONObject, in repository: HubRepository) throws {
    guard entry["type"]?.string == "file", let name = entry["path"]?.string, Self.isPlain(name)
    else { return nil }
    let large = entry["lfs"]?.object
    let sha256 = large?["oid"]?.string ?? large?["sha256"]?.string
    let blob = entry["oid"]?.string
    guard let byteCount = (large?["size"] ?? entry["size"])?.integer,
      (0...Self.maximumLength).contains(byteCount)
    else {
      throw HubError.unexpected(
        "\(repository): \(name)", expected: "a size from 0 to \(Self.maximumLength) bytes",
        found: "another")
    }
    guard let digest = sha256.map(Digest.sha256) ?? blob.map(Digest.gitBlob), digest.isPlausible
    else {
      throw HubError.unexpected(
        "\(repository): \(name)", expected: "the SHA-256 or the git blob of its bytes",
        found: "none")
    }
    self.init(name: name, byteCount: byteCount, digest: digest)
  }

  /// No file of a model is longer, and the lengths of a whole list add up without overflow.
  private static let maximumLength = 1 << 40

  /// Names in a list are untrusted: they must not lead out of the folder, be hidden, or contain
  /// control characters.
  private static func isPlain(_ name: String) -> Bool {
    (1...200).contains(name.utf8.count) && name.first != "."
      && name.utf8.allSatisfy {
        (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\")
      }
  }
}
