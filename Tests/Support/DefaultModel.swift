import Foundation

/// The default model's file, as set-up leaves it in the cache.
public enum DefaultModel {
  /// Where the file is, or would be.
  public static let path: String = {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["AIS_CACHE"] ?? NSHomeDirectory() + "/.cache/ais"
    return cache + "/models/SmolLM2-135M-Instruct.Q4_1.gguf"
  }()

  /// True where set-up has fetched it; otherwise one line on standard error.
  public static let isPresent: Bool = {
    if FileManager.default.fileExists(atPath: path) { return true }
    let warning = "*** NO DEFAULT MODEL at \(path): its tests are SKIPPED ***\n"
    FileHandle.standardError.write(Data(warning.utf8))
    return false
  }()
}
