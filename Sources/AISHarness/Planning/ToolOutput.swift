import Foundation
import Glibc

/// What a tool that ends soon prints.
enum ToolOutput {
  /// Runs a tool to its end; its messages go where this process's go.
  ///
  /// - Returns: its exit status, and what it wrote to standard output.
  /// - Throws: `ChildProcessError` where it cannot be started.
  static func of(_ executable: URL, _ arguments: [String]) throws -> (status: Int32, text: String) {
    guard access(executable.path, X_OK) == 0 else {
      throw ChildProcessError(
        executable: executable.path, reason: String(cString: strerror(errno)))
    }
    let command = ([executable.path] + arguments).map(shellWord).joined(separator: " ")
    guard let pipe = popen(command + " </dev/null", "re") else {
      throw ChildProcessError(
        executable: executable.path, reason: String(cString: strerror(errno)))
    }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = fread(&buffer, 1, buffer.count, pipe)
      guard count > 0 else { break }
      output += buffer[..<count]
    }
    let status = pclose(pipe)
    let signal = status & 0x7F
    return (
      signal == 0 ? (status >> 8) & 0xFF : 128 + signal, String(decoding: output, as: UTF8.self)
    )
  }
}
