/// What a result's rows were computed with, read from its list `library_versions`.
///
/// An entry of the list is a name, a space and a version. Two names are no library's: `device` and
/// `kernels`. A GPU's entry has its name and its driver's CUDA version.
struct ComputeFacts: Equatable {
  /// The name of the entry about the device.
  static let device = "device"
  /// The name of the entry about the kernels.
  static let kernels = "kernels"
  /// The device of a process that computes on its own processor.
  static let hostDevice = "cpu"

  /// The device; `cpu` in files that do not name one, since there was no other.
  let device: String
  /// The device's first word, as options name it: `cpu`, `cuda`.
  var kind: String { device.split(separator: " ").first.map(String.init) ?? device }
  /// The kernels' instruction set and the digest of their sources; `unknown` in older files.
  let kernels: String
  /// The libraries' versions by name, and the Swift compiler's.
  let libraries: [String: String]

  /// The facts in a result's provenance.
  init(of provenance: Provenance) {
    var facts: [String: String] = [:]
    for entry in provenance.libraryVersions {
      let parts = entry.split(separator: " ", maxSplits: 1).map(String.init)
      if let name = parts.first { facts[name] = parts.count > 1 ? parts[1] : "" }
    }
    device = facts.removeValue(forKey: Self.device) ?? Self.hostDevice
    kernels = facts.removeValue(forKey: Self.kernels) ?? "unknown"
    libraries = facts
  }
}
