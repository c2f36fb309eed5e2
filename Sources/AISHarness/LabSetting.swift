import AISKit
import Foundation

/// What a lab is set up with, found out before anything is measured.
struct LabSetting {
  let model: URL
  let computeType: ComputeType
  let threadCount: Int
  let seed: UInt64
  let dataFiles: [String: URL]
  let prerequisites: Prerequisites
  let mapStore: MapStore
  /// The part of the measurement that is to be made; `nil` for the whole.
  let shard: Shard?
  private let fileStem: String

  /// The setting of a run.
  ///
  /// - Parameters:
  ///   - options: which model runs.
  ///   - output: where results go.
  ///   - data: which data are read, where the experiment reads any.
  ///   - seed: where random draws start.
  ///   - prerequisiteSettings: what results of other experiments must have been made with.
  ///   - isStarter: whether a starter set serves in the place of a file.
  ///   - dataFiles: the files that were found.
  /// - Throws: `ModelCatalogError`, `FileDigestError`, `DataFolderError`.
  init(
    model options: ModelOptions, output: OutputOptions, data: DataOptions?, seed: UInt64,
    prerequisiteSettings: [(option: String, value: String)], isStarter: Bool,
    dataFiles: [String: URL]
  ) throws {
    model = try options.location()
    computeType = options.dtype
    threadCount = options.threadCount
    self.seed = seed
    self.dataFiles = dataFiles
    shard = output.shard
    let name = model.pathExtension == "gguf" ? model.deletingPathExtension() : model
    fileStem =
      "\(name.lastPathComponent)-\(options.dtype.rawValue)"
      + (isStarter ? "-starter" : "")
    let prompts = try data?.find(DataFiles.dolly)
    let modelSHA256 = try FileDigest.sha256(ofModel: model)
    var arguments = ["--model", options.model, "--dtype", options.dtype.rawValue]
    arguments += ["--out", output.out]
    if let threads = options.threads { arguments += ["--threads", "\(threads)"] }
    if let folder = data?.data { arguments += ["--data", folder] }
    if !output.resume { arguments.append("--no-resume") }
    for setting in prerequisiteSettings { arguments += ["--\(setting.option)", setting.value] }
    let prerequisiteVariant = prerequisiteSettings.map { "-\($0.option)\($0.value)" }.joined()
    let own = options.dtype.rawValue
    let formats = [own] + ComputeType.allCases.map(\.rawValue).filter { $0 != own }
    prerequisites = Prerequisites(
      folders: [output.out, OutputOptions.defaultFolder].map {
        URL(fileURLWithPath: $0, isDirectory: true)
      },
      fileNames: formats.map {
        "\(name.lastPathComponent)-\($0)" + (prompts == nil ? "-starter" : "")
          + prerequisiteVariant + ".h5"
      },
      modelSHA256: modelSHA256,
      promptsSHA256: try DataFiles.identity(of: DataFiles.dolly, at: prompts).sha256,
      arguments: arguments)
    // Not the run's own seed: a map serves many runs.
    mapStore = MapStore(
      model: model, modelSHA256: modelSHA256, dtype: options.dtype.rawValue, dataFile: prompts,
      seed: DataOptions.defaultSeed, cache: CacheFolder.location())
  }

  /// The result's file name: model, number format, whether a starter set served, variant, shard.
  func fileName(variant: String) -> String {
    [fileStem, variant, shard?.label ?? ""].filter { !$0.isEmpty }.joined(separator: "-") + ".h5"
  }
}
