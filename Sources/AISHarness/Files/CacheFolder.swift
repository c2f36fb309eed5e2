import Foundation

/// The folder of everything that is kept between runs: models, data, digests.
///
/// `AIS_CACHE` moves it; without that it is `~/.cache/ais`. Set-up fills the same folder.
public enum CacheFolder {
  /// Where the cache lies, whether it exists or not.
  public static func location(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> URL {
    if let moved = environment["AIS_CACHE"], !moved.isEmpty {
      return URL(fileURLWithPath: moved, isDirectory: true)
    }
    let home = environment["HOME"] ?? NSHomeDirectory()
    return URL(fileURLWithPath: home, isDirectory: true)
      .appendingPathComponent(".cache/ais", isDirectory: true)
  }
}
