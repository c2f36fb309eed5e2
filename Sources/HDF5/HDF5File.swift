import CHDF5
import Glibc

/// An HDF5 file with one owner.
///
/// Objects are named by paths from the root (`/rows/kl_base_skip`, the leading slash optional).
/// `close` writes cached data and reports failures. Going out of scope closes too but cannot report
/// anything, so writers close explicitly. Files are written in the format of HDF5 1.10, which
/// checksums its metadata; deflated chunks carry their own checksum.
public struct HDF5File: ~Copyable {
  /// Whether a file can be changed.
  public enum Access: Sendable {
    /// Only read.
    case readOnly
    /// Read and changed.
    case readWrite
  }

  /// The path as it was given.
  public let path: String
  private(set) var id: hid_t
  /// The file's size when it was opened for reading, else 0.
  let fileSize: Int
  let textHeap: HDF5TextHeap
  /// The lock of a file on disk.
  private let lock: HDF5FileLock?

  private init(
    path: String, id: hid_t, fileSize: Int = 0, textHeap: HDF5TextHeap? = nil,
    isOnDisk: Bool = true
  ) {
    self.path = path
    self.id = id
    self.fileSize = fileSize
    lock = isOnDisk ? HDF5FileLock(of: id) : nil
    self.textHeap = textHeap ?? HDF5TextHeap(path: path, trusted: true)
  }

  deinit {
    let (id, lock) = (self.id, self.lock)
    if id >= 0 { HDF5Library.locked { _ = lock?.close(id) ?? H5Fclose(id) } }
  }

  /// Makes a new, empty file; replaces an existing one unless `replacing` is false.
  ///
  /// Throws `HDF5Error` if the folder is missing or unwritable, or the file is in use.
  public static func create(
    _ path: String, replacing: Bool = true
  ) throws(HDF5Error) -> HDF5File {
    let place = HDF5Place(file: path)
    return try HDF5Library.locked { () throws(HDF5Error) in
      if replacing { try requireRegularFile(path, orNothing: true, "create") }
      let access = try fileAccess(place)
      let flags = replacing ? ais_h5_truncate() : ais_h5_exclusive()
      let id = H5Fcreate(path, flags, ais_h5_default(), access.id)
      guard id >= 0 else { throw place.failure("create") }
      return HDF5File(path: path, id: id)
    }
  }

  /// Makes a new, empty file in memory; `image` returns its bytes.
  ///
  /// `path` only names it in errors.
  public static func createInMemory(_ path: String) throws(HDF5Error) -> HDF5File {
    let place = HDF5Place(file: path)
    return try HDF5Library.locked { () throws(HDF5Error) in
      let access = try fileAccess(place)
      try place.check(H5Pset_fapl_core(access.id, 1 << 20, false), "create in memory")
      let id = H5Fcreate(path, ais_h5_truncate(), ais_h5_default(), access.id)
      guard id >= 0 else { throw place.failure("create in memory") }
      return HDF5File(path: path, id: id, isOnDisk: false)
    }
  }

  /// Opens an existing file.
  ///
  /// Throws `HDF5Error` if it is missing, not a regular file, not HDF5, damaged, or in use.
  public static func open(
    _ path: String, _ access: Access = .readOnly
  ) throws(HDF5Error) -> HDF5File {
    let place = HDF5Place(file: path)
    return try HDF5Library.locked { () throws(HDF5Error) in
      let size = try requireRegularFile(path, orNothing: false, "open")
      let properties = try fileAccess(place)
      let textHeap = HDF5TextHeap(path: path, trusted: false)
      // Checked now if the file will be changed; else when text is first read.
      if access == .readWrite { try textHeap.check() }
      let flags = access == .readOnly ? ais_h5_read_only() : ais_h5_read_write()
      let id = H5Fopen(path, flags, properties.id)
      guard id >= 0 else {
        let error = place.failure("open")
        if H5Fis_hdf5(path) == 0 {
          throw place.mismatch("open", expected: "an HDF5 file", found: "\(size) other bytes")
        }
        throw error
      }
      return HDF5File(
        path: path, id: id, fileSize: access == .readOnly ? size : 0, textHeap: textHeap)
    }
  }

  /// Writes `path` completely or not at all: `body` fills a file beside it, which is then renamed.
  ///
  /// Throws `HDF5Error` if the file cannot be made, and what `body` throws; an earlier file at
  /// `path` is then untouched.
  public static func replace<Result>(
    _ path: String, _ body: (borrowing HDF5File) throws -> Result
  ) throws -> Result {
    let temporary = "\(path).writing-\(getpid())"
    var isInPlace = false
    defer { if !isInPlace { unlink(temporary) } }
    let result: Result
    do {
      let file = try create(temporary)
      result = try body(file)
      try file.close()
    } catch let error as HDF5Error where error.file == temporary {
      // Errors name `path`, since the caller does not know the file beside it.
      throw HDF5Error(
        file: path, object: error.object, operation: error.operation, expected: error.expected,
        found: error.found, detail: error.detail)
    }
    let descriptor = Glibc.open(temporary, O_RDONLY | O_CLOEXEC)
    let isSynced = descriptor >= 0 && fsync(descriptor) == 0
    if descriptor >= 0 { Glibc.close(descriptor) }
    guard isSynced, rename(temporary, path) == 0 else {
      throw HDF5Error(file: path, operation: "replace", found: String(cString: strerror(errno)))
    }
    isInPlace = true
    return result
  }

  /// Writes cached data and closes; datasets of this file are unusable afterwards.
  ///
  /// Throws `HDF5Error` if writing fails, on a full disk for instance.
  public consuming func close() throws(HDF5Error) {
    let (closing, lock) = (id, lock)
    id = -1
    let place = HDF5Place(file: path)
    try HDF5Library.locked { () throws(HDF5Error) in
      // Flushed first: if a close fails to write, the library keeps the file open.
      let flushed = H5Fflush(closing, H5F_SCOPE_GLOBAL)
      let error = flushed < 0 ? place.failure("write") : nil
      let closed = lock?.close(closing) ?? H5Fclose(closing)
      if let error { throw error }
      try place.check(closed, "close")
    }
  }

  /// Writes cached data to the file system.
  ///
  /// Throws `HDF5Error` if writing fails.
  public func flush() throws(HDF5Error) {
    let place = HDF5Place(file: path)
    try HDF5Library.locked { () throws(HDF5Error) in
      try place.check(H5Fflush(id, H5F_SCOPE_GLOBAL), "flush")
    }
  }

  /// The file's bytes as they would be on disk.
  ///
  /// Throws `HDF5Error` if cached data cannot be written to the image.
  public func image() throws(HDF5Error) -> [UInt8] {
    let place = HDF5Place(file: path)
    return try HDF5Library.locked { () throws(HDF5Error) in
      try place.check(H5Fflush(id, H5F_SCOPE_GLOBAL), "flush")
      let size = H5Fget_file_image(id, nil, 0)
      guard size >= 0 else { throw place.failure("take the bytes") }
      var bytes = [UInt8](repeating: 0, count: size)
      let taken = H5Fget_file_image(id, &bytes, size)
      guard taken == size else { throw place.failure("take the bytes") }
      HDF5Superblock.repairChecksum(&bytes)
      return bytes
    }
  }

  /// The place of an object, for its errors.
  func place(_ object: String) -> HDF5Place {
    HDF5Place(file: path, object: object.hasPrefix("/") ? object : "/" + object)
  }

  private static func fileAccess(_ place: HDF5Place) throws(HDF5Error) -> HDF5Handle {
    let list = try HDF5Handle(H5Pcreate(ais_h5_file_access()), place, "set up access")
    // The 1.10 format checksums metadata, and its attributes may be larger than 64 KiB.
    try place.check(
      H5Pset_libver_bounds(list.id, H5F_LIBVER_V110, H5F_LIBVER_V110), "set up access")
    // Datasets left open don't keep a closed file alive.
    try place.check(H5Pset_fclose_degree(list.id, H5F_CLOSE_STRONG), "set up access")
    // File systems without locks can be used too.
    try place.check(H5Pset_file_locking(list.id, true, true), "set up access")
    return list
  }

  /// The size of the regular file at `path`.
  ///
  /// Asked before the library opens it, because opening a pipe would wait for ever.
  @discardableResult
  private static func requireRegularFile(
    _ path: String, orNothing: Bool, _ operation: String
  ) throws(HDF5Error) -> Int {
    var status = stat()
    guard stat(path, &status) == 0 else {
      if orNothing { return 0 }
      throw HDF5Error(
        file: path, operation: operation, expected: "a file",
        found: String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let kind = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "something else"
      throw HDF5Error(
        file: path, operation: operation, expected: "a regular file", found: kind)
    }
    return Int(status.st_size)
  }
}
