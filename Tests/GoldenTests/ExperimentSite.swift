import Foundation
import TestSupport

/// Folders for one run of an experiment: a cache with only a link to the model, and a folder for
/// results.
struct ExperimentSite {
  /// The tools that the tests of whole processes run.
  static let areToolsBuilt =
    ["ais", "exp013", "exp015"].allSatisfy { RunningTool.path(of: $0) != nil }

  let root: URL
  let experiment: String
  /// The part of the result file's name that depends on the settings.
  let variant: String
  var cache: URL { root.appendingPathComponent("cache") }

  init(_ root: URL, _ experiment: String, variant: String = "") throws {
    self.root = root
    self.experiment = experiment
    self.variant = variant
    let models = cache.appendingPathComponent("models")
    try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
    let model = URL(fileURLWithPath: CachedModel.standard.path)
    try FileManager.default.createSymbolicLink(
      at: models.appendingPathComponent(model.lastPathComponent), withDestinationURL: model)
  }

  /// Starts the experiment here.
  func start(_ arguments: [String]) throws -> RunningTool {
    try RunningTool(
      experiment, arguments + ["--out", root.appendingPathComponent("out").path],
      environment: ["AIS_CACHE": cache.path])
  }

  /// The result's file, in bf16.
  var file: String {
    let name = "SmolLM2-135M-Instruct.Q4_1-bf16-starter\(variant).h5"
    return root.appendingPathComponent("out/\(experiment)/\(name)").path
  }

  /// Complete lines in the journal after the first; -1 if there is no journal.
  var journaledRows: Int {
    let journal = FileManager.default.contents(atPath: file + ".partial") ?? Data()
    return journal.reduce(-1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
  }

  /// The names of the files in the experiment's folder.
  func resultNames() throws -> [String] {
    let folder = root.appendingPathComponent("out/\(experiment)").path
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  /// Makes the next run read its prompts again.
  func forgetProbes() throws {
    try FileManager.default.removeItem(at: cache.appendingPathComponent("probes"))
  }

  /// The bytes of the one file of probes.
  func probes() throws -> [Data] {
    let folder = cache.appendingPathComponent("probes")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).map {
      try Data(contentsOf: folder.appendingPathComponent("\($0)/probes.f32"))
    }
  }
}
