import Foundation

/// A model's file, as set-up leaves it in the cache.
public struct CachedModel: Sendable {
  /// The file's name.
  public let name: String
  /// The file's path, whether it exists or not.
  public let path: String
  /// True if set-up has fetched it; if not, a line on standard error says so.
  public let isPresent: Bool

  /// The default model, which set-up always fetches.
  public static let standard = CachedModel("SmolLM2-135M-Instruct.Q4_1.gguf")

  /// Gemma 3 270M, which set-up fetches for those who ask: `make model MODEL=gemma3-270m`.
  public static let gemma = CachedModel("gemma-3-270m-q4_k_m.gguf")

  /// Qwen2.5-Coder 0.5B, for those who ask: `make model MODEL=qwen2.5-coder-0.5b`.
  public static let qwenHalf = CachedModel("qwen2.5-coder-0.5b-instruct-q4_k_m.gguf")
  /// Qwen2.5-Coder 1.5B, likewise.
  public static let qwen = CachedModel("qwen2.5-coder-1.5b-instruct-q4_k_m.gguf")

  private init(_ file: String) {
    name = file
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["AIS_CACHE"] ?? NSHomeDirectory() + "/.cache/ais"
    path = "\(cache)/models/\(file)"
    isPresent = FileManager.default.fileExists(atPath: path)
    if !isPresent {
      let warning = "*** NO MODEL at \(path): its tests are SKIPPED ***\n"
      FileHandle.standardError.write(Data(warning.utf8))
    }
  }
}
