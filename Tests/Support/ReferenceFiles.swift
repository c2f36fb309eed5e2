import Foundation

/// Where the reference values made by independent implementations lie, if they do.
///
/// They are not part of this repository. Tests that need them run when the folder `shared` lies
/// beside the checkout (or where `AIS_SHARED` points), and say loudly that they did not otherwise.
public enum ReferenceFiles {
  /// The repository's root folder.
  public static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The folder of reference values, or `nil` with one line on standard error.
  public static let golden: URL? = {
    let shared =
      ProcessInfo.processInfo.environment["AIS_SHARED"].map { URL(fileURLWithPath: $0) }
      ?? repository.deletingLastPathComponent().appendingPathComponent("shared")
    let folder = shared.appendingPathComponent("golden")
    if FileManager.default.fileExists(atPath: folder.path) { return folder }
    let warning = "*** NO REFERENCE VALUES at \(folder.path): golden tests are SKIPPED ***\n"
    FileHandle.standardError.write(Data(warning.utf8))
    return nil
  }()

  /// True where the reference values are present.
  public static var exist: Bool { golden != nil }
}
