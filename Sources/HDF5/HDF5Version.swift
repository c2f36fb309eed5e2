import CHDF5

/// The version of the libhdf5 that this process uses.
public enum HDF5Version {
  /// The library's version, as `1.10.8`, or `nil` if unknown.
  ///
  /// It is asked here, because all calls to the library must go through `HDF5Library`.
  public static func loaded() -> String? {
    HDF5Library.locked {
      var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
      guard H5get_libversion(&major, &minor, &release) >= 0 else { return nil }
      return "\(major).\(minor).\(release)"
    }
  }
}
