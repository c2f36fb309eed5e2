import CAISKernels

/// The thread pool that all kernels share.
public enum Threads {
  /// Threads that later work in this process uses; at least 1.
  ///
  /// Default: `OMP_NUM_THREADS` if set, or all processors. The project's own products give the same
  /// bits for any number of threads.
  public static var count: Int {
    get { Int(ais_thread_count()) }
    set { ais_set_thread_count(Int32(clamping: newValue)) }
  }

  /// The instruction set that the project's own kernels use: `avx512`, `avx2` or `reference`.
  public static var instructionSet: String { String(cString: ais_isa_name(ais_active_isa())) }

  /// Runs `body` on disjoint ranges that cover `0..<count`, in parallel; rethrows the first error.
  package static func ranges(
    _ count: Int, grain: Int, _ body: (Range<Int>) throws -> Void
  ) throws {
    let failure = FirstError()
    ranges(count, grain: grain) { range in
      do { try body(range) } catch { failure.record(error) }
    }
    if let error = failure.error { throw error }
  }

  /// Runs `body` on disjoint ranges that cover `0..<count`, in parallel.
  ///
  /// A range is at least `grain` long, unless `count` itself is less.
  static func ranges(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    withoutActuallyEscaping(body) { body in
      let job = RangeJob(body: body)
      withExtendedLifetime(job) {
        ais_parallel_ranges(
          count, grain,
          { context, begin, end in
            guard let context else { return }
            Unmanaged<RangeJob>.fromOpaque(context).takeUnretainedValue().body(begin..<end)
          }, Unmanaged.passUnretained(job).toOpaque())
      }
    }
  }
}

/// Carries a Swift closure through a C callback.
private final class RangeJob {
  let body: (Range<Int>) -> Void

  init(body: @escaping (Range<Int>) -> Void) { self.body = body }
}
