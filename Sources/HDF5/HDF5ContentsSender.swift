import Glibc

/// Reads a file of unknown origin for another process; this process may crash on the file.
///
/// The other process checks what it receives: `HDF5Contents(_:path:)`.
public enum HDF5ContentsSender {
  /// Limits this process, reads the file at `path`, and writes what it holds to `descriptor`.
  ///
  /// The root's attributes are always sent, objects only if they are one of `roots` or below one. A
  /// failure is sent too, instead of the rest.
  ///
  /// - Returns: whether everything was written.
  public static func send(_ path: String, roots: [String], to descriptor: CInt) -> Bool {
    limit(path)
    var sent = 0
    var encoder = HDF5ContentsEncoder { (bytes) throws(HDF5Error) in
      guard sent + bytes.count <= HDF5ContentsLimits.bytes else {
        throw HDF5Error(
          file: path, operation: "read",
          expected: "at most \(HDF5ContentsLimits.bytes) bytes of values", found: "more")
      }
      sent += bytes.count
      guard write(bytes, to: descriptor) else {
        throw HDF5Error(file: path, operation: "send", found: String(cString: strerror(errno)))
      }
    }
    do throws(HDF5Error) {
      do throws(HDF5Error) {
        var walk = HDF5ContentsWalk(roots: roots)
        let file = try HDF5File.open(path)
        try walk.visit(file, &encoder)
        // Closed before the end mark is sent: a damaged file may crash this process as late as
        // here.
        try file.close()
      } catch {
        try encoder.failure(error)
        return true
      }
      try encoder.end()
      return true
    } catch {
      return false
    }
  }

  /// Limits this process's resources: a forged file must not exhaust the machine.
  private static func limit(_ path: String) {
    var status = stat()
    let size = stat(path, &status) == 0 ? Int(status.st_size) : 0
    let seconds = HDF5ContentsLimits.processorSeconds(fileSize: size)
    set(__rlimit_resource_t(RLIMIT_CPU.rawValue), seconds)
    set(__rlimit_resource_t(RLIMIT_CORE.rawValue), 0)
    set(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), 0)
    set(__rlimit_resource_t(RLIMIT_AS.rawValue), addressSpace() + HDF5ContentsLimits.memory)
  }

  private static func set(_ resource: __rlimit_resource_t, _ value: Int) {
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return }
    limit.rlim_cur = min(limit.rlim_max, rlim_t(value))
    limit.rlim_max = limit.rlim_cur
    setrlimit(resource, &limit)
  }

  /// The current address space in bytes, including libraries and a sanitizer's reserve.
  private static func addressSpace() -> Int {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return 0 }
    defer { close(descriptor) }
    var text = [UInt8](repeating: 0, count: 64)
    let count = read(descriptor, &text, text.count)
    let digits = text.prefix(max(0, count)).prefix { $0 != UInt8(ascii: " ") }
    let pages = Int(String(decoding: digits, as: UTF8.self)) ?? 0
    return pages * Int(sysconf(CInt(_SC_PAGESIZE)))
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let written = Glibc.write(descriptor, part.baseAddress, part.count)
      if written < 0 && errno == EINTR { continue }
      if written <= 0 { return false }
      rest = rest.dropFirst(written)
    }
    return true
  }
}
