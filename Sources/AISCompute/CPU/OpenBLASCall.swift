import CAISKernels
import COpenBLAS

/// Runs calls to OpenBLAS, one at a time in the process, each with its own number of threads.
package enum OpenBLASCall {
  /// Runs a call on `threads` threads.
  ///
  /// Calls must not nest.
  package static func run<Result>(threads: Int = Threads.count, _ call: () -> Result) -> Result {
    ais_openblas_begin_turn()
    defer { ais_openblas_end_turn() }
    openblas_set_num_threads(Int32(threads))
    return call()
  }
}
