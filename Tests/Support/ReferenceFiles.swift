import Foundation

/// Finds reference values that independent implementations made.
///
/// They are not part of this repository. Tests that need them run if the folder `shared` exists
/// beside the checkout (or at `AIS_SHARED`); otherwise a visible message says that they were
/// skipped.
public enum ReferenceFiles {
  /// The repository's root folder.
  public static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The folder of reference values, or `nil` with one line on standard error.
  public static let golden = folder("golden", of: "REFERENCE VALUES", skipping: "golden tests")

  /// The folder of the real data files, or `nil` with one line on standard error.
  public static let data = folder("data", of: "DATA FILES", skipping: "tests on real data")

  /// The folder of hostile files, or `nil` with one line on standard error.
  public static let hostile = folder("hostile", of: "HOSTILE FILES", skipping: "tests on them")

  /// True if the reference values are present.
  public static var exist: Bool { golden != nil }

  /// True if the real data files are present.
  public static var dataExists: Bool { data != nil }

  private static func folder(
    _ name: String, of content: String, skipping tests: String
  ) -> URL? {
    let shared =
      ProcessInfo.processInfo.environment["AIS_SHARED"].map { URL(fileURLWithPath: $0) }
      ?? repository.deletingLastPathComponent().appendingPathComponent("shared")
    let folder = shared.appendingPathComponent(name)
    if FileManager.default.fileExists(atPath: folder.path) { return folder }
    let warning = "*** NO \(content) at \(folder.path): \(tests) are SKIPPED ***\n"
    FileHandle.standardError.write(Data(warning.utf8))
    return nil
  }
}
