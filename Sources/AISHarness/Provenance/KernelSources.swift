import Foundation

/// The C sources of the project's own kernels, which decide a row's digits.
package enum KernelSources {
  private static let folder = "Sources/CAISKernels"

  /// The digest of the sources that this executable was built from, as `digest` gives it.
  package static let own = digest(builtInto: OwnExecutable.file)

  /// The digest of the sources that an executable was built from.
  ///
  /// It is the SHA-256 of a list, sorted by name, of the digests and names of all `.c` and `.h`
  /// files of the kernels, in the clone that the executable lies in. Commits that don't change
  /// the kernels have the same.
  ///
  /// - Parameter executable: the executable's file.
  /// - Returns: 64 lowercase hexadecimal digits; `nil` if the executable is outside any clone, or
  ///   if a source is newer than it, and may not be what was compiled.
  package static func digest(builtInto executable: URL) -> String? {
    guard let built = changed(executable), let sources = sources(of: executable),
      let names = try? FileManager.default.subpathsOfDirectory(atPath: sources.path)
    else { return nil }
    var list = ""
    for name in names.sorted() where name.hasSuffix(".c") || name.hasSuffix(".h") {
      let file = sources.appendingPathComponent(name)
      guard let edited = changed(file), edited <= built,
        let digest = try? FileDigest.compute(path: file.path)
      else { return nil }
      list += "\(digest)  \(name)\n"
    }
    return list.isEmpty ? nil : SHA256.hexDigest(of: list)
  }

  /// The kernels' folder in the clone that a file lies in.
  private static func sources(of file: URL) -> URL? {
    var place = file.standardizedFileURL
    while place.path != "/" {
      place.deleteLastPathComponent()
      let sources = place.appendingPathComponent(folder)
      if FileManager.default.fileExists(atPath: sources.path) { return sources }
    }
    return nil
  }

  private static func changed(_ file: URL) -> Date? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
    return attributes?[.modificationDate] as? Date
  }
}
