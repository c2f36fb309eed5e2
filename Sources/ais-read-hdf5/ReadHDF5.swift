import Glibc
import HDF5

/// `ais-read-hdf5 FILE ROOT…`: sends the tools the objects of an HDF5 file at the roots and below.
///
/// A damaged file may crash this process; the tool that started it then reports that and goes on.
/// Only that tool needs to understand the output.
@main
enum ReadHDF5 {
  static func main() {
    guard CommandLine.arguments.count > 1 else {
      let line = "ais-read-hdf5: expected a file; the tools run this to read HDF5 files\n"
      write(STDERR_FILENO, line, line.utf8.count)
      _exit(2)
    }
    let isSent = HDF5ContentsSender.send(
      CommandLine.arguments[1], roots: Array(CommandLine.arguments.dropFirst(2)),
      to: STDOUT_FILENO)
    // Exit without clean-up, since a damaged file may have corrupted memory.
    _exit(isSent ? 0 : 1)
  }
}
