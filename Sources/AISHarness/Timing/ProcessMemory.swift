import CAISKernels
import Foundation

/// How much memory this process holds, as Linux tells.
public enum ProcessMemory {
  /// Gives memory that was freed, but kept for later, back to the system.
  public static func returnFreeMemory() { ais_return_free_memory() }

  /// Bytes that are added at most to the process's resident memory while `body` runs.
  ///
  /// Pages of mapped files count while they are resident. Memory that was freed earlier is given back to the
  /// system first, as what is taken from it would not be seen.
  ///
  /// - Returns: bytes, or `nil` where the system does not tell.
  public static func growth(during body: () throws -> Void) throws -> Int? {
    returnFreeMemory()
    // "5" sets the highest mark back to what is resident now: proc(5).
    let isReset =
      (try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))) != nil
    let before = status("VmRSS")
    try body()
    guard isReset, let before, let highest = status("VmHWM") else { return nil }
    return highest - before
  }

  /// A field of `/proc/self/status` in bytes, which writes it in KiB.
  private static func status(_ field: String) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
      return nil
    }
    for line in text.split(separator: "\n") where line.hasPrefix(field + ":") {
      return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
        .map { $0 << 10 }
    }
    return nil
  }
}
