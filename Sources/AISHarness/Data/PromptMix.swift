import AISKit
import Foundation

/// Dolly's prompts with a ninth category, `code`: the tasks of HumanEval and MBPP, for models of
/// code.
///
/// The mix is a file in the cache, in dolly's format, so that maps and results name its digest.
enum PromptMix {
  /// What a user types: `--prompts dolly+code`.
  static let name = "dolly+code"
  /// The category of the added prompts.
  static let category = "code"

  /// What is asked about the beginning of a program, and what is added to a sentence.
  private static let (completing, answering) = (
    "Complete this Python function.", " Answer in Python."
  )

  /// A program to write: a line of the added prompts.
  private struct Line: Encodable {
    let instruction: String
    let context: String
    let category: String
  }

  /// The mix of three files, made if the cache does not have it.
  ///
  /// - Parameters:
  ///   - dolly: databricks-dolly-15k.
  ///   - humanEval: HumanEval, whose prompts are the beginnings of programs.
  ///   - mbpp: MBPP, whose prompts are sentences.
  ///   - cache: where the mix is kept, by the digests of the three and the added words.
  /// - Returns: a file of JSON lines.
  /// - Throws: `FileDigestError`, `CheckpointError` or `DataFileError` for a file that cannot be
  ///   read; what writing throws.
  static func file(
    dolly: URL, humanEval: URL, mbpp: URL, cache: URL = CacheFolder.location()
  ) throws -> URL {
    let sources = try [dolly, humanEval, mbpp].map { try FileDigest.sha256(of: $0, cache: cache) }
    let folder = cache.appendingPathComponent(
      "data/mixes/\(SHA256.hexDigest(of: (sources + [completing, answering]).joined()).prefix(16))")
    let target = folder.appendingPathComponent("\(name).jsonl")
    if FileManager.default.fileExists(atPath: target.path) { return target }
    let lines =
      try JSONLines.map(humanEval.path) { line in
        Line(
          instruction: completing, context: try line.string("prompt"),
          category: category)
      }
      + JSONLines.map(mbpp.path) { line in
        Line(
          instruction: try line.string("prompt") + answering, context: "",
          category: category)
      }
    let encoder = JSONEncoder()
    // The same bytes every time, since results name their digest.
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var bytes = try Data(contentsOf: dolly)
    if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    for line in lines { bytes += try encoder.encode(line) + [UInt8(ascii: "\n")] }
    try FileBytes.makeFolder(folder)
    try FileBytes.replace(target.path, with: bytes)
    return target
  }
}

extension DataOptions {
  /// The prompts that the user named: a file, or a mix by its name.
  ///
  /// - Throws: `DataFolderError` for a file that does not exist, or a mix whose parts do not.
  func named(
    _ prompts: String, environment: [String: String]
  ) throws(DataFolderError) -> URL {
    func wrong(_ problem: String) -> DataFolderError {
      DataFolderError(name: "--prompts", path: prompts, problem: problem)
    }
    guard prompts == PromptMix.name else {
      guard FileManager.default.isReadableFile(atPath: prompts) else {
        throw wrong("expected \(PromptMix.name), or a file of JSON lines; found no such file")
      }
      return URL(fileURLWithPath: prompts)
    }
    var parts: [URL] = []
    for name in [DataFiles.dolly, DataFiles.humanEval, DataFiles.mbpp] {
      guard let part = try file(name, environment: environment) else {
        throw wrong("expected \(name) among the data; make data SUITE=1 downloads it")
      }
      parts.append(part)
    }
    do {
      return try PromptMix.file(
        dolly: parts[0], humanEval: parts[1], mbpp: parts[2],
        cache: CacheFolder.location(environment: environment))
    } catch {
      throw wrong("\(error)")
    }
  }
}
