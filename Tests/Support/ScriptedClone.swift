import Foundation

/// A folder with this project's Makefile and set-up scripts, in which a few lines of shell take the
/// place of the compiler and the tools: what make and the scripts do is tried without building.
public struct ScriptedClone {
  /// The clone's folder.
  public let root: URL
  private let folder: TemporaryFolder

  /// A clone whose set-up finds all in place and whose tools are yet to be scripted.
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

  /// What a file of the clone holds; `nil` where there is none.
  public func text(_ name: String) -> String? {
    try? String(contentsOfFile: path(name), encoding: .utf8)
  }

  /// Writes a shell script that can be run, in the place of what is there.
  public func script(_ name: String, _ text: String) throws {
    let file = root.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    // Copied by another process: a test that forks while this one has the file open for writing would
    // keep it from being run.
    let source = try folder.write("#!/bin/sh\n\(text)\n", as: "script-\(UUID().uuidString)")
    let copy = try RunningTool(path: "/bin/cp", [source, file.path], environment: [:])
    guard copy.wait() == 0 else { throw POSIXError(.EIO) }
    try FileManager.default.removeItem(atPath: source)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
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

  /// Starts a program in the clone's folder, found on the path or in the clone's `bin`.
  public func start(
    _ program: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> RunningTool {
    let usual = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return try RunningTool(
      path: "/usr/bin/env", ["-C", root.path, program] + arguments,
      environment: environment.merging(["PATH": "\(path("bin")):\(usual)"]) { given, _ in given })
  }
}
