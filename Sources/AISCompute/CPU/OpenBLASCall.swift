import CAISKernels
import COpenBLAS

/// Calls into OpenBLAS, one at a time in the process, each on the number of threads that it wants.
package enum OpenBLASCall {
  /// Runs a call on so many threads; calls do not nest.
  package static func run<Result>(threads: Int = Threads.count, _ call: () -> Result) -> Result {
    ais_openblas_begin_turn()
    defer { ais_openblas_end_turn() }
    openblas_set_num_threads(Int32(threads))
    return call()
  }
}
