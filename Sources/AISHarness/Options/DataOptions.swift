import AISKit
import ArgumentParser
import Foundation

/// Which data an experiment reads, how much of it, and where chance starts.
public struct DataOptions: ParsableArguments {
  /// A folder with the data files.
  @Option(
    help: ArgumentHelp(
      "A folder with the data files. (default: AIS_DATA, then the cache)", valueName: "folder"))
  public var data: String?

  /// How many items to use; without it, as many as the experiment says.
  @Option(
    name: .customLong("n"),
    help: "How many items to use. (default: the experiment's own)")
  public var count: Int?

  /// Where random draws start.
  @Option(help: "Where random draws start.")
  public var seed: UInt64 = DataOptions.defaultSeed

  /// The seed that is used where the user names none.
  public static let defaultSeed: UInt64 = 17

  /// Options at their defaults.
  public init() {}

  /// Checks what one option alone cannot.
  public func validate() throws {
    if let count, count < 1 {
      throw ValidationError("--n \(count) is out of range, expected 1 or more")
    }
  }

  /// The data file of a name, or `nil` where no folder has it.
  ///
  /// MMLU may also lie there as it was first published: a folder `test` or `dev` of CSV files, on
  /// its own or inside a folder `data`; then that is what comes back.
  ///
  /// - Throws: `DataFolderError` for a folder that the user named and that does not exist: going
  ///   on with other data than was asked for would be worse than stopping.
  public func find(
    _ file: String,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(DataFolderError) -> URL? {
    if let data {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: data, isDirectory: &isFolder), isFolder.boolValue
      else { throw DataFolderError(path: data) }
    }
    let named = [data, environment["AIS_DATA"]].compactMap { $0 }.filter { !$0.isEmpty }
    let folders =
      named.map { URL(fileURLWithPath: $0, isDirectory: true) }
      + [CacheFolder.location(environment: environment).appendingPathComponent("data")]
    return folders.lazy.compactMap { DataFiles.find(file, in: $0) }.first
  }
}

/// A data folder that the user named and that is not there.
public struct DataFolderError: InputError, Equatable {
  /// The folder.
  public let path: String

  /// What is wrong, in one line.
  public var description: String { "--data \(path): no such folder" }
}
