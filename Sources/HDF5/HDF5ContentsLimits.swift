/// How much is read of a file of unknown origin, and how long that may take.
///
/// Far above what any result or map holds, and low enough that a forged file costs little: the
/// sender keeps to them, and the receiver, which doesn't trust it, holds it to them.
public enum HDF5ContentsLimits {
  /// Elements of all datasets and attributes together.
  public static let elements = 1 << 23
  /// Bytes of all that is sent.
  public static let bytes = 256 << 20
  /// Objects in the file.
  public static let objects = 1 << 14
  /// Groups inside groups: names in a path.
  public static let depth = 8
  /// Bytes of address space that the sender may take beyond what it starts with.
  public static let memory = 1 << 30

  /// Seconds of processor time for a file of `fileSize` bytes: a hundred times what an intact one
  /// takes.
  public static func processorSeconds(fileSize: Int) -> Int { 2 + max(0, fileSize) / (2 << 20) }
}

/// What is left of `HDF5ContentsLimits` while a file is sent or received.
struct HDF5ContentsBudget {
  private var elements = HDF5ContentsLimits.elements
  private var objects = HDF5ContentsLimits.objects

  /// Counts `count` elements; false where they are too many.
  mutating func takeElements(_ count: Int) -> Bool {
    guard count >= 0, count <= elements else { return false }
    elements -= count
    return true
  }

  /// Counts an object; false where there are too many.
  mutating func takeObject() -> Bool {
    objects -= 1
    return objects >= 0
  }
}
