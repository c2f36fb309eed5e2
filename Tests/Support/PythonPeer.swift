import Foundation

/// A Python interpreter that reads files from AIS and writes files for AIS.
///
/// `AIS_PYTHON` names one; `make test` makes one with the packages that the tests use.
public struct PythonPeer: Sendable {
  /// A script that ended with an error.
  public struct Failure: Error {
    /// What it printed.
    public let text: String
  }

  /// The interpreter's path.
  public let path: String

  /// An interpreter that imports all of `modules`, or `nil` with one line on standard error.
  ///
  /// `AIS_BENCH_PYTHON` may name one, too, which has the engines that benches measure against.
  public static func having(_ modules: String) -> PythonPeer? {
    let variables = ProcessInfo.processInfo.environment
    let named = [variables["AIS_PYTHON"], variables["AIS_BENCH_PYTHON"]]
    for case let path? in named + ["/usr/bin/python3"] where !path.isEmpty {
      let python = PythonPeer(path: path)
      if (try? python.run("import \(modules)")) != nil { return python }
    }
    let warning =
      "*** NO PYTHON WITH \(modules) (AIS_PYTHON names one): its checks are SKIPPED ***\n"
    FileHandle.standardError.write(Data(warning.utf8))
    return nil
  }

  /// Runs a script to its end and returns what it printed.
  ///
  /// Throws `Failure` if it ended with an error.
  @discardableResult
  public func run(_ script: String) throws -> String { try run(["-c", script]) }

  /// Runs a script's file to its end and returns what it printed.
  ///
  /// Throws `Failure` if it ended with an error.
  @discardableResult
  public func run(file: String, arguments: [String]) throws -> String {
    try run([file] + arguments)
  }

  private func run(_ arguments: [String]) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(text: text) }
    return text
  }
}
