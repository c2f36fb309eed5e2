import Glibc
import HDF5

/// `ais-read-hdf5 FILE ROOT…`: what an HDF5 file holds at the roots and below, for the tools.
///
/// A damaged file may end this process; the tool that runs it then says so and goes on. The form
/// of its output is for that tool alone.
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
    // Nothing of what a damaged file left in memory is to be put in order.
    _exit(isSent ? 0 : 1)
  }
}
