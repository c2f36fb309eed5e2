import AISKit
import Foundation

/// The models that set-up knows by name, and the file that a name or a path means.
///
/// The files' sources and digests lie in `Sources/Setup/models.txt`, from which set-up fetches
/// them; a test keeps this list in step with that one.
public enum ModelCatalog {
  /// A model that set-up fetches by name.
  public struct Entry: Sendable, Equatable {
    /// What the user calls it.
    public let name: String
    /// The file's name in the cache.
    public let file: String
    /// The file's size.
    public let byteCount: Int
    /// The file's SHA-256.
    public let sha256: String
  }

  /// Every known model; the first is the default.
  public static let entries = [
    Entry(
      name: "smollm2-135m", file: "SmolLM2-135M-Instruct.Q4_1.gguf", byteCount: 98_362_432,
      sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"),
    Entry(
      name: "gemma3-270m", file: "gemma-3-270m-q4_k_m.gguf", byteCount: 253_113_024,
      sha256: "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"),
    Entry(
      name: "qwen2.5-coder-0.5b", file: "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
      byteCount: 491_400_064,
      sha256: "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"),
    Entry(
      name: "qwen2.5-coder-1.5b", file: "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
      byteCount: 1_117_320_768,
      sha256: "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"),
  ]

  /// The name of the model that is used if none is named.
  public static let defaultName = entries[0].name

  /// The file or folder that a name or a path means.
  ///
  /// A path that exists wins over a name, and a known name over `owner/name` on the Hugging Face
  /// hub. Nothing here touches the network. A model with random weights is made on its first use.
  ///
  /// - Throws: `ModelCatalogError` if there is neither such a path nor such a name, or if
  ///   the model of that name has not been fetched; as `RandomModel` for `random:…`.
  public static func resolve(
    _ nameOrPath: String, cache: URL = CacheFolder.location()
  ) throws -> URL {
    if FileManager.default.fileExists(atPath: nameOrPath) {
      return URL(fileURLWithPath: nameOrPath)
    }
    if let model = try RandomModel(named: nameOrPath) { return try model.folder(cache: cache) }
    return try fetched(nameOrPath, cache: cache)
  }

  /// Where set-up fetched a model's file from; `nil` for a file that it did not fetch.
  public static func source(of model: URL) -> String? {
    let note = try? String(contentsOfFile: model.path + ".source", encoding: .utf8)
    return note?.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The name that results show: the file's or folder's, or `random:…` if its weights are random.
  public static func shownName(of model: URL) -> String {
    RandomModel.name(ofFolder: model) ?? model.lastPathComponent
  }

  /// A shown name as a part of files' names.
  static func fileStem(ofShownName name: String) -> String {
    (name.hasSuffix(".gguf") ? String(name.dropLast(5)) : name).replacing(":", with: "-")
  }

  private static func fetched(
    _ nameOrPath: String, cache: URL
  ) throws(ModelCatalogError) -> URL {
    guard let entry = entries.first(where: { $0.name == nameOrPath }) else {
      guard let model = HubModel(nameOrPath), !nameOrPath.hasSuffix(".gguf") else {
        throw .unknown(nameOrPath, known: entries.map(\.name))
      }
      guard let folder = model.fetchedFolder(cache: cache) else {
        throw .notFetchedFromHub(model.description)
      }
      return folder
    }
    let file = cache.appendingPathComponent("models").appendingPathComponent(entry.file)
    // Links are followed: a cache may be shared by links.
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: file.resolvingSymlinksInPath().path)
    guard let size = attributes?[.size] as? Int else {
      throw .notFetched(name: entry.name, path: file.path)
    }
    guard size == entry.byteCount else {
      throw .damaged(
        name: entry.name, path: file.path, expectedBytes: entry.byteCount, foundBytes: size)
    }
    return file
  }
}

/// No model under the name or path given.
public enum ModelCatalogError: InputError, Equatable {
  /// Neither a path nor a known name.
  case unknown(String, known: [String])
  /// A known name whose file is not in the cache.
  case notFetched(name: String, path: String)
  /// Not a path, but perhaps a model on the hub; it is not in the cache.
  case notFetchedFromHub(String)
  /// A known name whose file in the cache has the wrong size.
  case damaged(name: String, path: String, expectedBytes: Int, foundBytes: Int)

  /// What is wrong and what helps, in one line.
  public var description: String {
    switch self {
    case .unknown(let name, let known):
      "no file, folder or known model is called '\(name)'; known: "
        + known.joined(separator: ", ")
    case .notFetched(let name, let path):
      "model \(name) is not at \(path); fetch it with: make model MODEL=\(name)"
    case .notFetchedFromHub(let model):
      "no file or folder is called '\(model)', and no model of that name has been fetched; "
        + "fetch it with: ais fetch \(model)"
    case .damaged(let name, let path, let expected, let found):
      "model \(name) is damaged: \(path) has \(found) bytes, expected \(expected); "
        + "fetch it again with: make model MODEL=\(name)"
    }
  }
}
