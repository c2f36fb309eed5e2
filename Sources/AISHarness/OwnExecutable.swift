import Foundation

/// The executable of this process, and what lies beside it: the project's other tools.
public enum OwnExecutable {
  /// Its file.
  public static var file: URL {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
  }

  /// The tool of a name in the same folder, whether it is there or not.
  public static func sibling(_ name: String) -> URL {
    file.deletingLastPathComponent().appendingPathComponent(name)
  }
}
