import CHDF5
import Glibc

/// Checks the part of a file that holds variable-length text, before the library reads it.
///
/// HDF5 keeps such text in "global heap collections", which have no checksum. libhdf5 1.10 copies
/// as many bytes as an object there claims to have, so one flipped bit overruns its buffer. So
/// every collection of a file is checked once, before its first text is read.
///
/// Source: HDF5 File Format Specification 3.0, section III.E.
final class HDF5TextHeap: @unchecked Sendable {
  private let path: String
  // Only touched inside `HDF5Library.locked`.
  private var isChecked = false

  /// The heap of the file at `path`; `trusted` if this process is creating the file.
  init(path: String, trusted: Bool) {
    self.path = path
    self.isChecked = trusted
  }

  /// Throws if a collection's objects don't fit each other; the file is scanned once.
  func check() throws(HDF5Error) {
    if isChecked { return }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw HDF5Error(
        file: path, operation: "open", expected: "a file", found: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size > 0 else { return }
    let size = Int(status.st_size)
    guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED
    else {
      throw HDF5Error(
        file: path, operation: "map", found: String(cString: strerror(errno)))
    }
    defer { munmap(base, size) }
    if let damage = Self.damage(in: UnsafeRawBufferPointer(start: base, count: size)) {
      throw HDF5Error(
        file: path, operation: "read text", expected: "an intact text heap",
        found: "damage at byte \(damage)")
    }
    isChecked = true
  }

  /// The offset of the first invalid object, or `nil`.
  static func damage(in file: UnsafeRawBufferPointer) -> Int? {
    guard let base = file.baseAddress else { return nil }
    // Signature, version 1, three reserved bytes.
    let header: [UInt8] = [0x47, 0x43, 0x4F, 0x4C, 1, 0, 0, 0]
    var start = 0
    while start < file.count,
      let hit = ais_h5_find(base + start, file.count - start, header, header.count)
    {
      let place = hit - base
      if let damage = damage(inCollectionAt: place, of: file) { return damage }
      start = place + header.count
    }
    return nil
  }

  private static func damage(
    inCollectionAt start: Int, of file: UnsafeRawBufferPointer
  ) -> Int? {
    guard let size = length(at: start + 8, of: file), size >= 16, size <= file.count - start else {
      return start
    }
    let end = start + size
    var place = start + 16
    while end - place >= 16 {
      let index = file.loadUnaligned(fromByteOffset: place, as: UInt16.self)
      guard let size = length(at: place + 8, of: file) else { return place }
      let room = end - place
      if index == 0 {
        // Free space counts its own header, and is the last object.
        return size == room ? nil : place
      }
      let data = place + 16
      guard size <= room - 16 else { return place }
      let padded = (size + 7) & ~7
      guard padded <= room - 16 else { return place }
      // Text holds no NUL and is padded only with NULs, so a wrong length is found.
      guard file[data..<data + size].allSatisfy({ $0 != 0 }),
        file[data + size..<data + padded].allSatisfy({ $0 == 0 })
      else { return place }
      place = data + padded
    }
    return nil
  }

  private static func length(at place: Int, of file: UnsafeRawBufferPointer) -> Int? {
    guard place <= file.count - 8 else { return nil }
    let length = file.loadUnaligned(fromByteOffset: place, as: UInt64.self)
    return Int(exactly: UInt64(littleEndian: length))
  }
}
