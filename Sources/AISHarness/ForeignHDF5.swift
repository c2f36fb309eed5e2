import Foundation
import Glibc
import HDF5

/// Reading HDF5 files that this process did not write.
///
/// libhdf5 1.10 corrupts memory on some damaged files, and allocates as much as they claim. So this
/// process never opens one: the program `ais-read-hdf5` beside this one does, within limits. Each
/// file has its own process (a few milliseconds), so that a damaged file cannot affect the next.
package enum ForeignHDF5 {
  /// The objects of the file at `path` at and below these roots, and its root's attributes.
  ///
  /// - Throws: `HDF5Error` if the file is missing, not HDF5, damaged, or larger than
  ///   `HDF5ContentsLimits`; `ChildProcessError` if the program that reads it is missing.
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

  /// The program that reads; it is in the folder of the tools and the tests.
  private static let program = OwnExecutable.sibling("ais-read-hdf5")
}
