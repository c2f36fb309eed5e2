import CAISKernels

/// The thread pool that kernels and oneDNN share.
public enum Threads {
  /// Threads used by later work, this process over; at least 1.
  ///
  /// Default: all processors, or `OMP_NUM_THREADS`. On AVX-512 results do not depend on it; see the
  /// log for where they do.
  public static var count: Int {
    get { Int(ais_thread_count()) }
    set { ais_set_thread_count(Int32(clamping: newValue)) }
  }

  /// The instruction set that the project's own kernels run: `avx512`, `avx2` or `reference`.
  public static var instructionSet: String { String(cString: ais_isa_name(ais_active_isa())) }

  /// Runs `body` on disjoint ranges that cover `0..<count`, in parallel; rethrows the first error.
  static func ranges(
    _ count: Int, grain: Int, _ body: (Range<Int>) throws -> Void
  ) throws {
    try withoutActuallyEscaping(body) { body in
      let job = RangeJob(body: body)
      let context = Unmanaged.passUnretained(job).toOpaque()
      ais_parallel_ranges(
        count, grain,
        { context, begin, end in
          guard let context else { return }
          Unmanaged<RangeJob>.fromOpaque(context).takeUnretainedValue().run(begin..<end)
        }, context)
      try job.rethrow()
    }
  }
}

/// A Swift closure on its way through a C callback.
///
/// Ranges never overlap; only the error is shared.
private final class RangeJob {
  private let body: (Range<Int>) throws -> Void
  private let failure = FirstError()

  init(body: @escaping (Range<Int>) throws -> Void) { self.body = body }

  func run(_ range: Range<Int>) {
    do { try body(range) } catch { failure.record(error) }
  }

  func rethrow() throws {
    if let error = failure.error { throw error }
  }
}
