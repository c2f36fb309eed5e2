import Foundation

/// A running tool of this project, started as a user's shell would.
public final class RunningTool {
  /// The path of a built tool, beside the tests or in the release folder; `nil`, with one line on
  /// standard error, if there is none.
  public static func path(of tool: String) -> String? {
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let places = [
      tests.deletingLastPathComponent().appendingPathComponent(tool),
      ReferenceFiles.repository.appendingPathComponent(".build/release/\(tool)"),
    ]
    if let place = places.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) {
      return place.path
    }
    FileHandle.standardError.write(
      Data("*** NO \(tool) HAS BEEN BUILT: its tests are SKIPPED ***\n".utf8))
    return nil
  }

  private var process: pid_t = 0
  private var status: Int32?
  private let folder: TemporaryFolder

  /// Starts a tool with these variables and no others.
  public convenience init(
    _ tool: String, _ arguments: [String], environment: [String: String]
  ) throws {
    try self.init(path: Self.path(of: tool) ?? "", arguments, environment: environment)
  }

  /// Starts any program with these variables and no others.
  public init(path: String, _ arguments: [String], environment: [String: String]) throws {
    folder = try TemporaryFolder()
    let words = [path] + arguments
    let variables = environment.map { "\($0.key)=\($0.value)" } + ["HOME=\(folder.url.path)"]
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    for (descriptor, name) in [(Int32(1), "out"), (2, "err")] {
      posix_spawn_file_actions_addopen(
        &files, descriptor, folder.path(name), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    }
    // The tests' threads block signals, and a child would inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    var (argv, envp) = (words.map { strdup($0) } + [nil], variables.map { strdup($0) } + [nil])
    defer { for text in argv + envp { free(text) } }
    let code = posix_spawn(&process, words[0], &files, &attributes, &argv, &envp)
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .ENOENT) }
  }

  deinit { if process != 0 { _ = end(SIGKILL) } }

  /// Sends a signal and waits.
  ///
  /// Returns the exit status of a tool that had ended before, as `wait` does.
  @discardableResult
  public func end(_ signal: Int32) -> Int32? {
    if process != 0 { kill(process, signal) }
    return wait()
  }

  /// The exit status, or `nil` if a signal ended it or ten minutes were not enough.
  public func wait() -> Int32? {
    wait { false }
    return status
  }

  /// Waits until `isDone` is true or the tool ends.
  ///
  /// It waits at most ten minutes, to end hanging tools: tests share the cores, and are slow at
  /// times.
  public func wait(until isDone: () throws -> Bool) rethrows {
    for _ in 0..<60_000 {
      if try !isRunning || isDone() { return }
      usleep(10_000)
    }
  }

  /// Whether it is still running.
  public var isRunning: Bool {
    guard process != 0 else { return false }
    var status: Int32 = 0
    guard waitpid(process, &status, WNOHANG) == process else { return true }
    process = 0
    self.status = status & 0x7F == 0 ? (status >> 8) & 0xFF : nil
    return false
  }

  /// What it has written to standard output so far.
  public var output: String { text("out") }
  /// What it has written to standard error so far.
  public var errors: String { text("err") }

  private func text(_ name: String) -> String {
    (try? String(contentsOfFile: folder.path(name), encoding: .utf8)) ?? ""
  }
}
