import Foundation

/// A folder with this project's Makefile and set-up scripts, in which short shell scripts replace
/// the compiler and the tools.
///
/// So make and the scripts can be tested without building.
public struct ScriptedClone {
  /// The clone's folder.
  public let root: URL
  private let folder: TemporaryFolder

  /// A clone whose set-up finds everything installed; its tools are added by `script`.
  public init() throws {
    folder = try TemporaryFolder()
    root = folder.url
    let files = FileManager.default
    let setup = root.appendingPathComponent("Sources/Setup")
    try files.createDirectory(at: setup, withIntermediateDirectories: true)
    let repository = ReferenceFiles.repository
    try files.copyItem(
      at: repository.appendingPathComponent("Makefile"),
      to: root.appendingPathComponent("Makefile"))
    let scripts = repository.appendingPathComponent("Sources/Setup")
    for name in try files.contentsOfDirectory(atPath: scripts.path) {
      try files.copyItem(
        at: scripts.appendingPathComponent(name), to: setup.appendingPathComponent(name))
    }
    for name in ["toolchain.sh", "packages.sh", "model.sh"] {
      try script("Sources/Setup/\(name)", "")
    }
    for experiment in ["exp012", "exp016"] {
      try files.createDirectory(
        at: root.appendingPathComponent("Experiments/\(experiment)"),
        withIntermediateDirectories: true)
    }
  }

  /// The path of a file in the clone.
  public func path(_ name: String) -> String { root.appendingPathComponent(name).path }

  /// The text of a file of the clone; `nil` if there is none.
  public func text(_ name: String) -> String? {
    try? String(contentsOfFile: path(name), encoding: .utf8)
  }

  /// Writes an executable shell script, replacing an existing file.
  public func script(_ name: String, _ text: String) throws {
    try writeScript(text, to: root.appendingPathComponent(name))
  }

  /// Runs make here and waits.
  public func make(
    _ arguments: String..., environment: [String: String] = [:]
  ) throws -> RunningTool {
    try make(arguments, environment: environment)
  }

  /// Runs make here and waits.
  public func make(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> RunningTool {
    let tool = try start("make", arguments, environment: environment)
    _ = tool.wait()
    return tool
  }

  /// Starts a program in the clone's folder; it is found in the path or in the clone's `bin`.
  public func start(
    _ program: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> RunningTool {
    let usual = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return try RunningTool(
      path: "/usr/bin/env", ["-C", root.path, program] + arguments,
      environment: environment.merging(["PATH": "\(path("bin")):\(usual)"]) { given, _ in given })
  }
}
