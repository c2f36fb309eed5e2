import Glibc

/// The lock on a file that one run writes.
enum FileLock {
  /// Takes the lock, waiting up to a second for it; says whether it was to be had.
  ///
  /// A process that is being started holds copies of its parent's files, and so of this lock, until
  /// it becomes another program: a lock may be held for a moment by nobody.
  static func take(_ descriptor: Int32) -> Bool {
    for attempt in 0..<50 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
      guard errno == EWOULDBLOCK else { return false }
      if attempt < 49 { usleep(20_000) }
    }
    return false
  }
}
