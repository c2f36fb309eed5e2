import Glibc

/// The lock on a file that only one run may write.
enum FileLock {
  /// Takes the lock, waiting up to a second for it; returns whether that succeeded.
  ///
  /// A starting process holds copies of its parent's descriptors, and so of this lock, until it
  /// executes another program. So a lock may be held briefly although nobody uses the file.
  static func take(_ descriptor: Int32) -> Bool {
    for attempt in 0..<50 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
      guard errno == EWOULDBLOCK else { return false }
      if attempt < 49 { usleep(20_000) }
    }
    return false
  }

  /// Takes the lock, however long that takes; false if the file cannot be locked.
  static func wait(_ descriptor: CInt) -> Bool {
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { return false }
    }
    return true
  }

  /// Whether an open file still has this name: who had its lock before may have renamed or deleted it.
  static func isFile(_ descriptor: CInt, at path: String) -> Bool {
    var (mine, present) = (stat(), stat())
    return fstat(descriptor, &mine) == 0 && stat(path, &present) == 0
      && (mine.st_dev, mine.st_ino) == (present.st_dev, present.st_ino)
  }
}
