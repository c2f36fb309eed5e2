import AISKit
import ArgumentParser
import Foundation

/// Which data an experiment reads, how much of them, and the random seed.
public struct DataOptions: ParsableArguments {
  /// A folder with the data files.
  @Option(
    help: ArgumentHelp(
      "A folder with the data files. (default: AIS_DATA, then the cache)", valueName: "folder"))
  public var data: String?

  /// The prompts with categories: a mix by its name, or a file; by default dolly's.
  @Option(
    help: ArgumentHelp(
      "Prompts with categories: dolly+code, or a file of JSON lines. (default: dolly-15k)",
      valueName: "prompts"))
  public var prompts: String?

  /// How many items to use; by default as many as the experiment says.
  @Option(
    name: .customLong("n"),
    help: "How many items to use. (default: the experiment's own)")
  public var count: Int?

  /// The seed of random draws.
  @Option(help: "Where random draws start.")
  public var seed: UInt64 = DataOptions.defaultSeed

  /// The seed that is used if the user names none.
  public static let defaultSeed: UInt64 = 17

  /// Options at their defaults.
  public init() {}

  /// Checks the options' values.
  public func validate() throws {
    if let count, !(1...1_000_000_000).contains(count) {
      throw ValidationError("--n \(count) is out of range, expected 1 to 1000000000")
    }
  }

  /// The data file of a name, or `nil` if no folder has it.
  ///
  /// MMLU may also be there as it was first published: a folder `test` or `dev` of CSV files, on
  /// its own or inside a folder `data`; then that folder is returned.
  ///
  /// - Throws: `DataFolderError` for a folder that the user named, here or by `AIS_DATA`, and that
  ///   does not exist or holds no data, and for prompts that the user named and that do not exist:
  ///   going on with other data than was asked for would be worse than stopping.
  public func find(
    _ file: String,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(DataFolderError) -> URL? {
    if file == DataFiles.dolly, let prompts { return try named(prompts, environment: environment) }
    return try self.file(file, environment: environment)
  }

  /// The file of a name in one of the folders, whatever prompts were named.
  func file(
    _ file: String, environment: [String: String]
  ) throws(DataFolderError) -> URL? {
    var folders: [URL] = []
    if let data { folders.append(try Self.folder(data, namedBy: "--data")) }
    if let shared = environment["AIS_DATA"], !shared.isEmpty {
      folders.append(try Self.folder(shared, namedBy: "AIS_DATA"))
    }
    folders.append(CacheFolder.location(environment: environment).appendingPathComponent("data"))
    return folders.lazy.compactMap { DataFiles.find(file, in: $0) }.first
  }

  /// A folder that exists and holds at least one data file; the others may be elsewhere.
  private static func folder(_ path: String, namedBy name: String) throws(DataFolderError) -> URL {
    var isFolder: ObjCBool = false
    guard !path.isEmpty, FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
      isFolder.boolValue
    else { throw DataFolderError(name: name, path: path, problem: "no such folder") }
    let folder = URL(fileURLWithPath: path, isDirectory: true)
    guard DataFiles.all.contains(where: { DataFiles.find($0, in: folder) != nil }) else {
      throw DataFolderError(
        name: name, path: path,
        problem: "expected \(DataFiles.named.joined(separator: ", ")), or a file of the suite, or "
          + "MMLU's folders test and dev of CSV files; found none of them")
    }
    return folder
  }
}

/// A data folder or prompts that the user named, and that do not exist or hold no data.
public struct DataFolderError: InputError, Equatable {
  /// How it was named: `--data`, `AIS_DATA` or `--prompts`.
  public let name: String
  /// The folder or file.
  public let path: String
  /// What is wrong with it.
  public let problem: String

  /// What is wrong, in one line.
  public var description: String { "\(name) \(path): \(problem)" }
}
