import AISHarness
import AISKit
import Foundation

/// Downloads the experiments' data files into the cache's folder `data`.
public struct DataFetch {
  /// A file of a data set, with the size and SHA-256 that it has at one commit.
  public struct Source: Sendable {
    let repository: HubRepository
    let file: HubFile

    /// A source from its parts.
    public init(
      _ repository: String, commit: String, file: String, byteCount: Int, sha256: String
    ) {
      self.repository = HubRepository(.dataset, repository, revision: commit)
      self.file = HubFile(name: file, byteCount: byteCount, digest: .sha256(sha256))
    }

    /// Dolly: 15,011 instructions in eight categories.
    public static let dolly = Source(
      "databricks/databricks-dolly-15k", commit: "bdd27f4d94b9c1f951818a7da7fd7aeea5dbff1a",
      file: "databricks-dolly-15k.jsonl", byteCount: 13_085_339,
      sha256: "2df9083338b4abd6bceb5635764dab5d833b393b55759dffb0959b6fcbf794ec")

    /// MMLU as its authors published it: an archive of CSV files.
    public static let mmlu = Source(
      "cais/mmlu", commit: "c30699e8356da336a370243923dbaf21066bb9fe",
      file: "data.tar", byteCount: 166_184_960,
      sha256: "bec563ba4bac1d6aaf04141cd7d1605d7a5ca833e38f994051e818489592989b")
  }

  /// A part of MMLU and how many questions it has.
  public struct Part: Sendable {
    let part: MMLU.Part
    let questions: Int

    /// A part with its expected number of questions.
    public init(_ part: MMLU.Part, questions: Int) {
      self.part = part
      self.questions = questions
    }

    /// The parts that are used: the questions asked, and the examples shown before them.
    public static let all = [Part(.test, questions: 14_042), Part(.dev, questions: 285)]

    var file: String { "mmlu-\(part.rawValue).jsonl" }
  }

  private let dolly: Source
  private let mmlu: Source
  private let parts: [Part]
  private let cache: URL
  private let session: HubSession

  /// A fetch that has not begun.
  ///
  /// - Parameters:
  ///   - access: the hub's address and the token.
  ///   - cache: the cache's folder.
  ///   - dolly: the source of Dolly.
  ///   - mmlu: the source of MMLU's archive.
  ///   - parts: the parts of MMLU that are kept.
  ///   - patience: how often to retry, and how long to wait.
  ///   - say: gets lines for the user.
  public init(
    access: HubAccess, cache: URL = CacheFolder.location(), dolly: Source = .dolly,
    mmlu: Source = .mmlu, parts: [Part] = Part.all, patience: Patience = Patience(),
    say: @escaping (String) -> Void
  ) {
    self.cache = cache
    self.dolly = dolly
    self.mmlu = mmlu
    self.parts = parts
    session = HubSession(access: access, patience: patience, say: say)
  }

  /// Fetches missing files; existing files are kept.
  ///
  /// - Returns: the folder with the files.
  /// - Throws: `HubError` if a file does not arrive as published.
  public func run() throws -> URL {
    let folder = cache.appendingPathComponent("data", isDirectory: true)
    let lock = try FetchLock(folder, say: session.say)
    defer { withExtendedLifetime(lock) {} }
    if isPresent(dolly.file.name, in: folder) {
      session.say("\(dolly.file.name) is there")
    } else {
      try download(dolly, into: folder)
    }
    if parts.allSatisfy({ isPresent($0.file, in: folder) }) {
      session.say("\(parts.map(\.file).joined(separator: " and ")) are there")
    } else {
      try fetchMMLU(into: folder)
    }
    return folder
  }

  private func fetchMMLU(into folder: URL) throws {
    let work = cache.appendingPathComponent("downloads/mmlu", isDirectory: true)
    try download(mmlu, into: work)
    for part in parts where !isPresent(part.file, in: folder) {
      try MMLUArchive.extract(
        part.part, of: work.appendingPathComponent(mmlu.file.name), to: work)
      let questions = try MMLU.questions(csvFolder: work.path, part: part.part)
      guard questions.count == part.questions else {
        throw HubError.unexpected(
          "\(mmlu.repository.name): part \(part.part.rawValue)",
          expected: "\(part.questions) questions", found: "\(questions.count)")
      }
      let text = questions.map { MMLUArchive.line($0) + "\n" }.joined()
      let target = folder.appendingPathComponent(part.file)
      do {
        try text.write(to: target, atomically: true, encoding: .utf8)
      } catch {
        throw HubError.disk(path: target.path, reason: error.localizedDescription)
      }
    }
    // The archive is deleted, since it holds much more than the kept parts.
    try? FileManager.default.removeItem(at: work)
  }

  private func download(_ source: Source, into folder: URL) throws {
    func download(_ progress: ProgressMeter?) -> HubDownload {
      HubDownload(
        file: source.file, repository: source.repository, folder: folder, session: session,
        progress: progress)
    }
    let progress = ProgressMeter(
      source.file.name, total: source.file.byteCount, alreadyDone: download(nil).bytesPresent,
      unit: .bytes)
    try download(progress).run()
  }

  private func isPresent(_ file: String, in folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent(file).path)
  }
}
