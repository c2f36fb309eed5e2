import ArgumentParser

/// How often things are timed.
public struct TimingOptions: ParsableArguments {
  /// How many processes time everything, one after another.
  @Option(help: "Processes that time everything, one after another; 5 or more settle a claim.")
  public var processes: Int = Finding.fewestProcesses

  /// Options at their defaults.
  public init() {}

  /// Checks the options' values.
  public func validate() throws {
    guard (1...1_000).contains(processes) else {
      throw ValidationError("--processes \(processes) is out of range, expected 1 to 1000")
    }
  }
}
