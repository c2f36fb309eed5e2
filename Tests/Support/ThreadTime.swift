import Foundation

/// The processor time that `body` takes on the calling thread.
///
/// Tests of work on one thread bound this time and not the time that passes, which on a busy
/// machine is mostly other tests' work.
public func threadTime(of body: () throws -> Void) rethrows -> Duration {
  let start = threadTime()
  try body()
  return threadTime() - start
}

private func threadTime() -> Duration {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}
