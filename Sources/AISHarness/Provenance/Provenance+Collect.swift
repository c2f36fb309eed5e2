import AISKit
import Foundation

extension Provenance {
  /// The provenance of this process, this code and these files.
  ///
  /// - Parameters:
  ///   - experiment: the experiment's or the tool's name.
  ///   - model: the model's file or folder, hashed once; the digest is kept in the cache.
  ///   - data: the data files' names and places; `nil` if the starter set serves.
  ///   - dtype: the number format of the computation.
  ///   - seed: the random seed.
  ///   - threads: threads that compute.
  ///   - device: what computes.
  /// - Returns: the provenance, without the parts that only an experiment knows.
  /// - Throws: if a file cannot be read.
  public static func collect(
    experiment: String, model: URL, data: [(name: String, place: URL?)] = [], dtype: String,
    seed: UInt64 = 0, threads: Int, device: ComputeDevice = .processor
  ) throws -> Provenance {
    let repository = RepositoryState.of()
    let sources = try data.map { try DataFiles.identity(of: $0.name, at: $0.place) }
    var origin = Provenance(
      experiment: experiment,
      command: CommandLine.arguments.map(shellWord).joined(separator: " "),
      gitCommit: repository.commit, gitDirty: repository.isDirty,
      modelName: ModelCatalog.shownName(of: model),
      modelSHA256: try FileDigest.sha256(ofModel: model),
      dataName: sources.map(\.name).joined(separator: ", "),
      dataSHA256: sources.map(\.sha256).joined(separator: ", "),
      dtype: dtype, seed: Int(truncatingIfNeeded: seed), threads: threads,
      cpuModel: MachineFacts.current.cpuModel,
      isa: "\(Threads.instructionSet) kernels; processor: \(MachineFacts.current.isa)",
      libraryVersions: LibraryVersions.loaded(device: device),
      startedUTC: Date().formatted(.iso8601),
      criteria: [])
    origin.modelSource = ModelCatalog.source(of: model)
    return origin
  }
}

/// A word quoted for a shell.
func shellWord(_ word: String) -> String {
  let plain = word.allSatisfy {
    $0.isASCII && ($0.isLetter || $0.isNumber || "-_=./,:+".contains($0))
  }
  return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}
