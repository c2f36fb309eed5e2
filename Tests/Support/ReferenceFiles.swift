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
  public static let golden = folder("golden", of: "REFERENCE VALUES", skipping: "golden tests")

  /// The folder of the real data files, or `nil` with one line on standard error.
  public static let data = folder("data", of: "DATA FILES", skipping: "tests on real data")

  /// The folder of files that are made to do harm, or `nil` with one line on standard error.
  public static let hostile = folder("hostile", of: "HOSTILE FILES", skipping: "tests on them")

  /// True where the reference values are present.
  public static var exist: Bool { golden != nil }

  /// True where the real data files are present.
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
