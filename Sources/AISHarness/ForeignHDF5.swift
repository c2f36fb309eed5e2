import Foundation
import Glibc
import HDF5

/// Reading HDF5 files that this process did not write.
///
/// libhdf5 1.10 corrupts memory on some damaged files, and takes as much as they claim. So this
/// process never opens one: `ais-read-hdf5`, a program beside this one, does, within limits, and
/// ends where it must. A file has a process of its own, which costs a few milliseconds, so that
/// what a damaged one leaves behind cannot reach the next.
package enum ForeignHDF5 {
  /// What the file at `path` holds at these roots and below, and the attributes of its own root.
  ///
  /// - Throws: `HDF5Error` where the file is missing, none of HDF5's, damaged, or larger than
  ///   `HDF5ContentsLimits`; `ChildProcessError` where the program that reads it is missing.
  package static func read(_ path: String, roots: [String]) throws -> HDF5Contents {
    var status = stat()
    let size = stat(path, &status) == 0 ? Int(status.st_size) : 0
    let seconds = HDF5ContentsLimits.processorSeconds(fileSize: size)
    let output = try ChildProcess.output(
      of: program, [path] + roots, limit: HDF5ContentsLimits.bytes,
      seconds: 5 * Double(seconds), isQuiet: true)
    guard output.ending == .exited(0) else {
      throw HDF5Error.damage(path, "damage that ended its reader (\(output.ending))")
    }
    return try HDF5Contents(output.bytes, path: path)
  }

  /// The program that reads; it lies where the tools and the tests lie.
  private static let program = OwnExecutable.sibling("ais-read-hdf5")
}
