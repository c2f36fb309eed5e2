import ArgumentParser

/// Whether files that were made for another model's weights may be used.
public struct ForeignOptions: ParsableArguments {
  /// The value that `--force` sets; `nil` without it, so that a result's parameters name it only if
  /// it was given.
  public enum Use: String, Sendable, EnumerableFlag {
    /// Another model's files are used.
    case foreign

    /// `--force`.
    public static func name(for value: Use) -> NameSpecification { .customLong("force") }

    /// What the flag does.
    public static func help(for value: Use) -> ArgumentHelp? {
      "Use routers, bridges or a map even where they were made for other weights."
    }
  }

  /// Set by `--force`.
  @Flag public var force: Use?

  /// Options at their defaults.
  public init() {}

  /// Whether the user insists.
  public var allowsForeign: Bool { force != nil }
}
