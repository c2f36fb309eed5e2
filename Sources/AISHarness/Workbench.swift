import AISKit
import Foundation

/// What an experiment measures with: the model, the data, the map and what earlier experiments made.
///
/// It is the same in the process that records rows (`Lab`) and in those that time things
/// (`TimingLab`). So all random draws must follow from the options alone.
public class Workbench {
  /// The model's file or folder.
  public let model: URL
  /// The model's digest.
  public var modelSHA256: String { mapStore.modelSHA256 }
  /// What computes.
  public let device: ComputeDevice
  /// The number format to compute in.
  public let computeType: ComputeType
  /// How many threads may compute.
  public let threadCount: Int
  /// Where random draws start.
  public let seed: UInt64
  /// The map of this model and data.
  public let mapStore: MapStore

  private let dataFiles: [String: URL]
  /// Results of other experiments for the same model and data, by number.
  private let results: [String: Prerequisites.Found]
  /// Which part of the plan is running.
  let progress: PlanProgress
  /// How long parts took, for the next plan.
  let rates: RateBook
  /// How many prompts the map of this run is made of.
  let mapPrompts: Int

  init(
    _ setting: LabSetting, results: [String: Prerequisites.Found], progress: PlanProgress
  ) {
    self.results = results
    self.progress = progress
    rates = setting.rates
    mapPrompts = setting.mapPrompts
    model = setting.model
    device = setting.device
    computeType = setting.computeType
    threadCount = setting.threadCount
    seed = setting.seed
    dataFiles = setting.dataFiles
    mapStore = setting.mapStore
  }

  /// The model, on the run's device.
  ///
  /// - Parameters:
  ///   - type: the number format to compute in; by default the run's.
  ///   - file: another file of the model; by default the run's.
  /// - Returns: the model, loaded anew.
  /// - Throws: what loading throws.
  public func languageModel(
    _ type: ComputeType? = nil, file: String? = nil
  ) throws -> LanguageModel {
    try LanguageModel(path: file ?? model.path, type: type ?? computeType, device: device)
  }

  /// The model's decoder in float32.
  ///
  /// - Parameter language: the model in the run's number format.
  /// - Returns: its own decoder if that is float32, else one that is loaded for this.
  /// - Throws: what loading throws.
  func float32(of language: LanguageModel) throws -> DecoderModel {
    computeType == .f32 ? language.decoder : try languageModel(.f32).decoder
  }

  /// The result of another experiment that this one's options need; `nil` if they need none.
  func neededResult(of id: String) -> Prerequisites.Found? { results[id] }

  /// The result of another experiment.
  ///
  /// - Throws: `ResultError` if the options did not ask for it.
  func result(of id: String) throws -> Prerequisites.Found {
    guard let found = results[id] else {
      throw ResultError(file: "exp\(id)", problem: "is missing; make exp-\(id) makes it")
    }
    return found
  }

  static func companion(of result: String, _ suffix: String) -> URL {
    let file = URL(fileURLWithPath: result).deletingPathExtension()
    return file.deletingLastPathComponent()
      .appendingPathComponent(file.lastPathComponent + suffix)
  }

  /// The data file of a name, or `nil` if the starter set serves in its place.
  public func dataFile(_ name: String) -> URL? { dataFiles[name] }

  /// Prints what happens next, at once even if the output goes to a log.
  ///
  /// A line that cannot be written doesn't stop the run, but makes it fail at its end.
  public func say(_ line: String) { StandardStreams.say(line) }

  /// Prints which draws have fewer prompts than were asked for.
  public func sayShortages(_ draws: PromptDraw...) {
    for shortage in draws.compactMap(\.shortage) { say("  fewer    \(shortage)") }
  }
}
