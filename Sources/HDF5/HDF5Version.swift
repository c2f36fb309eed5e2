import CHDF5

/// Which libhdf5 this process uses.
public enum HDF5Version {
  /// The library's version, as `1.10.8`, or `nil` where it doesn't say.
  ///
  /// Asked here and not of the library itself: whoever calls it first must go by its one door.
  public static func loaded() -> String? {
    HDF5Library.locked {
      var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
      guard H5get_libversion(&major, &minor, &release) >= 0 else { return nil }
      return "\(major).\(minor).\(release)"
    }
  }
}
