import ArgumentParser
import Foundation

/// The folder that results go to, and whether a run that was cut off is resumed.
public struct OutputOptions: ParsableArguments {
  /// The folder that holds `expNNN.md` and `expNNN/`.
  @Option(help: ArgumentHelp("The folder results go to.", valueName: "folder"))
  public var out: String = OutputOptions.defaultFolder

  /// The folder that is used if the user names none.
  public static let defaultFolder = "Results"

  /// Whether rows of an unfinished run with the same settings are kept.
  @Flag(inversion: .prefixedNo, help: "Take up an unfinished run of the same settings.")
  public var resume = true

  /// The part of the measurement that this run makes; by default the whole.
  @Option(
    help: ArgumentHelp(
      "Measure one part of several, as 0/4; `ais results merge` puts them together.",
      valueName: "i/n"))
  public var shard: Shard?

  /// Options at their defaults.
  public init() {}

  /// The folder results go to.
  public var folder: URL { URL(fileURLWithPath: out, isDirectory: true) }
}

extension Shard: ExpressibleByArgument {
  /// The part that a text such as `0/4` names.
  public init?(argument: String) { self.init(argument) }
}
