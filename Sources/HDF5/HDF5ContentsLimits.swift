/// Limits on reading a file of unknown origin, in size and time.
///
/// They are far above any result or map, and low enough that a forged file does little harm. The
/// sender obeys them, and the receiver, which doesn't trust it, checks them.
public enum HDF5ContentsLimits {
  /// The most elements of all datasets and attributes together.
  public static let elements = 1 << 23
  /// The most bytes that are sent.
  public static let bytes = 256 << 20
  /// The most objects in the file.
  public static let objects = 1 << 14
  /// The deepest nesting of groups, as names in a path.
  public static let depth = 8
  /// Bytes of address space that the sender may take in addition to its initial ones.
  public static let memory = 1 << 30

  /// Seconds of processor time for a file of `fileSize` bytes: a hundred times what an intact one
  /// takes.
  public static func processorSeconds(fileSize: Int) -> Int { 2 + max(0, fileSize) / (2 << 20) }
}

/// The rest of `HDF5ContentsLimits` while a file is sent or received.
struct HDF5ContentsBudget {
  private var elements = HDF5ContentsLimits.elements
  private var objects = HDF5ContentsLimits.objects

  /// Counts `count` elements; false if they are too many.
  mutating func takeElements(_ count: Int) -> Bool {
    guard count >= 0, count <= elements else { return false }
    elements -= count
    return true
  }

  /// Counts an object; false if there are too many.
  mutating func takeObject() -> Bool {
    objects -= 1
    return objects >= 0
  }
}
