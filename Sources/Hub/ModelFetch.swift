import AISHarness
import AISKit
import Foundation

/// Downloads a model's folder from the hub into the cache, completely or not at all.
public struct ModelFetch {
  private let model: HubModel
  private let cache: URL
  private let session: HubSession

  /// Files other than weights that a model may have and this project reads.
  private static let companions: Set = [
    "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json",
    "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "vocab.txt",
    "tokenizer.model", "chat_template.jinja", "chat_template.json",
  ]
  /// They are read as a whole; the longest tokenizer.json and index have some tens of megabytes.
  private static let maximumCompanionLength = 128_000_000
  private static let weights = "model.safetensors"
  private static let index = "model.safetensors.index.json"

  /// A fetch that has not begun.
  ///
  /// - Parameters:
  ///   - model: which model, at which revision.
  ///   - access: the hub's address and the token.
  ///   - cache: the cache's folder.
  ///   - patience: how often to retry, and how long to wait.
  ///   - say: gets lines for the user.
  public init(
    _ model: HubModel, access: HubAccess, cache: URL = CacheFolder.location(),
    patience: Patience = Patience(), say: @escaping (String) -> Void
  ) {
    self.model = model
    self.cache = cache
    session = HubSession(access: access, patience: patience, say: say)
  }

  /// Fetches the model; if it is there already, the network is not used.
  ///
  /// - Parameter refresh: ask the hub what the revision means now, even if it was fetched before.
  /// - Returns: the model's folder.
  /// - Throws: `HubRequestError` if there is no such model or it can't be read here, `HubError`
  ///   if it does not arrive.
  public func run(refresh: Bool = false) throws -> URL {
    if !refresh, let folder = model.fetchedFolder(cache: cache) { return folder }
    let lock = try FetchLock(model.home(cache: cache), say: session.say)
    defer { withExtendedLifetime(lock) {} }
    // Another process may have fetched it meanwhile.
    if !refresh, let folder = model.fetchedFolder(cache: cache) { return folder }
    let repository = try HubRepository(.model, model.repository, revision: model.revision)
      .pinned(session)
    let folder = model.folder(ofCommit: repository.revision, cache: cache)
    if !FileManager.default.fileExists(atPath: folder.path) {
      try fetch(repository, into: folder.deletingLastPathComponent())
    }
    try model.remember(commit: repository.revision, cache: cache)
    return folder
  }

  /// Downloads the files to a folder beside their place and moves them there together.
  private func fetch(_ repository: HubRepository, into place: URL) throws {
    let partial = place.appendingPathExtension("partial")
    let folder = partial.appendingPathComponent(model.name, isDirectory: true)
    let listed = try repository.files(session)
    let companions = listed.filter { Self.companions.contains($0.name) }
    for file in companions + listed.filter({ $0.name == Self.index })
    where file.byteCount > Self.maximumCompanionLength {
      throw HubError.unexpected(
        "\(repository): \(file.name)",
        expected: "at most \(Self.maximumCompanionLength) bytes", found: "\(file.byteCount)")
    }
    guard companions.contains(where: { $0.name == "config.json" }) else {
      throw HubRequestError.missingFile("config.json", repository, advice: Self.formats(listed))
    }
    let weights = try weights(of: repository, listed, folder)
    let downloads = (companions + weights).map { download($0, repository, folder) }
    let progress = ProgressMeter(
      model.repository, total: downloads.reduce(0) { $0 + $1.file.byteCount },
      alreadyDone: downloads.reduce(0) { $0 + $1.bytesPresent }, unit: .bytes)
    for file in companions + weights { try download(file, repository, folder, progress).run() }
    guard rename(partial.path, place.path) == 0 else {
      throw HubError.disk(path: place.path, reason: String(cString: strerror(errno)))
    }
  }

  /// The one file of weights, or the index and the shards that it lists.
  private func weights(
    of repository: HubRepository, _ listed: [HubFile], _ folder: URL
  ) throws -> [HubFile] {
    if let single = listed.first(where: { $0.name == Self.weights }) { return [single] }
    guard let index = listed.first(where: { $0.name == Self.index }) else {
      throw HubRequestError.missingFile(
        "\(Self.weights) or \(Self.index)", repository, advice: Self.formats(listed))
    }
    try download(index, repository, folder).run()
    let map = try JSONSection(contentsOf: folder.appendingPathComponent(Self.index).path)
      .section("weight_map")
    let names = Set(try map.keys.map { try map.string($0) })
    let shards = try names.sorted().map { name in
      guard let shard = listed.first(where: { $0.name == name }), name.hasSuffix(".safetensors")
      else {
        throw HubRequestError.missingFile(
          "file of the name that its \(Self.index) lists", repository,
          advice: "its weights are not whole")
      }
      return shard
    }
    return [index] + shards
  }

  private func download(
    _ file: HubFile, _ repository: HubRepository, _ folder: URL, _ progress: ProgressMeter? = nil
  ) -> HubDownload {
    HubDownload(
      file: file, repository: repository, folder: folder, session: session, progress: progress)
  }

  /// The formats of a repository's weights, from its files' names.
  private static func formats(_ files: [HubFile]) -> String {
    let endings = [
      "safetensors": "safetensors under other names", "gguf": "GGUF", "bin": "PyTorch (.bin)",
      "pt": "PyTorch (.pt)", "pth": "PyTorch (.pth)", "ckpt": "checkpoints (.ckpt)",
      "h5": "TensorFlow (.h5)", "msgpack": "Flax (.msgpack)", "onnx": "ONNX",
    ]
    let found = Set(files.compactMap { endings[($0.name as NSString).pathExtension] }).sorted()
    let gguf = files.first { $0.name.hasSuffix(".gguf") }
    guard !found.isEmpty else { return "it has no weights in its top folder" }
    return "it has \(found.joined(separator: ", "))"
      + (gguf == nil ? "" : "; download a .gguf file itself and give its path")
  }
}
