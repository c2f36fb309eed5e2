import AISKit
import Foundation

/// Results of other experiments that one needs: found, or made first.
package struct Prerequisites {
  /// Folders of results, in the order in which they are looked into; missing ones go to the first.
  let folders: [URL]
  /// The names of a result's file by number format, the run's own first: what leaving a layer out
  /// costs hardly depends on it, so where that one is missing another serves.
  let fileNames: [String]
  /// What the results must have been made with.
  let modelSHA256: String
  /// The digest of the prompts' data.
  let promptsSHA256: String
  /// What another experiment is to be called with, to be about the same.
  let arguments: [String]

  package init(
    folders: [URL], fileNames: [String], modelSHA256: String, promptsSHA256: String,
    arguments: [String]
  ) {
    self.folders = folders
    self.fileNames = fileNames
    self.modelSHA256 = modelSHA256
    self.promptsSHA256 = promptsSHA256
    self.arguments = arguments
  }

  /// A complete result of an experiment for this model and data.
  ///
  /// Throws `ResultError` where there is none, or none that can be read.
  package func result(_ id: String) throws -> (result: StoredResult, file: String) {
    let files = fileNames.flatMap { name in
      folders.map { $0.appendingPathComponent("exp\(id)/\(name)").path }
    }
    var problem = ResultError(
      file: files.first ?? "exp\(id)", problem: "is missing; make exp-\(id) makes it")
    for file in files where FileManager.default.fileExists(atPath: file) {
      let result = try ResultFile.read(file)
      guard let mismatch = mismatch(result.provenance) else { return (result, file) }
      problem = ResultError(file: file, problem: mismatch)
    }
    throw problem
  }

  /// Runs the experiments that have no result yet, each by its own executable beside this one.
  ///
  /// Throws `PrerequisiteError` where one fails.
  package func ensure(_ ids: [String], say: (String) -> Void) throws {
    for id in ids where (try? result(id)) == nil {
      say("  needs    exp\(id) for this model and data, which has no result yet: it runs first")
      let tools = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()
      let status = try ChildProcess.run(tools.appendingPathComponent("exp\(id)"), arguments)
      guard status == 0 else { throw PrerequisiteError(experiment: "exp\(id)", status: status) }
      _ = try result(id)
      say("  goes on  with what was asked for")
    }
  }

  private func mismatch(_ origin: Provenance) -> String? {
    if !origin.isComplete { return "is unfinished" }
    if let shard = origin.shard { return "is shard \(shard) of a result" }
    let pairs = [
      ("model_sha256", origin.modelSHA256, modelSHA256),
      ("data_sha256", origin.dataSHA256, promptsSHA256),
    ]
    return pairs.first { $0.1 != $0.2 }.map { "\($0.0): expected \($0.2), found \($0.1)" }
  }
}

/// An experiment that another needs did not come to its end.
public struct PrerequisiteError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The experiment.
  public let experiment: String
  /// Its exit status.
  public let status: Int32

  /// What failed, in one line.
  public var description: String {
    "\(experiment), which this experiment needs, ended with status \(status); what it says above "
      + "comes first"
  }
}
