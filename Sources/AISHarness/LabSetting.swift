import AISKit
import Foundation

/// The set-up of a lab, determined before anything is measured.
struct LabSetting {
  let model: URL
  let device: ComputeDevice
  let computeType: ComputeType
  let threadCount: Int
  let seed: UInt64
  let dataFiles: [String: URL]
  let prerequisites: Prerequisites
  let mapStore: MapStore
  /// The part of the measurement that is to be made; `nil` for the whole.
  let shard: Shard?
  /// The number of prompts of this run's map, which exists or is to be made.
  let mapPrompts: Int
  /// How many prompts the data have, and how long.
  let promptSupply: TextSupply
  /// How long parts of runs took on this machine, with this model and format.
  let rates: RateBook
  private let fileStem: String

  /// The setting of an experiment's command.
  ///
  /// - Throws: as below.
  init(of command: some Experiment) throws {
    let parameters = Parameters(of: command)
    let names = type(of: command).dataFiles
    var found: [String: URL] = [:]
    for name in names {
      found[name] = try parameters.data?.find(name)
      if let place = found[name] { try DataFiles.check(name, at: place) }
    }
    try self.init(
      model: command.model, output: command.output, data: parameters.data, seed: parameters.seed,
      size: PreparationSize(
        asked: parameters.data?.count, wholeFrom: type(of: command).wholeFrom),
      isStarter: names.contains { DataFiles.hasStarterSet($0) && found[$0] == nil },
      dataFiles: found)
  }

  /// The setting of a run.
  ///
  /// - Parameters:
  ///   - options: which model runs.
  ///   - output: where results go.
  ///   - data: which data are read, if the experiment reads any.
  ///   - seed: where random draws start.
  ///   - size: how large missing needs of the experiment are made.
  ///   - isStarter: whether a starter set replaces a file.
  ///   - dataFiles: the files that were found.
  /// - Throws: as `ModelCatalog.resolve`, `FileDigestError`, `DataFolderError`; `RequestError` if the
  ///   device is not there.
  init(
    model options: ModelOptions, output: OutputOptions, data: DataOptions?, seed: UInt64,
    size: PreparationSize, isStarter: Bool, dataFiles: [String: URL]
  ) throws {
    device = try options.device.resolve()
    model = try options.location()
    computeType = options.dtype
    threadCount = options.threadCount
    self.seed = seed
    self.dataFiles = dataFiles
    shard = output.shard
    let name = ResultName.model(model)
    fileStem = ResultName.stem(
      name, dtype: options.dtype.rawValue, device: options.device, isStarter: isStarter)
    let prompts = try data?.find(DataFiles.dolly)
    let modelSHA256 = try FileDigest.sha256(ofModel: model)
    var arguments = options.arguments + ["--out", output.out]
    if let folder = data?.data { arguments += ["--data", folder] }
    if let named = data?.prompts { arguments += ["--prompts", named] }
    if !output.resume { arguments.append("--no-resume") }
    promptSupply = TextSupply(promptsIn: prompts)
    prerequisites = Prerequisites(
      folders: [output.out, OutputOptions.defaultFolder].map {
        URL(fileURLWithPath: $0, isDirectory: true)
      },
      subject: .init(
        modelStem: name, modelSHA256: modelSHA256,
        promptsSHA256: try DataFiles.identity(of: DataFiles.dolly, at: prompts).sha256,
        isStarter: prompts == nil, dtype: options.dtype.rawValue, device: options.device,
        categoryCount: promptSupply.categoryCount),
      size: size, arguments: arguments)
    // Not the run's own seed, since one map is used by many runs.
    mapStore = MapStore(
      model: model, modelSHA256: modelSHA256, dtype: options.dtype.rawValue,
      device: options.device, dataFile: prompts, seed: DataOptions.defaultSeed,
      cache: CacheFolder.location())
    mapPrompts = mapStore.prompts(size: size)
    rates = RateBook(
      place: RateBook.Place(
        modelSHA256: modelSHA256, dtype: options.dtype.rawValue, threads: options.threadCount,
        device: device))
  }

  /// The result's file name: model, number format, `cuda` on a GPU, `starter` if used, variant, shard.
  func fileName(variant: String) -> String {
    [fileStem, variant, shard?.label ?? ""].filter { !$0.isEmpty }.joined(separator: "-") + ".h5"
  }
}
