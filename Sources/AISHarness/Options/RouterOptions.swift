import AISKit
import ArgumentParser
import Foundation

/// Which exit routers decide, for each token, whether it exits, and at which thresholds.
public struct RouterOptions: ParsableArguments {
  /// A file of exit routers.
  @Option(
    help: ArgumentHelp(
      "A router file. (default: the one that exp020 trained for this model)", valueName: "file"))
  public var router: String?

  /// Thresholds to try.
  @Option(help: "A token exits if its score is above this; several, as 1.01,0.85,0.5.")
  public var thresholds: String?

  /// Layers that run before a token may exit.
  @Option(help: "Layers that run before a token may exit. (default: the router file's)")
  public var minLayers: Int?

  /// What the key-value cache holds for layers that a token did not run.
  @Option(
    help: ArgumentHelp(
      "What the cache holds for layers that a token did not run: project, hole, zero. "
        + "(default: the router file's)"))
  public var kvFill: KVFill?

  /// Whether the router file may be for another model.
  @OptionGroup public var foreign: ForeignOptions

  /// Options at their defaults.
  public init() {}

  /// Checks what one option alone cannot.
  public func validate() throws {
    _ = try givenThresholds()
    if router == nil, foreign.allowsForeign {
      throw ValidationError("--force means something with --router only")
    }
    if let minLayers, minLayers < 0 {
      throw ValidationError("--min-layers \(minLayers): expected at least 0")
    }
  }

  /// The router file's name as a part of a result's; empty if it is exp020's.
  public var label: String {
    router.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent } ?? ""
  }

  /// The router file, if the user named one.
  public var inputFiles: [(name: String, path: String)] { router.map { [("router", $0)] } ?? [] }

  /// The exit routers that must be trained first, if the user named none.
  public var needs: [Need] { router == nil ? [.result(.routers)] : [] }

  /// The thresholds to try, in falling order: those given, or the usual ones and the routers'
  /// guaranteed one.
  ///
  /// The guarantee holds only for tokens that are read out as in calibration.
  ///
  /// - Throws: `ValidationError` for a list that does not parse.
  public func settings(
    usual: [Double], _ routers: TokenRouters, readout: ExitReadout = .head
  ) throws -> [ExitSetting] {
    let guaranteed = routers.readout == readout ? routers.guaranteedThreshold : nil
    let given = try givenThresholds()
    let values = Set(given ?? usual + [guaranteed].compactMap { $0 })
    return values.sorted(by: >).map { ExitSetting($0, isGuaranteed: $0 == guaranteed) }
  }

  /// The routers' settings, with this threshold and the options that were given.
  public func configuration(
    _ threshold: Double, _ routers: TokenRouters
  ) -> TokenExitConfiguration {
    var configuration = routers.configuration
    configuration.exitThreshold = threshold
    if let minLayers { configuration.minLayers = minLayers }
    if let kvFill { configuration.kvCacheStrategy = kvFill }
    return configuration
  }

  /// Exits above a threshold, read out through exit bridges if there are any.
  ///
  /// - Throws: `RequestError` if routers or settings do not fit the model, `EngineError`.
  public func exit(
    above threshold: Double, _ routers: TokenRouters, _ bridges: ExitBridges?,
    _ model: DecoderModel
  ) throws -> TokenExit {
    var exit = try TokenExit(
      routers: routers, model: model, configuration: configuration(threshold, routers))
    exit.exitBridges = bridges
    return exit
  }

  private func givenThresholds() throws -> [Double]? {
    guard let thresholds else { return nil }
    let values = thresholds.split(separator: ",").map { Double($0.trimmingPrefix(" ")) ?? .nan }
    guard !values.isEmpty, values.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw ValidationError(
        "--thresholds '\(thresholds)': expected numbers of at least 0, as 1.01,0.85,0.5")
    }
    return values
  }
}
