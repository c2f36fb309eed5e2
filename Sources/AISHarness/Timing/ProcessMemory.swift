import CAISKernels
import Foundation

/// How much memory this process holds, according to Linux.
public enum ProcessMemory {
  /// Returns memory that was freed, but kept by the allocator, to the system.
  public static func returnFreeMemory() { ais_return_free_memory() }

  /// The largest growth of the process's resident memory while `body` runs, in bytes.
  ///
  /// Pages of mapped files count while they are resident. Freed memory is first returned to the
  /// system, since its reuse would not be seen.
  ///
  /// - Returns: bytes, or `nil` if unknown.
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
