import Foundation

/// The executable of this process, and the project's other tools in its folder.
public enum OwnExecutable {
  /// The executable's file.
  public static var file: URL {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
  }

  /// The tool of a name in the same folder, whether it is there or not.
  public static func sibling(_ name: String) -> URL {
    file.deletingLastPathComponent().appendingPathComponent(name)
  }
}
