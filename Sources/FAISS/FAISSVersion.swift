import CFAISSShim

/// The version of the libfaiss that is linked into this process.
public enum FAISSVersion {
  /// The version, as `1.7.3`.
  ///
  /// The library itself does not tell it; its headers, which come with it, do.
  public static let linked = String(cString: ais_faiss_version())
}
